import type { BackoffOptions } from '../backoff.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { MethodTable, NotificationNames, ParamsOf, RequestNames, ResultOf } from '../contract/contract.ts';
import { CallCounters } from '../counters.ts';
import { Emitter, guarded } from '../emitter.ts';
import { NotConnectedError, ProtocolError } from '../errors.ts';
import { decodeError } from '../protocol/error-mapping.ts';
import type { ErrorClasses } from '../protocol/error-mapping.ts';
import type { NodeIdentity, Scope } from '../protocol/message.ts';
import { decodeRich } from '../protocol/rich.ts';
import { Session } from '../session/session.ts';
import type { CallOutcome, RequestOptions } from '../session/session.ts';
import type { Connector } from '../session/transport.ts';
import { webSocketConnector } from '../session/websocket-transport.ts';
import type { WebSocketConstructor } from '../session/websocket-transport.ts';
import { Replica } from '../state/replica.ts';
import type { ReplicaHost } from '../state/replica.ts';
import { Connection } from './connection.ts';
import type { TokenSource } from './connection.ts';
import { READY_STATE } from './events.ts';
import type { ReadyState, RopeClientEvents } from './events.ts';
import { heed } from './heed.ts';
import type { RopeClientInspection, RopeClientMetrics } from './inspection.ts';
import { SharedValues } from './shared-values.ts';

/** What a client is made of. */
export interface RopeClientOptions<Methods extends MethodTable> {
  /** `ws://host:port`. Can be given to `open()` instead. */
  readonly url?: string;
  readonly host: ReplicaHost;
  /** The contract; tells which results hold more than JSON, what is media, and which parameters are sent once. */
  readonly methods?: Methods;
  /** Default: the platform's own, which cannot tell that an address refuses: then a loss is known by the lease, or by `unlisted()`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Takes the place of `WebSocket`: another way to reach the server. */
  readonly connect?: Connector;
  /** Who is calling, for the server's logs; 200 characters at most. Default: `rope`. */
  readonly clientName?: string;
  /** Proves who it is to a server that asks; a function is asked at every attempt to connect. Default: nothing. */
  readonly token?: TokenSource;
  /** What it sees and may do. Default: `own`. */
  readonly scope?: Scope;
  /** Whose objects it makes and finds, beyond one session; up to 200 characters. Default: each session's own. */
  readonly ownerId?: string;
  /** What to do with notifications of the contract, by method. */
  readonly notices?: Readonly<Record<string, (params: Record<string, unknown>) => void>>;
  /** From a call to its answer. Default: 30 s. */
  readonly requestTimeoutMs?: number;
  /** From the attempt to the welcome. Default: 10 s. */
  readonly connectTimeoutMs?: number;
  /** What may wait to be sent or acknowledged; beyond it calls reject with a QueueFullError. Default: 8 MiB. */
  readonly maxQueueBytes?: number;
  readonly backoff?: BackoffOptions;
  /** Classes that received errors become again, by name. */
  readonly errorClasses?: ErrorClasses;
  readonly clock?: Clock;
  /** For the jitter of the back-off. Default: Math.random. */
  readonly random?: () => number;
}

/**
 * The client's half: one server's objects as a replica, and calls to them. While it is not connected, calls wait and the
 * replica can be read. A broken link is made again, and nothing is lost by it; when the node is known to be gone the replica
 * is emptied (`host.lost`), and the client goes on trying.
 */
export class RopeClient<Methods extends MethodTable = MethodTable> extends Emitter<RopeClientEvents> {
  readonly replica: Replica;
  readonly #options: RopeClientOptions<Methods>;
  readonly #methods: MethodTable;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #counters = new CallCounters<CallOutcome>();
  #url: string | undefined;
  #destroyed = false;

  /** Does not connect by itself: call `open()`. */
  constructor(options: RopeClientOptions<Methods>) {
    super();
    this.#options = options;
    this.#methods = options.methods ?? {};
    this.#url = options.url;
    this.#clock = options.clock ?? systemClock;
    this.replica = new Replica(options.host);
    this.#connection = new Connection({
      clock: this.#clock,
      connector: options.connect ?? webSocketConnector(options.WebSocket ?? globalThis.WebSocket),
      backoff: options.backoff ?? {},
      random: options.random ?? Math.random,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      clientName: options.clientName ?? 'rope',
      scope: options.scope ?? 'own',
      token: options.token,
      ownerId: options.ownerId,
      errorClasses: options.errorClasses,
      replica: this.replica,
      emitter: this,
      newSession: () => this.#newSession(),
    });
  }

  get readyState(): ReadyState {
    return this.#connection.readyState;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** Who answered last. */
  get node(): NodeIdentity | undefined {
    return this.#connection.welcome?.node;
  }

  /** What the node said of itself last. */
  get payload(): unknown {
    return this.#connection.welcome?.payload;
  }

  /** The node wants nothing new. */
  get draining(): boolean {
    return this.#connection.draining;
  }

  /** Counts since the client was made, and a moment of it, for whoever exports metrics. */
  get metrics(): RopeClientMetrics {
    const state = this.#connection.session?.state;
    return {
      calls: this.#counters.calls(),
      latencies: this.#counters.latencies(),
      resumes: this.#connection.resumes,
      objects: this.replica.size,
      pendingCalls: state?.pending.length ?? 0,
      queuedMessages: state?.waiting ?? 0,
      queuedBytes: state?.keptBytes ?? 0,
      bytesSent: state?.bytesSent ?? 0,
      bytesReceived: state?.bytesReceived ?? 0,
    };
  }

  /** How it stands now, as plain data. */
  inspect(): RopeClientInspection {
    const { session, welcome, resumes } = this.#connection;
    return {
      url: this.#url,
      readyState: this.readyState,
      // The id as a whole is a secret.
      session: session && welcome?.session.id.slice(0, 8),
      node: welcome?.node,
      resumes,
      objects: this.replica.size,
      ...session?.state,
    };
  }

  /** Begins to connect, and goes on until `close()`. Throws when it is open already, was destroyed, or has no url. */
  open(url: string | undefined = this.#url): this {
    if (this.#destroyed) throw new Error('this client is destroyed; make another one');
    if (this.readyState !== READY_STATE.CLOSED) throw new Error(`this client is open already, at ${this.#url}; close() it first`);
    if (url === undefined) throw new TypeError('no url to open: give it to the constructor or to open()');
    this.#url = url;
    this.#connection.open(url);
    return this;
  }

  /**
   * Ends the session: the server closes its objects (unless they belong to an `ownerId` that another session has), the host
   * hears `left`. Can be opened again. Safe to call twice.
   */
  close(): void {
    this.#connection.close();
  }

  /** `close()` for good. Safe to call twice. */
  destroy(): void {
    this.#destroyed = true;
    this.close();
  }

  /**
   * Calls a method. Rejects with the server's error, or with one of ConnectionLostError and RequestTimeoutError (outcome
   * unknown), NotConnectedError (never sent), QueueFullError, MessageTooLargeError, or the signal's reason.
   */
  request<Name extends RequestNames<Methods> & string, Value = ResultOf<Methods[Name]>>(
    method: Name,
    params: ParamsOf<Methods[Name]>,
    options?: RequestOptions<ResultOf<Methods[Name]>, Value>,
  ): Promise<Value> {
    const { session } = this.#connection;
    if (!session) return Promise.reject(new NotConnectedError(`${method} was not sent: the client is closed`));
    return session.request(method, params, options);
  }

  /**
   * Tells the server something without an answer; without a link it waits. Media (as the contract says) are dropped when too
   * much waits. Does nothing when closed. Throws a MessageTooLargeError.
   */
  notify<Name extends NotificationNames<Methods> & string>(method: Name, params: ParamsOf<Methods[Name]>): void {
    const spec = this.#methods[method];
    this.#connection.session?.notify(method, params, spec?.kind === 'notification' && spec.media);
  }

  /** The node's endpoint is no longer listed: with the link broken, now or later, the node is gone at once. */
  unlisted(): void {
    this.#connection.unlisted();
  }

  /** Takes `unlisted()` back. */
  listed(): void {
    this.#connection.listed();
  }

  #newSession(): Session {
    const { errorClasses, requestTimeoutMs = 30_000, maxQueueBytes = 8 * 1_024 * 1_024 } = this.#options;
    // What has no answer cannot fail: it may exceed what calls may take by as much again.
    const bounds = { calls: maxQueueBytes, all: 2 * maxQueueBytes };
    let overflowing = false;
    const values = new SharedValues(message => message <= session.reached);
    const connection = this.#connection;
    const notices = {
      snapshotEnded: () => connection.snapshotEnded(),
      draining: (draining: boolean) => connection.setDraining(draining),
      goodbye: (reason: string) => connection.goodbye(reason),
      notice: (method: string, params: Record<string, unknown>) => this.#notice(method, params),
    };
    const session: Session = new Session({
      clock: this.#clock,
      requestTimeoutMs,
      bounds: () => bounds,
      handlers: {
        request: ({ method }) => {
          throw new ProtocolError(`a server asked its client for ${method}`);
        },
        notification: notification => heed(notification, this.replica, notices),
        failed: error => connection.failed(error),
        // The app is in the middle of a call that it made; it is told in a moment of its own.
        overflow: () => {
          if (!overflowing) this.#clock.immediate(() => overflowing && connection.session === session && connection.overflow());
          overflowing = true;
        },
        forgotten: () => {
          overflowing = false;
          values.clear();
        },
        prepare: (method, params, number) => {
          const spec = this.#methods[method];
          return spec?.kind === 'request' && spec.once.length > 0 ? values.replace(params, spec.once, number) : params;
        },
        settled: ({ method, number, atMs }, outcome, sent) => {
          if (!sent) values.withdrawn(number);
          this.#counters.count(method, outcome, outcome === 'ok' || outcome === 'error' ? this.#clock.nowMs() - atMs : undefined);
        },
        error: error => decodeError(error, errorClasses),
        result: (method, result) => {
          if (result === null) return undefined;
          const spec = this.#methods[method];
          return spec?.kind === 'request' && spec.rich ? decodeRich(result) : result;
        },
      },
    });
    return session;
  }

  #notice(method: string, params: Record<string, unknown>): void {
    const { notices = {} } = this.#options;
    if (Object.hasOwn(notices, method)) guarded(() => notices[method]!(params));
  }
}
