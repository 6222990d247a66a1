import debug from 'debug';

import type { Clock, Timer } from '../clock.ts';
import { ProtocolError } from '../errors.ts';
import { CLOSE, closeReason } from '../protocol/close-codes.ts';
import { decodeBinaryFrame } from '../protocol/binary.ts';
import { decodeFrame, encodeFrame } from "../protocol/codec.ts";
import { encodeError } from '../protocol/error-mapping.ts';
import type { Frame, HelloFrame, WelcomeFrame } from '../protocol/message.ts';
import { Heartbeat } from '../session/heartbeat.ts';
import { traceHello, traceWelcome, wire } from '../session/trace.ts';
import type { Transport, TransportClose } from '../session/transport.ts';
import type { ServerSession } from './server-session.ts';

const log = debug('mediacluster:rope:link');

/** What becomes of a client that is not let in, by the code of the error that says why. */
const REJECTED: Readonly<Record<string, number>> = {
  ROPE_PROTOCOL: CLOSE.PROTOCOL,
  ROPE_VERSION: CLOSE.VERSION,
  ROPE_UNAUTHORIZED: CLOSE.UNAUTHORIZED,
  ROPE_FORBIDDEN: CLOSE.FORBIDDEN,
  ROPE_TOO_MANY_SESSIONS: CLOSE.TOO_MANY,
};

/** A stranger is not to be worth the reading of a long message. The longest fields of a hello take a third of it. */
const MAX_HELLO_CHARS = 65_536;

/** Said when it is not the client's fault: what went wrong here may hold secrets. */
const TRY_AGAIN = 'it cannot be decided now who may come in; try again';

/** What a link needs of its server. */
export interface LinkOptions<Principal = unknown> {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly handshakeTimeoutMs: number;
  /** A client that asks on and on, and leaves so much unread, loses the link. */
  readonly maxBufferedBytes: number;
  /** Who that is. Throws or rejects when nobody may come in so. Until it is settled nothing else of the link is read. */
  authenticate(hello: HelloFrame['hello'], transport: Transport): Principal | PromiseLike<Principal>;
  /** Sends the welcome and returns the session, linked. Throws when the client may not come in. */
  letIn(hello: HelloFrame['hello'], link: Link, principal: Principal): ServerSession;
  /** A client was not let in, for a reason of this code. */
  rejected(code: string): void;
  /** The link of this session is gone. */
  gone(session: ServerSession, link: Link, close: TransportClose): void;
  /** The peer broke the protocol. */
  failed(session: ServerSession, link: Link, error: ProtocolError): void;
  /** Its socket is closed; nothing more of it is heard. */
  closed(link: Link): void;
}

/**
 * One accepted socket:
 *
 *     waiting for hello ──▶ asking who it is ── welcome ──▶ speaking for a session ──▶ closed
 *            └─────────────────────┴── reject ────────────────────────────────────▶ closed
 */
export class Link<Principal = unknown> {
  readonly transport: Transport;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #options: LinkOptions<Principal>;
  #asking = false;
  #session: ServerSession | undefined;
  #heartbeat: Heartbeat | undefined;
  #timer: Timer;
  #closed = false;

  constructor(transport: Transport, options: LinkOptions<Principal>) {
    this.transport = transport;
    this.#options = options;
    this.#timer = options.clock.setTimeout(() => this.close(CLOSE.HANDSHAKE_TIMEOUT, 'no hello in time'), options.handshakeTimeoutMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    transport.start({
      text: text => this.#heard(text, decodeFrame),
      binary: bytes => this.#heard(bytes, decodeBinaryFrame),
      closed: close => {
        this.#gone(close);
        resolve();
      },
    });
  }

  /** Says the first word to a client that is let in. */
  welcome(welcome: WelcomeFrame['welcome']): void {
    if (wire.enabled) traceWelcome('>', welcome);
    this.transport.send(encodeFrame({ welcome }));
  }

  /** Closes it with a word; from here on nothing of it is heard. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#stop();
    this.transport.resume(); // what is not read holds back the answer to the close frame too; none of it is heeded
    this.transport.close(code, closeReason(reason));
    // A peer that does not answer a close frame must not keep the socket, nor this process.
    this.#timer = this.#options.clock.setTimeout(() => this.transport.terminate(), this.#options.handshakeTimeoutMs);
  }

  /** Closes it with a word, while its session goes on and may have another. */
  giveUp(code: number, reason: string): void {
    log('given up: %s', reason);
    this.close(code, reason);
    this.#options.gone(this.#session!, this, { wasClean: false, code, reason, refused: false, violation: false });
  }

  /** Ends it with the reason why the client may not come in, or not go on. */
  reject(error: Error, code: number): void {
    if (this.#closed) return;
    this.transport.send(encodeFrame({ reject: encodeError(error) }));
    this.close(code, error.message);
  }

  #heard<Raw extends string | Uint8Array>(raw: Raw, decode: (raw: Raw) => Frame): void {
    if (this.#closed) return;
    this.#heartbeat?.heard();
    try {
      if (!this.#session && raw.length > MAX_HELLO_CHARS) throw new ProtocolError(`a hello of more than ${MAX_HELLO_CHARS} characters`);
      this.#frame(decode(raw), raw.length);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #frame(frame: Frame, bytes: number): void {
    const session = this.#session;
    if (!session) {
      if (!('hello' in frame) || this.#asking) throw new ProtocolError(this.#asking ? 'nothing may follow the hello before the welcome' : 'the first frame must be a hello');
      this.#ask(frame.hello);
    } else if ('messages' in frame) session.receive(frame, bytes);
    else if ('ack' in frame) session.receiveAck(frame.ack);
    else if ('ping' in frame) this.#pong(frame.ping);
    else if (!('pong' in frame)) throw new ProtocolError('this frame comes at the wrong time');
  }

  #pong(pong: number): void {
    const { bufferedBytes } = this.transport;
    if (bufferedBytes <= this.#options.maxBufferedBytes) this.transport.send(encodeFrame({ pong }));
    else this.giveUp(CLOSE.SLOW, `${bufferedBytes} bytes are waiting to be read`);
  }

  #ask(hello: HelloFrame['hello']): void {
    if (wire.enabled) traceHello('<', hello);
    const principal = this.#options.authenticate(hello, this.transport);
    if (!isThenable(principal)) return this.#welcome(hello, principal);
    this.#asking = true;
    this.transport.pause();
    void this.#waitFor(principal, hello);
  }

  async #waitFor(principal: PromiseLike<Principal>, hello: HelloFrame['hello']): Promise<void> {
    try {
      const known = await principal;
      if (this.#closed) return;
      this.#asking = false;
      this.transport.resume();
      this.#welcome(hello, known);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #welcome(hello: HelloFrame['hello'], principal: Principal): void {
    const { clock, heartbeatMs } = this.#options;
    this.#session = this.#options.letIn(hello, this, principal);
    clock.clearTimeout(this.#timer);
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: heartbeatMs,
      silenceMs: 2 * heartbeatMs,
      beat: () => this.#session!.acknowledge(),
      dead: () => {
        log('no word for %d ms', 2 * heartbeatMs);
        this.transport.terminate();
      },
    });
  }

  #fail(error: Error): void {
    const session = this.#session;
    if (session && error instanceof ProtocolError) this.#options.failed(session, this, error);
    else {
      const reason = String((error as { code?: unknown }).code);
      const code = REJECTED[reason];
      this.#options.rejected(code === undefined ? 'other' : reason);
      if (code !== undefined) return this.reject(error, code);
      log('a client could not be let in or turned away: %s', error.message);
      this.close(CLOSE.TRY_AGAIN, TRY_AGAIN);
    }
  }

  #gone(close: TransportClose): void {
    const closedHere = this.#closed;
    this.#stop();
    if (!closedHere && this.#session) this.#options.gone(this.#session, this, close);
    this.#options.closed(this);
  }

  #stop(): void {
    this.#closed = true;
    this.#heartbeat?.stop();
    this.#options.clock.clearTimeout(this.#timer);
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
