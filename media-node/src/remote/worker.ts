import type { Handlers, RouterState, WebRtcServerState, workerMethods } from '@mediacluster/rope/contract';
import type { Worker, WorkerDump } from 'mediasoup/types';

import { listenServer } from './listen.ts';
import type { NodeContext } from './node-host.ts';
import { publish } from './publish.ts';

const find = ({ objects }: NodeContext, worker: number): Worker => objects.get<Worker>('worker', worker);

export const workerHandlers: Handlers<typeof workerMethods, NodeContext> = {
  'worker.dump': ({ worker }, context) => {
    const entity = find(context, worker);
    const own = context.host.ownServers.get(entity);
    return own ? entity.dump().then(dump => withoutServer(dump, own.id)) : entity.dump();
  },
  'worker.getResourceUsage': ({ worker }, context) => find(context, worker).getResourceUsage(),
  'worker.updateSettings': ({ worker, settings }, context) => find(context, worker).updateSettings(settings),
  'worker.createWebRtcServer': async ({ worker, options, appData }, context) => {
    const server = await find(context, worker).createWebRtcServer({ ...options, listenInfos: listenServer(options?.listenInfos, context.host.listen) });
    return publish<WebRtcServerState>(context.objects, 'webRtcServer', server, { parent: worker, appData });
  },
  'worker.createRouter': async ({ worker, options, appData }, context) => {
    const entity = find(context, worker);
    const router = await entity.createRouter(options);
    context.host.workerOf.set(router, entity);
    return publish<RouterState>(context.objects, 'router', router, { parent: worker, appData });
  },
  'worker.close': ({ worker }, context) => find(context, worker).close(),
};

/** The worker's own server is the node's affair: an app that compares dumps with what it made must not find it. */
function withoutServer(dump: WorkerDump, id: string): WorkerDump {
  const others = (handler: string): boolean => handler !== id;
  const { channelRequestHandlers, channelNotificationHandlers } = dump.channelMessageHandlers;
  return {
    ...dump,
    webRtcServerIds: dump.webRtcServerIds.filter(others),
    channelMessageHandlers: {
      channelRequestHandlers: channelRequestHandlers.filter(others),
      channelNotificationHandlers: channelNotificationHandlers.filter(others),
    },
  };
}
