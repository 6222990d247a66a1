import type { RouterRtpCapabilities, WorkerSettings } from 'mediasoup/types';

import { request } from './contract.ts';
import type { ObjectRecord } from './contract.ts';
import type { WorkerState } from './worker.ts';

/** What a media node tells in its welcome. */
export interface NodePayload {
  readonly mediasoupVersion: string;
  /** A path on the node; shown, never run from here. */
  readonly workerBin: string;
  readonly supportedRtpCapabilities: RouterRtpCapabilities;
  /** The address at which the node's pipes listen; absent when the node leaves it to mediasoup. */
  readonly pipeAddress?: string;
}

/** Settings that travel: `appData` stays with the app. */
export type RemoteWorkerSettings = Omit<WorkerSettings, 'appData'>;

export const mediasoupMethods = {
  'mediasoup.createWorker': request<{ settings: RemoteWorkerSettings }, ObjectRecord<WorkerState>>(),
} as const;
