import type { Handlers, WorkerState, mediasoupMethods } from '@mediacluster/rope/contract';
import type { Worker } from 'mediasoup/types';

import { WorkerBinRefusedError } from '../errors.ts';
import { workerServerListenInfos } from './listen.ts';
import type { NodeContext, NodeHost } from './node-host.ts';
import { publish } from './publish.ts';

export const mediasoupHandlers: Handlers<typeof mediasoupMethods, NodeContext> = {
  'mediasoup.createWorker': async ({ settings, appData }, { host, objects }) => {
    // It would start any program of the node that a client names.
    if (settings?.workerBin !== undefined && !host.allowWorkerBin) throw new WorkerBinRefusedError();
    const giveBack = host.workers.take();
    let worker: Worker;
    try {
      worker = await host.mediasoup.createWorker(settings);
    } catch (error) {
      giveBack();
      throw error;
    }
    worker.observer.once('close', giveBack);
    if (host.listen.webRtcServer === 'auto') await giveOwnServer(worker, host);
    return publish<WorkerState>(objects, 'worker', worker, { appData });
  },
  'mediasoup.setLogLevels': (levels, { host, session }) => host.logs.set(session, levels),
  'mediasoup.setAppData': ({ object, appData }, { objects }) => objects.setAppData(object, appData),
};

/** A worker without its server would be of no use to an app that relies on it: it goes down with the failure. */
async function giveOwnServer(worker: Worker, host: NodeHost): Promise<void> {
  try {
    host.ownServers.set(worker, await worker.createWebRtcServer({ listenInfos: workerServerListenInfos(host.listen) }));
  } catch (error) {
    worker.close();
    throw error;
  }
}
