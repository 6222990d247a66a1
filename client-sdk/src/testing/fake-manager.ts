import type { EnhancedEventEmitter } from 'mediasoup/extras';
import type { AppData, LogEventListeners, Observer, ObserverEvents, Router, RouterEvents, RouterObserverEvents, RouterRtpCapabilities, Worker, WorkerEvents, WorkerObserverEvents, WorkerSettings } from 'mediasoup/types';

import type { Mediasoup, MediasoupManager, NodeAbilities, NodeInfo, NodeStats } from '../manager.ts';
import { ObjectEmitter } from '../object-emitter.ts';

/** What a `FakeManager` is, all optional. */
export interface FakeManagerOptions {
  readonly name?: string;
  readonly version?: string;
  readonly rtpCapabilities?: RouterRtpCapabilities;
  /** The pid of its first worker; the others follow. Default 1, as in a pod. */
  readonly firstPid?: number;
  /** Default true. */
  readonly connected?: boolean;
}

/** Events of a node's manager. */
export type FakeManagerEvents = {
  mediasoup: [Mediasoup | undefined]; connected: []; disconnected: []; error: [unknown]; lost: [string]; goodbye: [string]; draining: [boolean];
};

/** Ends with its worker, as mediasoup's. */
export class FakeRouter extends ObjectEmitter<RouterEvents> {
  readonly id: string = crypto.randomUUID();
  readonly observer: EnhancedEventEmitter<RouterObserverEvents> = new ObjectEmitter<RouterObserverEvents>();
  closed = false;
  appData: AppData;

  constructor(appData: AppData = {}) {
    super();
    this.appData = appData;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.observer.safeEmit('close');
  }

  workerClosed(): void {
    if (this.closed) return;
    this.closed = true;
    this.safeEmit('workerclose');
    this.observer.safeEmit('close');
  }
}

/** A worker without a process, which a test may let die. */
export class FakeWorker extends ObjectEmitter<WorkerEvents> {
  readonly pid: number;
  readonly observer: EnhancedEventEmitter<WorkerObserverEvents> = new ObjectEmitter<WorkerObserverEvents>();
  readonly routers: Set<FakeRouter> = new Set();
  closed = false;
  died = false;
  subprocessClosed = false;
  appData: AppData;

  constructor(pid: number, appData: AppData = {}) {
    super();
    this.pid = pid;
    this.appData = appData;
  }

  async createRouter({ appData }: { appData?: AppData } = {}): Promise<Router> {
    const router = new FakeRouter(appData);
    this.routers.add(router);
    router.observer.once('close', () => this.routers.delete(router));
    this.observer.safeEmit('newrouter', router as unknown as Router);
    return router as unknown as Router;
  }

  async dump(): Promise<{ pid: number }> {
    return { pid: this.pid };
  }

  close(): void {
    this.#end();
  }

  /** The process crashes, or the node is gone. */
  die(error: Error): void {
    this.#end(() => {
      this.safeEmit('died', error);
      this.safeEmit('subprocessclose');
    }, true);
  }

  #end(tell?: () => void, died = false): void {
    if (this.closed) return;
    this.closed = true;
    this.died = died;
    this.subprocessClosed = died;
    for (const router of this.routers) router.workerClosed();
    tell?.();
    this.observer.safeEmit('close');
  }
}

/**
 * A node's manager in memory, with a mediasoup that has workers and routers: what a `RemoteMediasoupClient` tells of its node, a test
 * lets happen here by one call each.
 */
export class FakeManager extends ObjectEmitter<FakeManagerEvents> implements MediasoupManager, NodeAbilities {
  readonly node: NodeInfo;
  readonly workers: FakeWorker[] = [];
  /** What the next call of createWorker() does in place of making one; taken anew at each call. */
  beforeWorker: () => Promise<void> = async () => {};
  stats: NodeStats | undefined;
  logListeners: LogEventListeners | undefined;
  draining = false;
  destroyed = false;
  unlistedTold = false;
  readonly #module: Mediasoup;
  #available: boolean;
  #connected: boolean;
  #nextPid: number;

  constructor({ name = 'fake', version = '3.27.1', rtpCapabilities = { codecs: [], headerExtensions: [] }, firstPid = 1, connected = true }: FakeManagerOptions = {}) {
    super();
    this.node = { id: name, name, epoch: '1', mediasoupVersion: version };
    this.#nextPid = firstPid;
    this.#available = this.#connected = connected;
    const observer: Observer = new ObjectEmitter<ObserverEvents>();
    this.#module = {
      version, observer, workerBin: '/fake', errors: { NotFoundError: class NotFoundError extends Error {} },
      getSupportedRtpCapabilities: () => structuredClone(rtpCapabilities),
      setLogEventListeners: (listeners?: LogEventListeners) => {
        this.logListeners = listeners;
      },
      createWorker: (settings?: WorkerSettings) => this.#createWorker(settings),
    } as unknown as Mediasoup;
  }

  get mediasoup(): Mediasoup | undefined {
    return this.#available ? this.#module : undefined;
  }

  get connected(): boolean {
    return this.#connected;
  }

  async getStats(): Promise<NodeStats | undefined> {
    return this.stats;
  }

  /** The link is up, for the first time or again. */
  connect(): void {
    const first = !this.#available;
    this.#available = this.#connected = true;
    if (first) this.safeEmit('mediasoup', this.#module);
    this.safeEmit('connected');
  }

  /** The link broke; it may return. */
  disconnect(): void {
    this.#connected = false;
    this.safeEmit('disconnected');
    if (this.unlistedTold) this.lose('unlisted');
  }

  /** The link could not be made, or said something else. */
  fail(error: unknown): void {
    this.safeEmit('error', error);
  }

  /** The node is gone without a word: its workers die. */
  lose(reason = 'refused'): void {
    this.#connected = false;
    for (const worker of this.workers) worker.die(new Error(`node ${this.node.name} is lost: ${reason}`));
    this.safeEmit('lost', reason);
  }

  /** The node leaves as planned: its workers close quietly. */
  sayGoodbye(): void {
    this.#connected = false;
    for (const worker of this.workers) worker.close();
    this.safeEmit('goodbye', 'planned');
  }

  drain(draining = true): void {
    this.draining = draining;
    this.safeEmit('draining', draining);
  }

  unlisted(): void {
    this.unlistedTold = true;
    if (!this.#connected && this.#available) this.lose('unlisted');
  }

  listed(): void {
    this.unlistedTold = false;
  }

  destroy(): void {
    this.destroyed = true;
    this.#connected = this.#available = false;
    for (const worker of this.workers) worker.close();
    this.safeEmit('mediasoup', undefined);
  }

  async #createWorker({ appData }: WorkerSettings = {}): Promise<Worker> {
    await this.beforeWorker();
    const worker = new FakeWorker(this.#nextPid++, appData);
    this.workers.push(worker);
    this.#module.observer.safeEmit('newworker', worker as unknown as Worker);
    return worker as unknown as Worker;
  }
}
