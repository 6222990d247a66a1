import debug from 'debug';

import type { BackoffOptions } from '../backoff.ts';
import { systemClock } from '../clock.ts';
import type { Clock, Timer } from '../clock.ts';
import type { MethodTable, NotificationNames, ParamsOf, RequestNames, ResultOf } from '../contract/contract.ts';
import { Emitter } from '../emitter.ts';
import { NotConnectedError, ProtocolError } from '../errors.ts';
import { CLOSE, DESTROY } from '../protocol/close-codes.ts';
import { decodeFrame, encodeFrame } from '../protocol/codec.ts';
import { decodeError } from '../protocol/error-mapping.ts';
import type { ErrorClasses } from '../protocol/error-mapping.ts';
import type { Frame, NodeIdentity, WelcomeFrame } from '../protocol/message.ts';
import { decodeRich } from '../protocol/rich.ts';
import { PROTOCOL_VERSIONS } from '../protocol/version.ts';
import { Heartbeat } from '../session/heartbeat.ts';
import { Session } from '../session/session.ts';
import type { RequestOptions } from '../session/session.ts';
import type { Connector, Transport, TransportClose } from '../session/transport.ts';
import { webSocketConnector } from '../session/websocket-transport.ts';
import type { WebSocketConstructor } from '../session/websocket-transport.ts';
import { Replica } from '../state/replica.ts';
import type { LossReason, ReplicaHost } from '../state/replica.ts';
import { READY_STATE } from './events.ts';
import type { ReadyState, Resume, RopeClientEvents } from './events.ts';
import { heed } from './heed.ts';
import { Reconnect } from './reconnect.ts';

const log = debug('mediacluster:rope:client');
/** How long the peer has to answer our close frame before the socket is dropped. */
const CLOSE_TIMEOUT_MS = 1_000;

/** What a client is made of. */
export interface RopeClientOptions<Methods extends MethodTable> {
  /** `ws://host:port`. Can be given to `open()` instead. */
  readonly url?: string;
  readonly host: ReplicaHost;
  /** The contract; tells which results hold more than JSON. */
  readonly methods?: Methods;
  /** Default: the platform's own, which cannot tell that an address refuses: then a loss is known by the lease, or by `unlisted()`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Takes the place of `WebSocket`: another way to reach the server. */
  readonly connect?: Connector;
  /** Who is calling, for the server's logs; 200 characters at most. Default: `rope`. */
  readonly clientName?: string;
  /** From a call to its answer. Default: 30 s. */
  readonly requestTimeoutMs?: number;
  /** From the attempt to `connected`. Default: 10 s. */
  readonly connectTimeoutMs?: number;
  readonly backoff?: BackoffOptions;
  /** Classes that received errors become again, by name. */
  readonly errorClasses?: ErrorClasses;
  readonly clock?: Clock;
  /** For the jitter of the back-off. Default: Math.random. */
  readonly random?: () => number;
}

/** What is kept of the session across links. */
interface KnownSession {
  readonly id: string;
  readonly epoch: string;
  readonly leaseMs: number;
}

/**
 * The client's half: one server's objects as a replica, and calls to them.
 *
 *     CLOSED ── open() ──▶ CONNECTING ── socket ──▶ OPEN ── welcome, snapshot ──▶ CONNECTED
 *       ▲                      ▲                     │                               │
 *       └── close() ───────────└───── back-off ──────┴───────── link broken ─────────┘
 *
 * While it is not connected, calls wait and the replica can be read. When the node is known to be gone the replica is
 * emptied (`host.lost`), and the client goes on trying.
 */
export class RopeClient<Methods extends MethodTable = MethodTable> extends Emitter<RopeClientEvents> {
  readonly replica: Replica;
  readonly #options: RopeClientOptions<Methods>;
  readonly #clock: Clock;
  readonly #reconnect: Reconnect;
  readonly #connector: Connector;
  #url: string | undefined;
  #readyState: ReadyState = READY_STATE.CLOSED;
  #session: Session | undefined;
  #transport: Transport | undefined;
  #heartbeat: Heartbeat | undefined;
  #connectTimer: Timer;
  /** Of links that were hung up and have not ended yet. */
  readonly #hangUps = new WeakMap<Transport, Timer>();
  #leaseTimer: Timer;
  #leaseRuns = false;
  #known: KnownSession | undefined;
  #welcome: WelcomeFrame['welcome'] | undefined;
  #draining = false;
  #unlisted = false;
  #destroyed = false;

  /** Does not connect by itself: call `open()`. */
  constructor(options: RopeClientOptions<Methods>) {
    super();
    this.#options = options;
    this.#url = options.url;
    this.#clock = options.clock ?? systemClock;
    this.replica = new Replica(options.host);
    this.#connector = options.connect ?? webSocketConnector(options.WebSocket ?? globalThis.WebSocket);
    this.#reconnect = new Reconnect({
      clock: this.#clock,
      backoff: options.backoff ?? {},
      random: options.random ?? Math.random,
      attempt: () => this.#connect(),
    });
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** Who answered last. */
  get node(): NodeIdentity | undefined {
    return this.#welcome?.node;
  }

  /** What the node said of itself last. */
  get payload(): unknown {
    return this.#welcome?.payload;
  }

  /** The node wants nothing new. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Begins to connect, and goes on until `close()`. Throws when it is open already, was destroyed, or has no url. */
  open(url: string | undefined = this.#url): this {
    if (this.#destroyed) throw new Error('this client is destroyed; make another one');
    if (this.#readyState !== READY_STATE.CLOSED) throw new Error(`this client is open already, at ${this.#url}; close() it first`);
    if (url === undefined) throw new TypeError('no url to open: give it to the constructor or to open()');
    this.#url = url;
    this.#session = this.#newSession();
    this.#readyState = READY_STATE.CONNECTING;
    queueMicrotask(() => {
      this.emit('open');
      if (this.#readyState === READY_STATE.CONNECTING && !this.#transport) this.#connect();
    });
    return this;
  }

  /** Ends the session: the server closes its objects, the host hears `left`. Can be opened again. Safe to call twice. */
  close(): void {
    if (this.#readyState === READY_STATE.CLOSED) return;
    const transport = this.#transport;
    this.#readyState = READY_STATE.CLOSED;
    this.#reconnect.cancel();
    this.#reconnect.succeeded();
    this.#session?.end(new NotConnectedError('the client was closed'));
    this.#session = undefined;
    this.#dropLink();
    this.#forgetSession();
    if (transport) this.#hangUp(transport);
    this.replica.left('closed');
    queueMicrotask(() => this.emit('close'));
  }

  /** `close()` for good. Safe to call twice. */
  destroy(): void {
    this.#destroyed = true;
    this.close();
  }

  /**
   * Calls a method. Rejects with the server's error, or with one of ConnectionLostError and RequestTimeoutError (outcome
   * unknown), NotConnectedError (never sent), MessageTooLargeError, or the signal's reason.
   */
  request<Name extends RequestNames<Methods> & string, Value = ResultOf<Methods[Name]>>(
    method: Name,
    params: ParamsOf<Methods[Name]>,
    options?: RequestOptions<ResultOf<Methods[Name]>, Value>,
  ): Promise<Value> {
    if (!this.#session) return Promise.reject(new NotConnectedError(`${method} was not sent: the client is closed`));
    return this.#session.request(method, params, options);
  }

  /**
   * Tells the server something without an answer. Without a link it waits, and is said again after a broken one if the
   * server may not have heard it. Does nothing when closed. Throws a MessageTooLargeError.
   */
  notify<Name extends NotificationNames<Methods> & string>(method: Name, params: ParamsOf<Methods[Name]>): void {
    this.#session?.notify(method, params);
  }

  /** The node's endpoint is no longer listed: with the link broken, now or later, the node is gone at once. */
  unlisted(): void {
    this.#unlisted = true;
    if (this.#known && this.#readyState !== READY_STATE.CONNECTED) this.#lost('unlisted');
  }

  /** Takes `unlisted()` back. */
  listed(): void {
    this.#unlisted = false;
  }

  #newSession(): Session {
    const { methods, errorClasses, requestTimeoutMs = 30_000 } = this.#options;
    const isRich = (method: string) => methods !== undefined && (methods[method] as { rich?: boolean } | undefined)?.rich === true;
    return new Session({
      clock: this.#clock,
      requestTimeoutMs,
      offline: 'hold',
      handlers: {
        request: ({ method }) => {
          throw new ProtocolError(`a server asked its client for ${method}`);
        },
        notification: notification => heed(notification, this.replica, {
          snapshotEnded: () => this.#connected(),
          draining: draining => this.#setDraining(draining),
          goodbye: reason => this.#goodbye(reason),
        }),
        failed: error => this.#fail(error),
        error: error => decodeError(error, errorClasses),
        result: (method, result) => (result === null ? undefined : isRich(method) ? decodeRich(result) : result),
      },
    });
  }

  #connect(): void {
    const { connectTimeoutMs = 10_000 } = this.#options;
    let transport: Transport;
    try {
      transport = this.#connector(this.#url!);
    } catch (error) {
      this.emit('error', error as Error);
      return this.#reconnect.schedule();
    }
    this.#transport = transport;
    this.#connectTimer = this.#clock.setTimeout(() => transport.terminate(), connectTimeoutMs);
    const current = (run: () => void) => {
      if (this.#transport === transport) run();
    };
    transport.start({
      open: () => current(() => this.#hello(transport)),
      text: text => current(() => this.#text(text)),
      binary: () => {},
      closed: close => {
        this.#clock.clearTimeout(this.#hangUps.get(transport)); // a process that is done must not wait for it
        current(() => this.#closed(close));
      },
    });
  }

  #hello(transport: Transport): void {
    this.#readyState = READY_STATE.OPEN;
    this.emit('websocketOpen');
    const { clientName = 'rope' } = this.#options;
    transport.send(encodeFrame({
      hello: {
        protocol: PROTOCOL_VERSIONS,
        client: clientName.slice(0, 200),
        ...(this.#known && { session: { id: this.#known.id, received: this.#session!.received } }),
        scope: 'own',
      },
    }));
  }

  #text(text: string): void {
    this.#heartbeat?.heard();
    try {
      this.#frame(decodeFrame(text));
    } catch (error) {
      this.#fail(error as ProtocolError);
    }
  }

  #frame(frame: Frame): void {
    if ('reject' in frame) return this.#rejected(decodeError(frame.reject, this.#options.errorClasses));
    if (!this.#heartbeat) {
      if (!('welcome' in frame)) throw new ProtocolError('the first frame must be a welcome or a reject');
      this.#welcomed(frame.welcome);
    } else if ('messages' in frame) this.#session!.receive(frame);
    else if ('ack' in frame) this.#session!.receiveAck(frame.ack);
    else if (!('pong' in frame)) throw new ProtocolError('this frame comes at the wrong time');
  }

  #welcomed(welcome: WelcomeFrame['welcome']): void {
    const transport = this.#transport!;
    const { session, node, heartbeatMs } = welcome;
    if (this.#known && this.#known.epoch !== node.epoch) this.#lost('epoch');
    else if (this.#known && session.resume === 'new') this.#lost('lease');
    this.#stopLease();
    this.#known = { id: session.id, epoch: node.epoch, leaseMs: session.leaseMs };
    this.#welcome = welcome;
    this.#setDraining(false);
    this.#session!.restart();
    this.#heartbeat = new Heartbeat({
      clock: this.#clock,
      intervalMs: heartbeatMs,
      silenceMs: 2 * heartbeatMs,
      ping: number => transport.send(encodeFrame({ ping: number })),
      beat: () => this.#session?.acknowledge(),
      dead: () => transport.terminate(),
    });
  }

  #rejected(error: Error): void {
    log('rejected by %s: %s', this.#url, error.message);
    this.#session!.forget(error.message, error);
    this.emit('error', error);
  }

  #connected(): void {
    if (this.#readyState !== READY_STATE.OPEN) return;
    const { session: { resume, received }, limits } = this.#welcome!;
    this.#clock.clearTimeout(this.#connectTimer);
    this.#reconnect.succeeded();
    this.#readyState = READY_STATE.CONNECTED;
    this.#session!.attach(this.#transport!, { maxMessageBytes: limits.maxMessageBytes, peerReceived: received });
    this.emit('connected', { resume: resume as Resume });
  }

  #goodbye(reason: string): void {
    const transport = this.#transport!;
    this.#forgetSession();
    this.#session!.forget(`the node left (${reason})`);
    this.replica.left(reason);
    this.emit('goodbye', reason);
    if (this.#transport === transport) this.#closed({ wasClean: true, code: CLOSE.GOODBYE, reason, refused: false, violation: false });
    this.#hangUp(transport);
  }

  #fail(error: ProtocolError): void {
    const transport = this.#transport;
    if (!transport) return;
    log('%s breaks the protocol: %s', this.#url, error.message);
    this.emit('error', error);
    if (this.#transport !== transport) return;
    this.#closed({ wasClean: false, code: CLOSE.PROTOCOL, reason: error.message, refused: false, violation: true });
    transport.close(CLOSE.PROTOCOL, '');
  }

  /** The present link is gone. */
  #closed({ wasClean, refused, error, code, reason }: TransportClose): void {
    const socketWasOpen = this.#readyState !== READY_STATE.CONNECTING;
    const wasConnected = this.#readyState === READY_STATE.CONNECTED;
    log('link to %s is gone: %d %s', this.#url, code, reason);
    this.#dropLink();
    this.#readyState = READY_STATE.CONNECTING;
    this.#session!.detach();
    // Set before anybody is told, so that a listener may close().
    this.#reconnect.schedule();
    if (error && !wasConnected) this.emit('error', error);
    if (wasConnected) this.emit('disconnected');
    if (socketWasOpen) this.emit('websocketClose', wasClean);
    this.#startLease(refused);
  }

  /** From here on the node counts as gone at the first sign of it. */
  #startLease(refused: boolean): void {
    if (!this.#known) return;
    if (refused) return this.#lost('refused');
    if (this.#unlisted) return this.#lost('unlisted');
    if (this.#leaseRuns) return;
    this.#leaseRuns = true;
    this.#leaseTimer = this.#clock.setTimeout(() => this.#lost('lease'), this.#known.leaseMs);
  }

  #lost(reason: LossReason): void {
    log('%s is gone: %s', this.#url, reason);
    this.#forgetSession();
    this.#session?.forget(`the node is gone (${reason})`);
    this.replica.lost(reason);
    this.emit('lost', reason);
  }

  #forgetSession(): void {
    this.#known = undefined;
    this.#stopLease();
  }

  #stopLease(): void {
    this.#leaseRuns = false;
    this.#clock.clearTimeout(this.#leaseTimer);
  }

  #dropLink(): void {
    this.#transport = undefined;
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#clock.clearTimeout(this.#connectTimer);
  }

  /** Says that the session is over, and does not wait long for the peer's word. */
  #hangUp(transport: Transport): void {
    transport.close(CLOSE.NORMAL, DESTROY);
    this.#hangUps.set(transport, this.#clock.setTimeout(() => transport.terminate(), CLOSE_TIMEOUT_MS));
  }

  #setDraining(draining: boolean): void {
    if (this.#draining === draining) return;
    this.#draining = draining;
    this.emit('draining', draining);
  }
}
