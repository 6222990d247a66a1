import type { RouterRtpCapabilities, WorkerSettings } from 'mediasoup/types';

import { notification, request } from './contract.ts';
import type { Creation, ObjectId, ObjectRecord, SharedAppData } from './contract.ts';
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

/** Which of mediasoup's log lines a session wants to hear; `false` ends it. */
export interface LogLevels {
  readonly debug: boolean;
  readonly warn: boolean;
  readonly error: boolean;
}

/** One of mediasoup's log lines, as its `LogEventListeners` get it. */
export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly namespace: string;
  readonly log: string;
  /** Of `error` alone. */
  readonly error?: { readonly name: string; readonly message: string };
}

export const mediasoupMethods = {
  'mediasoup.createWorker': request<{ settings: RemoteWorkerSettings } & Creation, ObjectRecord<WorkerState>>(),
  /** What `setLogEventListeners()` asks for: from here on the node sends `mediasoup.log`. */
  'mediasoup.setLogLevels': notification<LogLevels>(),
  /** The app has replaced an object's `appData`. */
  'mediasoup.setAppData': notification<{ object: ObjectId; appData?: SharedAppData }>(),
} as const;

/** What a node tells its apps that is about no object. */
export interface NodeNotices {
  'mediasoup.log': LogLine;
}
