import type { NodeStats } from '@mediacluster/rope/contract';
import type { HandlerContext } from '@mediacluster/rope/server';
import type { Mediasoup } from '@mediacluster/sdk';
import type { Router, WebRtcServer, Worker } from 'mediasoup/types';

import type { ListenPolicy } from './listen.ts';
import type { LogFanout } from './log-fanout.ts';

/** What the handlers need of the node that serves them. */
export interface NodeHost {
  readonly mediasoup: Mediasoup;
  readonly listen: ListenPolicy;
  readonly workers: WorkerLimit;
  readonly logs: LogFanout;
  /** Whether a client may name the program that is started as worker. */
  readonly allowWorkerBin: boolean;
  /** The WebRtcServer that the node gave a worker; not an object of the app's, so it stands in no list. */
  readonly ownServers: WeakMap<Worker, WebRtcServer>;
  /** A router does not know its worker; the worker's own server is found by way of this. */
  readonly workerOf: WeakMap<Router, Worker>;
  getStats(): Promise<NodeStats | undefined>;
  log(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** How many workers the node may have. Counted from the call on, so that calls at once cannot pass the limit together. */
export interface WorkerLimit {
  /** Throws `NoCapacityError` when one more is too many; returns what gives the place back (safe to call twice). */
  take(): () => void;
}

/** What each handler is given: rope's view of the session, and the node. What a caller has given up is closed by rope, so none asks for its signal. */
export interface NodeContext extends Pick<HandlerContext, 'session' | 'objects'> {
  readonly host: NodeHost;
}
