import { methods } from '@mediacluster/rope/contract';
import type { MethodHandlers, ObjectId } from '@mediacluster/rope/contract';
import type { HandlerContext } from '@mediacluster/rope/server';

import { consumerHandlers } from './consumer.ts';
import { dataConsumerHandlers } from './data-consumer.ts';
import { dataProducerHandlers } from './data-producer.ts';
import { mediasoupHandlers } from './mediasoup.ts';
import type { NodeContext, NodeHost } from './node-host.ts';
import { producerHandlers } from './producer.ts';
import { routerHandlers } from './router.ts';
import { rtpObserverHandlers } from './rtp-observer.ts';
import { statsHandlers } from './stats.ts';
import { transportHandlers, webRtcTransportHandlers } from './transport.ts';
import { webRtcServerHandlers } from './web-rtc-server.ts';
import { workerHandlers } from './worker.ts';

/** A method without a handler does not compile. */
const all: MethodHandlers<NodeContext> = {
  ...mediasoupHandlers,
  ...workerHandlers,
  ...webRtcServerHandlers,
  ...routerHandlers,
  ...transportHandlers,
  ...webRtcTransportHandlers,
  ...producerHandlers,
  ...consumerHandlers,
  ...dataProducerHandlers,
  ...dataConsumerHandlers,
  ...rtpObserverHandlers,
  ...statsHandlers,
};

type AnyHandler = (params: Record<string, unknown>, context: NodeContext) => unknown;

/** The handlers of a node: each is given the node, and what a call changed is told before it is answered. */
export function handlersOf(host: NodeHost): MethodHandlers<HandlerContext> {
  const bound = Object.entries(all as unknown as Record<string, AnyHandler>).map(([name, handler]) => {
    const spec = methods[name as keyof typeof methods];
    const changes = spec.kind === 'request' ? spec.changes : [];
    const target = name.startsWith('webRtcTransport.') ? 'transport' : name.slice(0, name.indexOf('.'));
    const plain: (params: Record<string, unknown>, context: HandlerContext) => unknown = (params, context) => handler(params, { session: context.session, objects: context.objects, host });
    if (changes.length === 0) return [name, plain] as const;
    return [name, (params: Record<string, unknown>, context: HandlerContext) => {
      const result = plain(params, context) as Promise<unknown>; // every call that changes state is async in mediasoup
      // Beside the promise, not behind it: one that settled later than others of its time would be answered after them.
      result.then(() => context.objects.refresh(params[target] as ObjectId, changes), () => {});
      return result;
    }] as const;
  });
  return Object.fromEntries(bound) as unknown as MethodHandlers<HandlerContext>;
}
