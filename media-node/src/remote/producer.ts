import type { Handlers, producerMethods } from '@mediacluster/rope/contract';
import type { Producer } from 'mediasoup/types';

import { bufferOf } from './bytes.ts';
import type { NodeContext } from './node-host.ts';

const find = ({ objects }: NodeContext, producer: number): Producer => objects.get<Producer>('producer', producer);

export const producerHandlers: Handlers<typeof producerMethods, NodeContext> = {
  'producer.dump': ({ producer }, context) => find(context, producer).dump(),
  'producer.getStats': ({ producer }, context) => find(context, producer).getStats(),
  'producer.pause': ({ producer }, context) => find(context, producer).pause(),
  'producer.resume': ({ producer }, context) => find(context, producer).resume(),
  'producer.enableTraceEvent': ({ producer, types }, context) => find(context, producer).enableTraceEvent(types),
  'producer.send': ({ producer, data }, context) => find(context, producer).send(bufferOf(data)),
  'producer.close': ({ producer }, context) => find(context, producer).close(),
};
