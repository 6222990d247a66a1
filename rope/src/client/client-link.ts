import type { Clock, Timer } from '../clock.ts';
import { ProtocolError } from '../errors.ts';
import { decodeBinaryFrame } from '../protocol/binary.ts';
import { CLOSE, DESTROY } from '../protocol/close-codes.ts';
import { decodeFrame, encodeFrame } from '../protocol/codec.ts';
import type { DataFrame, Frame, HelloFrame, WelcomeFrame, WireError } from '../protocol/message.ts';
import { Heartbeat } from '../session/heartbeat.ts';
import { traceHello, traceWelcome, wire } from '../session/trace.ts';
import type { Transport, TransportClose } from '../session/transport.ts';

/** How long the peer has to answer our close frame before the socket is dropped. */
const CLOSE_TIMEOUT_MS = 1_000;

/** What a link tells. Nothing after `closed` or `failed`, nor after it was left. */
export interface ClientLinkHandlers {
  /** The socket is up. */
  open(): void;
  /** What to say first. */
  hello(): HelloFrame['hello'];
  welcome(welcome: WelcomeFrame['welcome']): void;
  /** The server does not let us in; `closed` follows. */
  rejected(error: WireError): void;
  data(frame: DataFrame, bytes: number): void;
  acknowledged(number: number): void;
  /** At each heartbeat. */
  beat(): void;
  /** The peer broke the protocol; the link is closed with a word. */
  failed(error: ProtocolError): void;
  closed(close: TransportClose): void;
}

export interface ClientLinkOptions {
  readonly clock: Clock;
  /** From here to the welcome. */
  readonly connectTimeoutMs: number;
  /** When the first heartbeat is. */
  readonly random: () => number;
  readonly handlers: ClientLinkHandlers;
}

/**
 * One socket to a server:
 *
 *     connecting ── hello ──▶ waiting for the welcome ──▶ speaking for a session ──▶ closed, failed, or left
 */
export class ClientLink {
  readonly transport: Transport;
  readonly #options: ClientLinkOptions;
  #heartbeat: Heartbeat | undefined;
  #timer: Timer;
  #left = false;

  constructor(transport: Transport, options: ClientLinkOptions) {
    const { clock, connectTimeoutMs, handlers } = options;
    this.transport = transport;
    this.#options = options;
    this.#timer = clock.setTimeout(() => transport.terminate(), connectTimeoutMs);
    transport.start({
      open: () => this.#open(),
      text: text => this.#heard(text, decodeFrame),
      binary: bytes => this.#heard(bytes, decodeBinaryFrame),
      closed: close => {
        clock.clearTimeout(this.#timer); // also that of a link that was hung up: a process that is done must not wait for it
        if (this.#left) return;
        this.#leave();
        handlers.closed(close);
      },
    });
  }

  /** Says that the session is over, and does not wait long for the peer's word. Nothing more of it is heard. */
  hangUp(): void {
    const { clock } = this.#options;
    this.#leave();
    this.transport.close(CLOSE.NORMAL, DESTROY);
    this.#timer = clock.setTimeout(() => this.transport.terminate(), CLOSE_TIMEOUT_MS);
  }

  /** Ends it because of what the peer has said: `failed` is called. */
  fail(error: ProtocolError): void {
    if (this.#left) return;
    this.#leave();
    this.#options.handlers.failed(error);
    this.transport.close(CLOSE.PROTOCOL, '');
  }

  #open(): void {
    const { handlers } = this.#options;
    if (this.#left) return;
    handlers.open();
    if (this.#left) return; // by a listener
    const hello = handlers.hello();
    if (wire.enabled) traceHello('>', hello);
    this.transport.send(encodeFrame({ hello }));
  }

  #heard<Raw extends string | Uint8Array>(raw: Raw, decode: (raw: Raw) => Frame): void {
    if (this.#left) return;
    this.#heartbeat?.heard();
    try {
      this.#frame(decode(raw), raw.length);
    } catch (error) {
      this.fail(error as ProtocolError);
    }
  }

  #frame(frame: Frame, bytes: number): void {
    const { handlers } = this.#options;
    if ('reject' in frame) return handlers.rejected(frame.reject);
    if (!this.#heartbeat) {
      if (!('welcome' in frame)) throw new ProtocolError('the first frame must be a welcome or a reject');
      this.#welcomed(frame.welcome);
    } else if ('messages' in frame) handlers.data(frame, bytes);
    else if ('ack' in frame) handlers.acknowledged(frame.ack);
    else if (!('pong' in frame)) throw new ProtocolError('this frame comes at the wrong time');
  }

  #welcomed(welcome: WelcomeFrame['welcome']): void {
    const { clock, random, handlers } = this.#options;
    if (wire.enabled) traceWelcome('<', welcome);
    clock.clearTimeout(this.#timer);
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: welcome.heartbeatMs,
      silenceMs: 2 * welcome.heartbeatMs,
      random,
      ping: number => this.transport.send(encodeFrame({ ping: number })),
      beat: () => handlers.beat(),
      dead: () => this.transport.terminate(),
    });
    handlers.welcome(welcome);
  }

  #leave(): void {
    this.#left = true;
    this.#heartbeat?.stop();
    this.#options.clock.clearTimeout(this.#timer);
  }
}
