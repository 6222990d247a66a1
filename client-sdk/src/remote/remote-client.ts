import type { ConnectionOptions } from 'node:tls';

import { ConnectionLostError, RopeClient } from '@mediacluster/rope';
import type { LossReason, RopeClientOptions, WebSocketConstructor, WebSocketLike } from '@mediacluster/rope';
import { methods } from '@mediacluster/rope/contract';
import type { LogLine, Methods, NodePayload } from '@mediacluster/rope/contract';
import createDebug from 'debug';
import type { Worker } from 'mediasoup/types';
import { WebSocket } from 'ws';

import { DestroyedError, IncompatibleError, NoCapacityError, NodeDrainingError } from '../errors.ts';
import type { MediasoupManager, MediasoupModule, MediasoupObject, NodeInfo, NodeStats } from '../manager.ts';
import { objectId } from './internals.ts';
import { EnhancedEventEmitter, NotFoundError, UnsupportedError, WorkerClosedError } from './local-half.ts';
import { RemoteMediasoup } from './mediasoup.ts';
import type { MediasoupHome } from './mediasoup.ts';
import { Mirrors, mirrorOf, workersOf } from './mirrors.ts';
import { RemoteObject } from './remote-object.ts';

const log = createDebug('mediacluster:remote');

/** Options of a `RemoteMediasoupClient`, all optional. */
export interface RemoteMediasoupClientOptions extends Omit<RopeClientOptions<Methods>, 'host' | 'methods' | 'errorClasses' | 'notices'> {
  /** For `wss://`, as Node's `tls.connect()` takes them. */
  readonly tls?: ClientTlsOptions;
}

/** Whom to trust, and what to show of oneself. */
export type ClientTlsOptions = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;

/** What `inspect()` tells. */
export type LinkInspection = ReturnType<RopeClient['inspect']>;

/** What `metrics` holds. */
export type LinkMetrics = RopeClient['metrics'];

/** Events of a `RemoteMediasoupClient`. */
export type RemoteMediasoupClientEvents = {
  /** Connecting has begun. */
  open: [];
  /** The socket is up. */
  websocketOpen: [];
  /** There is a mediasoup; without an argument: there is none any more. */
  mediasoup: [mediasoup?: MediasoupModule];
  /** The node's state has arrived: for the first time, or again. */
  connected: [];
  /** The link broke; it may return. */
  disconnected: [];
  websocketClose: [wasClean: boolean];
  /** By `close()` or `destroy()`. */
  close: [];
  error: [Error];
  /** The node is gone without a word; its workers have emitted `died`. */
  lost: [LossReason];
  /** The node leaves as planned; its workers are closed, without a `died`. */
  goodbye: [reason: string];
  draining: [boolean];
};

/**
 * One media node as a manager.
 *
 *     CLOSED ─ open() ─▶ CONNECTING ─▶ OPEN ─▶ CONNECTED        events: open, websocketOpen, mediasoup, connected
 *                            ▲                     │
 *                            └──── link broken ◀───┘            disconnected, websocketClose; later connected again, or lost
 *
 * It reconnects by itself until `close()` or `destroy()`. Meanwhile `mediasoup` keeps its state: getters can be read, calls wait for the
 * connection until their deadline.
 */
export class RemoteMediasoupClient extends EnhancedEventEmitter<RemoteMediasoupClientEvents> implements MediasoupManager {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** The node's state has arrived too. */
  static readonly CONNECTED = 4;

  readonly #rope: RopeClient<Methods>;
  readonly #mediasoup: RemoteMediasoup;
  #node: NodeInfo | undefined;
  #available = false;
  #destroyed = false;

  /**
   * Opens at once when there is a url; nothing is emitted before the constructor has returned.
   *
   * @param url of the node, `ws://host:port`; or the options with a `url` among them
   */
  constructor(url?: string | RemoteMediasoupClientOptions, options: RemoteMediasoupClientOptions = {}) {
    super();
    const given: RemoteMediasoupClientOptions = typeof url === 'object' ? url : { ...options, url: url ?? options.url };
    this.#mediasoup = new RemoteMediasoup(() => this.#home());
    const { tls, ...rope } = given;
    this.#rope = new RopeClient({
      clientName: 'mediacluster-sdk',
      ...rope,
      WebSocket: withTls(given.WebSocket ?? WebSocket, tls),
      methods,
      notices: { 'mediasoup.log': line => this.#mediasoup.logged(line as unknown as LogLine) },
      errorClasses: { NotFoundError, UnsupportedError, WorkerClosedError, NoCapacityError, NodeDrainingError, IncompatibleError },
      host: new Mirrors(this.#mediasoup, () => this.#rope.replica),
    });
    this.#follow();
    if (given.url !== undefined) this.#rope.open(given.url);
  }

  /** mediasoup's module on the node; absent before the first connection and after `close()`. */
  get mediasoup(): MediasoupModule | undefined {
    return this.#available ? this.#mediasoup.module : undefined;
  }

  /** WebSocket's states, and 4 once the node's state has arrived. */
  get readyState(): 0 | 1 | 2 | 3 | 4 {
    return this.#rope.readyState;
  }

  /** Whether calls are sent at once; they wait otherwise. */
  get connected(): boolean {
    return this.readyState === RemoteMediasoupClient.CONNECTED;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** The node that answered last. */
  get node(): NodeInfo | undefined {
    return this.#node;
  }

  /** The node takes no new workers. */
  get draining(): boolean {
    return this.#rope.draining;
  }

  get url(): string | undefined {
    return this.#rope.url;
  }

  /**
   * The workers that are known now, in the order of their creation: those that this client made, and with a `scope` or an `ownerId`
   * those of others.
   */
  get workers(): Iterable<Worker> {
    return workersOf(this.#rope.replica.roots());
  }

  /** What is below an object of this client, in the order of creation; nothing for one that is closed, or another's. */
  childrenOf(object: MediasoupObject): MediasoupObject[] {
    if (!(object instanceof RemoteObject)) return [];
    const { replica } = this.#rope;
    const number = object[objectId];
    if (mirrorOf(replica.get(number)) !== object) return [];
    return [...replica.children(number)].map(mirrorOf).filter(mirror => mirror !== undefined) as unknown[] as MediasoupObject[];
  }

  /**
   * Connects again after `close()`, or for the first time.
   *
   * @param url default: the last one
   * @throws DestroyedError after `destroy()`; Error when it is open already or there never was a url
   */
  open(url?: string): this {
    if (this.#destroyed) throw new DestroyedError('this client is destroyed: make a new one');
    this.#rope.open(url);
    return this;
  }

  /** Leaves the node, which closes what this client made there; `open()` connects again. Safe to call twice. */
  close(): void {
    this.#rope.close();
  }

  /** As `close()`, for good. Safe to call twice. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#rope.destroy();
  }

  /** The load of the node; `undefined` when it is not connected. */
  async getStats(): Promise<NodeStats | undefined> {
    if (!this.connected) return undefined;
    try {
      return await this.#rope.request('node.getStats', {});
    } catch (error) {
      if (error instanceof ConnectionLostError) return undefined;
      throw error;
    }
  }

  /** How the link and its session stand, as plain data: numbers sent and received, what waits, which calls are under way and for how long. */
  inspect(): LinkInspection {
    return this.#rope.inspect();
  }

  /** Counts since the client was made (calls by method and outcome, latencies, resumes, bytes), for whoever exports metrics. */
  get metrics(): LinkMetrics {
    return this.#rope.metrics;
  }

  /** Discovery no longer lists the node: when its link is broken, now or later, it is lost at once. */
  unlisted(): void {
    this.#rope.unlisted();
  }

  /** Takes `unlisted()` back. */
  listed(): void {
    this.#rope.listed();
  }

  #follow(): void {
    const rope = this.#rope;
    this.on('listenererror', (event, error) => log('a listener of %s threw: %o', event, error));
    rope.on('open', () => this.safeEmit('open'));
    rope.on('websocketOpen', () => this.safeEmit('websocketOpen'));
    rope.on('connected', ({ resume }) => {
      this.#home(); // who answered, from now on
      if (resume === 'new') this.#mediasoup.sessionBegan();
      if (!this.#available) {
        this.#available = true;
        this.safeEmit('mediasoup', this.#mediasoup.module);
      }
      this.safeEmit('connected');
    });
    rope.on('disconnected', () => this.safeEmit('disconnected'));
    rope.on('websocketClose', wasClean => this.safeEmit('websocketClose', wasClean));
    rope.on('close', () => {
      if (this.#available) {
        this.#available = false;
        this.safeEmit('mediasoup');
      }
      this.safeEmit('close');
    });
    rope.on('error', error => {
      log('%s: %s', rope.url, error.message);
      // Without a listener it would be thrown: a node that cannot be reached must not end the app.
      if (this.listenerCount('error') > 0) this.safeEmit('error', error);
    });
    rope.on('lost', reason => this.safeEmit('lost', reason));
    rope.on('goodbye', reason => this.safeEmit('goodbye', reason));
    rope.on('draining', draining => this.safeEmit('draining', draining));
  }

  #home(): MediasoupHome {
    const node = this.#rope.node!; // there is no mediasoup, and so nobody who asks, before the first node has answered
    const payload = this.#rope.payload as NodePayload;
    if (node.epoch !== this.#node?.epoch) {
      const { mediasoupVersion, pipeAddress } = payload;
      this.#node = { ...node, mediasoupVersion, pipeAddress };
    }
    return { wire: this.#rope, node: this.#node, payload };
  }
}

/** What TLS needs is handed to the constructor behind what a browser's takes. */
function withTls(Constructor: WebSocketConstructor, tls: ClientTlsOptions | undefined): WebSocketConstructor {
  if (!tls) return Constructor;
  const WithOptions = Constructor as new (url: string, protocols: string[], options: ClientTlsOptions) => WebSocketLike;
  return class extends WithOptions {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, tls!);
    }
  };
}
