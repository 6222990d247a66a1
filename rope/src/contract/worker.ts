import type { RouterOptions, WebRtcServerOptions, WorkerDump, WorkerResourceUsage, WorkerUpdateableSettings } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, Creation, ObjectId, ObjectRecord } from './contract.ts';
import type { RouterState } from './router.ts';
import type { WebRtcServerState } from './web-rtc-server.ts';

export interface WorkerState {
  readonly pid: number;
}

export const workerClass = {
  state: ['pid'],
  events: { subprocessclose: { observer: false } },
  endings: ['died'],
} as const satisfies ClassSpec;

export const workerMethods = {
  'worker.dump': read<{ worker: ObjectId }, WorkerDump>(),
  'worker.getResourceUsage': read<{ worker: ObjectId }, WorkerResourceUsage>(),
  'worker.updateSettings': request<{ worker: ObjectId; settings: Omit<WorkerUpdateableSettings, 'appData'> }, void>(),
  'worker.createWebRtcServer': request<{ worker: ObjectId; options: Omit<WebRtcServerOptions, 'appData'> } & Creation, ObjectRecord<WebRtcServerState>>(),
  'worker.createRouter': request<{ worker: ObjectId; options: Omit<RouterOptions, 'appData'> } & Creation, ObjectRecord<RouterState>>(),
  'worker.close': notification<{ worker: ObjectId }>(),
} as const;
