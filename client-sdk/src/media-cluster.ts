import type { Clock } from '@mediacluster/rope';
import { systemClock } from '@mediacluster/rope';

import type { Discovery, Endpoint } from './discovery/discovery.ts';
import { follow } from './discovery/follow.ts';
import type { Following, NodeManager } from './discovery/follow.ts';
import { StaticDiscovery } from './discovery/static.ts';
import { ClusterUnreachableError, DestroyedError } from './errors.ts';
import { MediasoupHorizontal } from './horizontal/horizontal.ts';
import type { ManagerLike, MediasoupModule } from './manager.ts';
import { RemoteMediasoupClient } from './remote/remote-client.ts';
import type { RemoteMediasoupClientOptions } from './remote/remote-client.ts';

/** Where the nodes of a `MediaCluster` are, and how they are spoken with. */
export interface MediaClusterOptions {
  /** The nodes' addresses, `ws://host:port`. */
  readonly urls?: Iterable<string>;
  /** A source of them, in place of `urls`. */
  readonly discovery?: Discovery;
  /** How long `connect()` waits for the first node. Default 30 s. */
  readonly connectTimeoutMs?: number;
  /** For the client of each node. */
  readonly client?: Omit<RemoteMediasoupClientOptions, 'url'>;
  /** Makes the manager of an endpoint. Default: a `RemoteMediasoupClient`. */
  readonly connectNode?: (endpoint: Endpoint) => NodeManager;
  readonly clock?: Clock;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 30_000; // as long as any call may take

/**
 * Many media nodes as one mediasoup: a set of managers that fills itself from a list of addresses, or from a discovery.
 *
 *     const cluster = new MediaCluster({ urls: ['ws://10.0.0.1:4443', 'ws://10.0.0.2:4443'] });
 *     const { mediasoup } = await cluster.connect();
 */
export class MediaCluster extends MediasoupHorizontal {
  readonly #discovery: Discovery;
  readonly #options: MediaClusterOptions;
  readonly #clock: Clock;
  readonly #lastErrors = new WeakMap<ManagerLike, unknown>();
  readonly #destroying = new AbortController();
  #following: Following | undefined;

  constructor(options: MediaClusterOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#discovery = options.discovery ?? new StaticDiscovery(options.urls ?? []);
    this.on('memberError', (error, member) => this.#lastErrors.set(member, error));
  }

  /**
   * Looks for the nodes, from the first call on until `destroy()`, and resolves when one is connected. May be called again, also
   * after it has rejected.
   * @throws ClusterUnreachableError when that takes too long; it names what was found. DestroyedError.
   */
  connect(): Promise<this & { readonly mediasoup: MediasoupModule }> {
    if (this.destroyed) return Promise.reject(new DestroyedError('this cluster is destroyed: make a new one'));
    this.#following ??= follow(this.#discovery, this, endpoint => this.#connectNode(endpoint));
    return this.#firstNode();
  }

  /** Closes quietly what was made on the nodes and leaves them; no socket or timer keeps the process. Safe to call twice. */
  override destroy(): void {
    super.destroy();
    this.#following?.stop();
    this.#destroying.abort(new DestroyedError('this cluster was destroyed before a node was connected'));
  }

  #connectNode(endpoint: Endpoint): NodeManager {
    return this.#options.connectNode?.(endpoint) ?? new RemoteMediasoupClient(endpoint.url, this.#options.client);
  }

  async #firstNode(): Promise<this & { readonly mediasoup: MediasoupModule }> {
    if (this.connected) return this as this & { readonly mediasoup: MediasoupModule };
    const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { signal } = this.#destroying;
    const ended = (): void => reject(signal.reason as Error);
    const timer = this.#clock.setTimeout(() => reject(this.#unreachable(connectTimeoutMs)), connectTimeoutMs);
    signal.addEventListener('abort', ended);
    this.on('connected', resolve);
    try {
      await promise;
    } finally {
      this.#clock.clearTimeout(timer);
      signal.removeEventListener('abort', ended);
      this.off('connected', resolve);
    }
    return this as this & { readonly mediasoup: MediasoupModule };
  }

  #unreachable(afterMs: number): ClusterUnreachableError {
    const after = `no media node after ${afterMs / 1000} s`;
    const endpoints = this.#following?.endpoints ?? [];
    if (endpoints.length === 0) {
      const { found, text } = this.#discovery.explain();
      return new ClusterUnreachableError(`${after}: ${text}`, found);
    }
    if (!endpoints.some(({ ready }) => ready)) {
      return new ClusterUnreachableError(`${after}: ${endpoints.length} found, none of them ready: ${endpoints.map(nameOf).join(', ')}`, 'no-ready-endpoints');
    }
    const causes = [...this].filter(member => this.#lastErrors.has(member)).map(member => this.#lastErrors.get(member));
    const said = causes.length > 0 ? causes.map(String).join('; ') : 'none has answered';
    return new ClusterUnreachableError(`${after}: ${endpoints.map(nameOf).join(', ')} cannot be reached: ${said}`, 'unreachable', causes);
  }
}

function nameOf({ name, url }: Endpoint): string {
  return name ? `${name} (${url})` : url;
}
