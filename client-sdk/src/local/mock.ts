import type { EventEmitter } from 'node:events';

import { ConnectionLostError, NotConnectedError } from '@mediacluster/rope';
import createDebug from 'debug';
import type { Worker } from 'mediasoup/types';

import { DestroyedError } from '../errors.ts';
import type { Mediasoup, MediasoupManager, MediasoupModule, MediasoupObject, NodeInfo, NodeStats } from '../manager.ts';
import { ObjectEmitter } from '../object-emitter.ts';
import type { RemoteMediasoupClient, RemoteMediasoupClientEvents, RemoteMediasoupClientOptions } from '../remote/remote-client.ts';
import { thisNode } from '../this-node.ts';
import { Children } from './children.ts';
import { mediasoupGetStatsFactory } from './get-stats.ts';
import type { MediasoupGetStats } from './get-stats.ts';

const log = createDebug('mediacluster:mock');

const NO_RESUMES = { new: 0, replay: 0, snapshot: 0 };

/** What it has besides being an emitter; `open()` returns whoever it is called on. */
type Remote = Omit<RemoteMediasoupClient, keyof EventEmitter | 'safeEmit' | 'open'>;

/**
 * A `RemoteMediasoupClient` for the tests of an app: its members, events and states around the mediasoup of this process, which is
 * imported when it opens. The url must be given and is not used; of the options it heeds none but `url`. There is no link: nothing is
 * ever `disconnected`, `lost` or `draining`.
 */
export class RemoteMediasoupClientMock extends ObjectEmitter<RemoteMediasoupClientEvents> implements MediasoupManager, Remote {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static readonly CONNECTED = 4;

  readonly #workers = new Set<Worker>();
  readonly #children = new Children();
  #url: string | undefined;
  #readyState: RemoteMediasoupClient['readyState'] = RemoteMediasoupClientMock.CLOSED;
  /** Another one each time it opens: what was begun before has no effect any more. */
  #opening: object | undefined;
  #module: MediasoupModule | undefined;
  #stats: MediasoupGetStats | undefined;
  #node: NodeInfo | undefined;
  #available = false;
  #destroyed = false;

  /** Opens at once when there is a url; nothing is emitted before the constructor has returned. */
  constructor(url?: string | RemoteMediasoupClientOptions, options: RemoteMediasoupClientOptions = {}) {
    super();
    const given: RemoteMediasoupClientOptions = typeof url === 'object' ? url : { ...options, url: url ?? options.url };
    if (given.url !== undefined) this.open(given.url);
  }

  get mediasoup(): MediasoupModule | undefined {
    return this.#available ? this.#module : undefined;
  }

  get readyState(): RemoteMediasoupClient['readyState'] {
    return this.#readyState;
  }

  get connected(): boolean {
    return this.#readyState === RemoteMediasoupClientMock.CONNECTED;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** This process. */
  get node(): NodeInfo | undefined {
    return this.#node;
  }

  get draining(): boolean {
    return false;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** The workers that were made through this mock and are not closed. */
  get workers(): Iterable<Worker> {
    return this.#workers.values();
  }

  /** What is below one of its objects, in the order of creation. */
  childrenOf(object: MediasoupObject): MediasoupObject[] {
    return this.#children.of(object);
  }

  open(url: string | undefined = this.#url): this {
    if (this.#destroyed) throw new DestroyedError('this client is destroyed: make a new one');
    if (this.#opening) throw new Error(`this client is open already, at ${this.#url}; close() it first`);
    if (url === undefined) throw new TypeError('no url to open: give it to the constructor or to open()');
    this.#url = url;
    this.#readyState = RemoteMediasoupClientMock.CONNECTING;
    const opening = {};
    this.#opening = opening;
    void this.#connect(opening);
    return this;
  }

  /** Closes the workers that were made through this mock, as a node does. Safe to call twice. */
  close(): void {
    if (!this.#opening) return;
    this.#opening = undefined;
    this.#readyState = RemoteMediasoupClientMock.CLOSED;
    this.#stats?.close();
    this.#stats = undefined;
    for (const worker of this.#workers) worker.close();
    queueMicrotask(() => {
      if (this.#available) {
        this.#available = false;
        this.safeEmit('mediasoup');
      }
      this.safeEmit('close');
    });
  }

  destroy(): void {
    this.#destroyed = true;
    this.close();
  }

  async getStats(): Promise<NodeStats | undefined> {
    return this.connected ? this.#stats?.getStats() : undefined;
  }

  /** There is no link: nothing waits, and nothing was ever sent. */
  inspect(): ReturnType<RemoteMediasoupClient['inspect']> {
    return { url: this.#url, readyState: this.#readyState, session: undefined, node: this.#node, resumes: NO_RESUMES, objects: 0 };
  }

  get metrics(): RemoteMediasoupClient['metrics'] {
    return {
      calls: [], latencies: [], resumes: NO_RESUMES, objects: 0, pendingCalls: 0, queuedMessages: 0, queuedBytes: 0, bytesSent: 0, bytesReceived: 0,
    };
  }

  unlisted(): void {} // there is no link that could break

  listed(): void {}

  /** Each step comes in a macrotask of its own, as over a socket. */
  async #connect(opening: object): Promise<void> {
    await Promise.resolve();
    this.safeEmit('open');
    const mediasoup = await import('mediasoup').catch((error: unknown) => error as Error);
    if (this.#opening !== opening) return;
    if (!('createWorker' in mediasoup)) return this.#failed(mediasoup);
    this.#readyState = RemoteMediasoupClientMock.OPEN;
    this.safeEmit('websocketOpen');
    await new Promise(setImmediate);
    if (this.#opening !== opening) return;
    this.#module ??= this.#moduleAround(mediasoup);
    this.#node ??= thisNode(mediasoup.version);
    this.#stats = mediasoupGetStatsFactory(mediasoup);
    this.#readyState = RemoteMediasoupClientMock.CONNECTED;
    this.#available = true;
    this.safeEmit('mediasoup', this.#module);
    this.safeEmit('connected');
  }

  #failed(error: Error): void {
    log('mediasoup could not be imported: %s', error.message);
    if (this.listenerCount('error') > 0) this.safeEmit('error', new Error('mediasoup is not installed: the mock runs it in this process', { cause: error }));
    this.close();
  }

  /** mediasoup with a `createWorker()` that keeps to the states of a client, and remembers what it made. */
  #moduleAround(mediasoup: Mediasoup): MediasoupModule {
    const createWorker: Mediasoup['createWorker'] = async settings => {
      const opening = this.#opening;
      if (!opening) throw new NotConnectedError('mediasoup.createWorker was not sent: the client is closed');
      const worker = await mediasoup.createWorker(settings);
      if (this.#opening !== opening) {
        worker.close();
        throw new ConnectionLostError('the client was closed while mediasoup.createWorker was under way');
      }
      this.#workers.add(worker);
      worker.observer.once('close', () => this.#workers.delete(worker));
      this.#children.follow(worker);
      return worker;
    };
    const module = { ...mediasoup, createWorker };
    return Object.assign(module, { default: module });
  }
}
