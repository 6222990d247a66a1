import type { Server } from 'node:http';

import { methods } from '@mediacluster/rope/contract';
import type { Methods, NodePayload } from '@mediacluster/rope/contract';
import type { NodeIdentity } from '@mediacluster/rope';
import { RopeServer } from '@mediacluster/rope/server';
import type { RopeMetrics, RopeServerOptions } from '@mediacluster/rope/server';
import type { ManagerLike, Mediasoup } from '@mediacluster/sdk';

import { handlersOf } from './handlers.ts';
import type { ListenPolicy } from './listen.ts';
import { LogFanout } from './log-fanout.ts';
import type { NodeHost } from './node-host.ts';
import { checkParams } from './params.ts';
import { treeOf } from './status.ts';
import type { WorkerStatus } from './status.ts';
import { CountedWorkers } from './worker-limit.ts';

/** What a Remote Mediasoup server is made from; the limits are rope's, with rope's defaults. */
export interface RemoteServerOptions extends Pick<
  RopeServerOptions<Methods>,
  'authenticate' | 'leaseMs' | 'heartbeatMs' | 'maxMessageBytes' | 'maxPendingRequests' | 'maxRequestsPerSecond' | 'maxObjectsPerSession'
  | 'maxSessionsPerOwner' | 'maxSessionsPerPrincipal' | 'maxBufferedBytes' | 'maxReplayBytes' | 'maxReplayBytesInSum' | 'handshakeTimeoutMs' | 'sendFullErrors'
> {
  /** What is served: it must have its `mediasoup` by now. */
  readonly manager: ManagerLike;
  readonly node: NodeIdentity;
  readonly listen: ListenPolicy;
  /** Default: no limit. */
  readonly maxWorkers?: number;
  /** Let clients name the program that is started as worker. Default: false, since it may be any program of this host. */
  readonly allowWorkerBin?: boolean;
  readonly log?: NodeHost['log'];
}

/** Serves a manager's mediasoup over ROPE to any number of apps; each sees what it made itself. */
export class RemoteServer {
  readonly #rope: RopeServer<Methods>;
  readonly #workers: CountedWorkers;

  constructor({ manager, node, listen, maxWorkers = Number.POSITIVE_INFINITY, allowWorkerBin = false, log = () => {}, ...limits }: RemoteServerOptions) {
    const { mediasoup } = manager;
    if (!mediasoup) throw new TypeError('manager has no mediasoup yet: await its event `mediasoup` first');
    this.#workers = new CountedWorkers(maxWorkers);
    const logs = new LogFanout(mediasoup);
    const host: NodeHost = {
      mediasoup,
      listen,
      workers: this.#workers,
      logs,
      allowWorkerBin,
      ownServers: new WeakMap(),
      workerOf: new WeakMap(),
      getStats: () => manager.getStats(),
      log,
    };
    this.#rope = new RopeServer({ methods, handlers: handlersOf(host), node, payload: () => payloadOf(mediasoup, listen), check: checkParams, ...limits });
    this.#rope.on('sessionEnd', session => logs.forget(session));
  }

  /** Lets clients in through the upgrades of this HTTP server. */
  attach(server: Server): void {
    this.#rope.attach(server);
  }

  get sessionCount(): number {
    return this.#rope.sessions.size;
  }

  get workerCount(): number {
    return this.#workers.count;
  }

  /** A moment of its conversations. */
  get metrics(): RopeMetrics {
    return this.#rope.metrics;
  }

  /** How many objects there are of each class. */
  objectCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { type } of this.#rope.registry.entries()) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  }

  /** The workers and all that is in them, for `/status`. */
  status(): WorkerStatus[] {
    return treeOf(this.#rope.registry.entries());
  }

  /** Tells the clients that the node leaves as planned, closes what they made, and lets them go. */
  goodbye(reason: string): Promise<void> {
    return this.#rope.goodbye(reason);
  }

  /** Ends every connection at once and closes what they made. Safe to call twice. */
  close(): Promise<void> {
    return this.#rope.close();
  }
}

function payloadOf(mediasoup: Mediasoup, { pipeAddress }: ListenPolicy): NodePayload {
  return {
    mediasoupVersion: mediasoup.version,
    workerBin: mediasoup.workerBin,
    supportedRtpCapabilities: mediasoup.getSupportedRtpCapabilities(),
    pipeAddress,
  };
}
