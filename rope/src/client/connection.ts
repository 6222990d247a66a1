import debug from 'debug';

import type { BackoffOptions } from '../backoff.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Emitter } from '../emitter.ts';
import { NotConnectedError } from '../errors.ts';
import type { ProtocolError } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import { decodeError } from '../protocol/error-mapping.ts';
import type { ErrorClasses } from '../protocol/error-mapping.ts';
import type { HelloFrame, Scope, WelcomeFrame } from '../protocol/message.ts';
import { PROTOCOL_VERSIONS } from '../protocol/version.ts';
import type { Session } from '../session/session.ts';
import type { Connector, TransportClose } from '../session/transport.ts';
import type { LossReason, Replica } from '../state/replica.ts';
import { ClientLink } from './client-link.ts';
import { READY_STATE } from './events.ts';
import type { ReadyState, Resume, RopeClientEvents } from './events.ts';
import { Reconnect } from './reconnect.ts';

const log = debug('mediacluster:rope:client');

/** What proves who a client is; a function is asked at every attempt to connect. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
  readonly connectTimeoutMs: number;
  readonly clientName: string;
  readonly scope: Scope;
  readonly token?: TokenSource;
  readonly ownerId?: string;
  readonly errorClasses?: ErrorClasses;
  readonly replica: Replica;
  readonly emitter: Emitter<RopeClientEvents>;
  readonly newSession: () => Session;
}

/** What is kept of the session across links. */
interface KnownSession {
  readonly id: string;
  readonly epoch: string;
  readonly leaseMs: number;
}

/**
 * How a client stands to its server:
 *
 *     CLOSED ── open() ──▶ CONNECTING ── socket ──▶ OPEN ── welcome, snapshot ──▶ CONNECTED
 *       ▲                      ▲                     │                               │
 *       └── close() ───────────└───── back-off ──────┴───────── link broken ─────────┘
 *
 * A link that replaces another brings what was missed (replay: CONNECTED with the welcome), or a snapshot.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #reconnect: Reconnect;
  #url = '';
  #readyState: ReadyState = READY_STATE.CLOSED;
  #session: Session | undefined;
  #link: ClientLink | undefined;
  /** Counts attempts to connect; what a former one brings is void. */
  #attempts = 0;
  #tokenTimer: Timer;
  #leaseTimer: Timer;
  #leaseRuns = false;
  #known: KnownSession | undefined;
  #welcome: WelcomeFrame['welcome'] | undefined;
  /** Snapshots that welcomes have announced; the one whose parts are being delivered; the last one that was complete. */
  readonly #snapshots = { announced: 0, arriving: 0, complete: 0 };
  readonly #resumes: Record<Resume, number> = { new: 0, snapshot: 0, replay: 0 };
  /** The server has said what makes no sense: it must not say the same again. */
  #mistrusts = false;
  #draining = false;
  #unlisted = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { clock, backoff, random } = options;
    this.#reconnect = new Reconnect({ clock, backoff, random, attempt: () => this.#connect() });
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** The present conversation; absent while it is closed. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** What the server said last. */
  get welcome(): WelcomeFrame['welcome'] | undefined {
    return this.#welcome;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Links so far, by how they went on from the one before. */
  get resumes(): Readonly<Record<Resume, number>> {
    return { ...this.#resumes };
  }

  /** It must be closed. */
  open(url: string): void {
    this.#url = url;
    this.#session = this.#options.newSession();
    this.#readyState = READY_STATE.CONNECTING;
    const attempts = this.#attempts;
    queueMicrotask(() => {
      this.#options.emitter.emit('open');
      // Unless a listener, or whoever called open(), has closed it, and perhaps opened it again.
      if (this.#readyState === READY_STATE.CONNECTING && this.#attempts === attempts) this.#connect();
    });
  }

  /** Ends the session. Safe to call twice. */
  close(): void {
    if (this.#readyState === READY_STATE.CLOSED) return;
    const { replica, emitter } = this.#options;
    const link = this.#link;
    this.#readyState = READY_STATE.CLOSED;
    this.#reconnect.cancel();
    this.#reconnect.succeeded();
    this.#session?.end(new NotConnectedError('the client was closed'));
    this.#session = undefined;
    this.#dropLink();
    this.#forgetSession();
    link?.hangUp();
    replica.left('closed');
    queueMicrotask(() => emitter.emit('close'));
  }

  unlisted(): void {
    this.#unlisted = true;
    if (this.#known && this.#readyState !== READY_STATE.CONNECTED) this.#lost('unlisted');
  }

  listed(): void {
    this.#unlisted = false;
  }

  /** The state at connect has arrived whole. */
  snapshotEnded(): void {
    const { arriving, announced } = this.#snapshots;
    this.#snapshots.complete = arriving;
    if (arriving === announced) this.#connected();
  }

  setDraining(draining: boolean): void {
    if (this.#draining === draining) return;
    this.#draining = draining;
    this.#options.emitter.emit('draining', draining);
  }

  /** The node leaves as planned. */
  goodbye(reason: string): void {
    const link = this.#link;
    const { replica, emitter } = this.#options;
    this.#forgetSession();
    this.#session!.forget(`the node left (${reason})`);
    replica.left(reason);
    emitter.emit('goodbye', reason);
    if (!link || this.#link !== link) return;
    link.hangUp();
    this.#closed({ wasClean: true, code: CLOSE.GOODBYE, reason, refused: false, violation: false });
  }

  /** The server has said what makes no sense. */
  failed(error: ProtocolError): void {
    this.#link?.fail(error);
  }

  /** What the server must hear does not fit into what may wait for it: nothing but a new session helps. */
  overflow(): void {
    const link = this.#link;
    this.#lost('queue');
    if (!link || this.#link !== link) return;
    link.hangUp();
    this.#closed({ wasClean: false, code: CLOSE.NORMAL, reason: 'the queue is full', refused: false, violation: false });
  }

  #connect(): void {
    const { token, clock, connectTimeoutMs } = this.#options;
    this.#attempts += 1;
    if (typeof token !== 'function') return this.#dial(token);
    const attempt = this.#attempts;
    const current = <Given>(run: (given: Given) => void) => (given: Given) => {
      if (this.#attempts !== attempt) return;
      clock.clearTimeout(this.#tokenTimer);
      run(given);
    };
    const failed = current((error: unknown) => this.#attemptFailed(error as Error));
    this.#tokenTimer = clock.setTimeout(() => failed(new Error(`no token within ${connectTimeoutMs} ms`)), connectTimeoutMs);
    new Promise<string | undefined>(resolve => resolve(token())).then(current(given => this.#dial(given)), failed);
  }

  #attemptFailed(error: Error): void {
    this.#attempts += 1;
    this.#reconnect.schedule();
    this.#options.emitter.emit('error', error);
  }

  #dial(token: string | undefined): void {
    const { connector, clock, connectTimeoutMs, random, emitter } = this.#options;
    try {
      const transport = connector(this.#url);
      this.#link = new ClientLink(transport, {
        clock,
        connectTimeoutMs,
        random,
        handlers: {
          open: () => {
            this.#readyState = READY_STATE.OPEN;
            emitter.emit('websocketOpen');
          },
          hello: () => this.#hello(token),
          welcome: welcome => this.#welcomed(welcome),
          rejected: error => this.#rejected(decodeError(error, this.#options.errorClasses)),
          data: (frame, bytes) => this.#session!.receive(frame, bytes),
          acknowledged: number => this.#session!.receiveAck(number),
          beat: () => this.#session!.acknowledge(),
          failed: error => this.#failed(error),
          closed: close => this.#closed(close),
        },
      });
    } catch (error) {
      this.#attemptFailed(error as Error);
    }
  }

  #hello(token: string | undefined): HelloFrame['hello'] {
    const { clientName, scope, ownerId } = this.#options;
    return {
      protocol: PROTOCOL_VERSIONS,
      client: clientName.slice(0, 200),
      scope,
      ...(ownerId !== undefined && { ownerId }),
      ...(token !== undefined && { token }),
      // What was never sent cannot follow anything: that asks for a snapshot.
      ...(this.#known && { session: { id: this.#known.id, received: this.#mistrusts ? Number.MAX_SAFE_INTEGER : this.#session!.received } }),
    };
  }

  #welcomed(welcome: WelcomeFrame['welcome']): void {
    const link = this.#link!;
    const session = this.#session!;
    const { session: { id, resume, received, answering, leaseMs }, node, limits } = welcome;
    if (this.#known && this.#known.epoch !== node.epoch) this.#lost('epoch');
    else if (this.#known && resume === 'new') this.#lost('lease');
    if (this.#link !== link) return; // closed by a listener
    this.#stopLease();
    this.#mistrusts = false;
    this.#known = { id, epoch: node.epoch, leaseMs };
    this.#welcome = welcome;
    this.#resumes[resume] += 1;
    this.#reconnect.succeeded();
    session.limit(limits.maxMessageBytes);
    if (resume !== 'replay') {
      this.setDraining(false); // else it is told
      if (this.#link !== link) return; // closed by a listener
      this.#expectSnapshot(session);
      session.skipped();
      session.lostAnswers(received, answering ?? []);
    }
    session.attach(link.transport, received);
    if (this.#snapshots.complete === this.#snapshots.announced) this.#connected();
  }

  #expectSnapshot(session: Session): void {
    this.#snapshots.announced += 1;
    const { announced } = this.#snapshots;
    session.inOrder(() => {
      this.#snapshots.arriving = announced;
      this.#options.replica.expectSnapshot();
    });
  }

  #rejected(error: Error): void {
    log('rejected by %s: %s', this.#url, error.message);
    this.#session!.refuse(error);
    this.#options.emitter.emit('error', error);
  }

  #connected(): void {
    if (this.#readyState !== READY_STATE.OPEN) return;
    this.#readyState = READY_STATE.CONNECTED;
    this.#options.emitter.emit('connected', { resume: this.#welcome!.session.resume });
  }

  #failed(error: ProtocolError): void {
    log('%s breaks the protocol: %s', this.#url, error.message);
    const link = this.#link;
    this.#mistrusts = true;
    this.#options.emitter.emit('error', error);
    if (this.#link === link) this.#closed({ wasClean: false, code: CLOSE.PROTOCOL, reason: error.message, refused: false, violation: true });
  }

  /** The present link is gone. */
  #closed({ wasClean, refused, error, code, reason }: TransportClose): void {
    const { emitter } = this.#options;
    const socketWasOpen = this.#readyState !== READY_STATE.CONNECTING;
    const wasConnected = this.#readyState === READY_STATE.CONNECTED;
    log('link to %s is gone: %d %s', this.#url, code, reason);
    this.#dropLink();
    this.#readyState = READY_STATE.CONNECTING;
    this.#session!.detach();
    // Set before anybody is told, so that a listener may close().
    this.#reconnect.schedule();
    const why = code === CLOSE.TRY_AGAIN ? new NotConnectedError(`${this.#url} let nobody in: ${reason}`) : error;
    if (why && !wasConnected) emitter.emit('error', why);
    if (wasConnected) emitter.emit('disconnected');
    if (socketWasOpen) emitter.emit('websocketClose', wasClean);
    this.#startLease(refused);
  }

  /** From here on the node counts as gone at the first sign of it. */
  #startLease(refused: boolean): void {
    if (!this.#known) return;
    if (refused) return this.#lost('refused');
    if (this.#unlisted) return this.#lost('unlisted');
    if (this.#leaseRuns) return;
    this.#leaseRuns = true;
    this.#leaseTimer = this.#options.clock.setTimeout(() => this.#lost('lease'), this.#known.leaseMs);
  }

  #lost(reason: LossReason): void {
    log('%s is gone: %s', this.#url, reason);
    const { replica, emitter } = this.#options;
    this.#forgetSession();
    this.#session?.forget(`the node is gone (${reason})`);
    replica.lost(reason);
    emitter.emit('lost', reason);
  }

  #forgetSession(): void {
    this.#known = undefined;
    this.#stopLease();
  }

  #stopLease(): void {
    this.#leaseRuns = false;
    this.#options.clock.clearTimeout(this.#leaseTimer);
  }

  #dropLink(): void {
    this.#link = undefined;
    this.#attempts += 1;
    this.#options.clock.clearTimeout(this.#tokenTimer);
  }
}
