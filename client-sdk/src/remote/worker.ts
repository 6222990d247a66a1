import type { ReplicaRecord } from '@mediacluster/rope';
import type { WorkerState } from '@mediacluster/rope/contract';
import type {
  AppData, Router, RouterOptions, WebRtcServer, WebRtcServerOptions, Worker, WorkerDump, WorkerEvents, WorkerObserverEvents,
  WorkerResourceUsage, WorkerUpdateableSettings,
} from 'mediasoup/types';

import type { NodeInfo } from '../manager.ts';
import { nodeInfo } from '../node-name.ts';
import { checkAppData } from './checks.ts';
import {
  appeared, childEnded, closeChildren, closeState, create, end, endedByNode, leave, left, link, lost, objectId, request, state, tell, tellObserver,
} from './internals.ts';
import { ortc } from './local-half.ts';
import { RemoteObject } from './remote-object.ts';
import type { AnyChild, AnyMirror, Made } from './remote-object.ts';
import { RemoteRouter } from './router.ts';
import { RemoteWebRtcServer } from './web-rtc-server.ts';

/** A Worker in a media node. */
export class RemoteWorker<Data extends AppData = AppData>
  extends RemoteObject<WorkerEvents, WorkerObserverEvents, WorkerState, Data> implements Worker<Data> {
  static override readonly name: string = 'WorkerImpl';
  readonly #routers = new Set<RemoteRouter>();
  readonly #webRtcServers = new Set<RemoteWebRtcServer>();
  #died = false;
  #subprocessClosed = false;

  /** The process id on the node. */
  get pid(): number {
    return this[state].pid;
  }

  get died(): boolean {
    return this.#died;
  }

  get subprocessClosed(): boolean {
    return this.#subprocessClosed;
  }

  /** The node on which the worker lives. */
  get [nodeInfo](): NodeInfo {
    return this[link].node;
  }

  close(): void {
    if (this.closed) return;
    this[leave]('worker.close', { worker: this[objectId] });
    this[left]();
  }

  /** By the app, or with a node that leaves as planned. */
  [left](): void {
    if (this.closed) return;
    this[end]();
    // The node does not tell when the process has ended; in mediasoup too it does after everything that follows `close()` at once.
    setImmediate(() => {
      this.#subprocessClosed = true;
      this[tell]('subprocessclose');
    });
  }

  /** The process crashed, or its node is gone. */
  [lost](error: Error): void {
    if (this.closed) return;
    this.#died = true;
    this.#subprocessClosed = true;
    this[end]([['died', error], ['subprocessclose']]);
  }

  override [endedByNode](_event?: string, [error]: readonly unknown[] = []): void {
    this[lost](asError(error) ?? new Error(`worker is gone from node ${this[link].node.name} [pid:${this.pid}]`));
  }

  dump(): Promise<WorkerDump> {
    return this[request]('worker.dump', { worker: this[objectId] });
  }

  getResourceUsage(): Promise<WorkerResourceUsage> {
    return this[request]('worker.getResourceUsage', { worker: this[objectId] });
  }

  async updateSettings({ appData: _appData, ...settings }: WorkerUpdateableSettings<Data> & { appData?: Data } = {}): Promise<void> {
    return this[request]('worker.updateSettings', { worker: this[objectId], settings });
  }

  async createWebRtcServer<ServerData extends AppData = AppData>(
    { appData, ...options }: WebRtcServerOptions<ServerData>,
  ): Promise<WebRtcServer<ServerData>> {
    checkAppData(appData);
    // The node makes this check; on a closed worker it is not asked, and wrong arguments are told first.
    if (this.closed && !Array.isArray(options.listenInfos)) throw new TypeError('listenInfos is not iterable');
    return this[create]('worker.createWebRtcServer', { worker: this[objectId], options }, appData);
  }

  async createRouter<RouterData extends AppData = AppData>({ appData, ...options }: RouterOptions<RouterData> = {}): Promise<Router<RouterData>> {
    checkAppData(appData);
    if (this.closed) ortc.generateRouterRtpCapabilities(structuredClone(options.mediaCodecs));
    return this[create]('worker.createRouter', { worker: this[objectId], options }, appData);
  }

  override [appeared](record: ReplicaRecord, made?: Made): AnyChild | undefined {
    const init = { link: this[link], record, parent: this as unknown as AnyMirror, made };
    switch (record.type) {
      case 'router': {
        const router = new RemoteRouter(init);
        this.#routers.add(router);
        this[tellObserver]('newrouter', router);
        return router;
      }
      case 'webRtcServer': {
        const webRtcServer = new RemoteWebRtcServer(init);
        this.#webRtcServers.add(webRtcServer);
        this[tellObserver]('newwebrtcserver', webRtcServer);
        return webRtcServer;
      }
      default:
        return undefined;
    }
  }

  override [childEnded](child: unknown): void {
    this.#routers.delete(child as RemoteRouter);
    this.#webRtcServers.delete(child as RemoteWebRtcServer);
  }

  override [closeState](): void {
    this[link].end();
  }

  override [closeChildren](): void {
    for (const router of this.#routers) router.workerClosed();
    for (const webRtcServer of this.#webRtcServers) webRtcServer.workerClosed();
  }
}

/** The error of `died`; whoever sent it may have had no better form for it than its message. */
function asError(value: unknown): Error | undefined {
  if (value instanceof Error) return value;
  const message = typeof value === 'object' && value !== null ? (value as { message?: unknown }).message : value;
  return typeof message === 'string' ? new Error(message) : undefined;
}
