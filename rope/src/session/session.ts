import type { Clock } from '../clock.ts';
import { ConnectionLostError, MessageTooLargeError, NotConnectedError, ProtocolError, QueueFullError, RequestTimeoutError } from '../errors.ts';
import { encodeMessage, sizeOf } from '../protocol/codec.ts';
import type { Encoded } from '../protocol/codec.ts';
import type { DataFrame, Message, Notification, Request, Response, WireError } from '../protocol/message.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { PendingRequests } from './pending-requests.ts';
import type { PendingRequest, RequestOptions } from './pending-requests.ts';
import { traceReceived, wire } from './trace.ts';
import type { Transport } from './transport.ts';

export type { RequestOptions } from './pending-requests.ts';

/** An acknowledgement is not put off longer than this many messages, or bytes, of the peer's. */
const UNACKNOWLEDGED_MESSAGES = 128;
const UNACKNOWLEDGED_BYTES = 64 * 1_024;

/** Frames of this size take their time to be read: after so many bytes of them others have their turn. */
const LARGE_FRAME_BYTES = 16 * 1_024;
const TURN_BYTES = 64 * 1_024;

/**
 * How a call ended: answered with a result or an error; given up in time or by its caller; sent, and whether it happened
 * is unknown; never sent for want of a link; not even tried, since it was too long or too much waits already.
 */
export type CallOutcome = 'ok' | 'error' | 'timeout' | 'cancelled' | 'lost' | 'unsent' | 'refused';

/** What a session does with what it hears. */
export interface SessionHandlers {
  request(request: Request): void;
  notification(notification: Notification): void;
  /** The peer sent what makes no sense; the owner ends the link. */
  failed(error: ProtocolError): void;
  /** A message that must not be lost did not fit, and is lost: the conversation cannot go on as it was. */
  overflow(): void;
  /** What is written in the place of a call's parameters. `number` is that of its message. */
  prepare?(method: string, params: Record<string, unknown>, number: number): Record<string, unknown>;
  /** The conversation is over, and another may follow. */
  forgotten?(): void;
  /** A call has ended; its promise settles next. `sent`: the peer may have seen it. */
  settled?(call: Pick<PendingRequest, 'method' | 'number' | 'atMs'>, outcome: CallOutcome, sent: boolean): void;
  /** What the wire's error becomes for the caller. */
  error(error: WireError): Error;
  /** What the wire's result becomes. */
  result(method: string, result: unknown): unknown;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly handlers: SessionHandlers;
  readonly requestTimeoutMs: number;
  /** How many bytes may be kept: with a call or media among them, and with anything else. */
  readonly bounds: (linked: boolean) => { readonly calls: number; readonly all: number };
}

/** How a session stands, as plain data. */
export interface SessionState {
  /** Numbers of messages: handed to a link, acknowledged by the peer, received from it. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly received: number;
  /** Messages that wait for a link, or for room in it. */
  readonly waiting: number;
  /** What is kept until the peer acknowledges it. */
  readonly keptBytes: number;
  /** Received, and not handled yet. */
  readonly unhandled: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  /** Of data frames. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly pending: readonly { readonly method: string; readonly ageMs: number }[];
}

/**
 * One conversation, the same at both ends, over one transport after the other:
 *
 *     detached ── attach(transport) ──▶ attached ── detach() ──▶ detached … ── end() ──▶ ended
 *
 * Messages are numbered in each direction, and the numbers go on over all links: what the peer did not get over one it
 * gets over the next. Handshake and heartbeat belong to whoever owns the transport.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pending: PendingRequests;
  #transport: Transport | undefined;
  #ended: Error | undefined;
  #lastId = 0;
  #received = 0;
  /** The peer's next message may have any number: those before it are lost. */
  #anyNumber = false;
  /** Of the peer's messages, what it was not told to have arrived. */
  #unacknowledgedMessages = 0;
  #unacknowledgedBytes = 0;
  #framesReceived = 0;
  #bytesReceived = 0;
  /** Of large frames, in this turn of the event loop. */
  #turnBytes = 0;
  #resting = false;
  #maxMessageBytes = Infinity;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#inbox = new Inbox({
      clock: options.clock,
      deliver: message => this.#deliver(message),
      full: full => (full ? this.#transport?.pause() : this.#readOn()),
    });
    this.#outbox = new Outbox(options.clock, () => {
      this.#unacknowledgedMessages = 0;
      this.#unacknowledgedBytes = 0;
      return this.#received;
    });
    this.#pending = new PendingRequests(options.clock, {
      expired: (id, request) => this.#expired(id, request),
      aborted: (id, request, reason) => {
        this.#cancel(id, request);
        this.#reject(request, 'cancelled', reason);
      },
    });
  }

  /** The number of the last message received. */
  get received(): number {
    return this.#received;
  }

  /** The number of the last message that was given to a link. */
  get reached(): number {
    return this.#outbox.reached;
  }

  /** What is kept until the peer acknowledges it. */
  get keptBytes(): number {
    return this.#outbox.keptBytes;
  }

  /** How it stands now. */
  get state(): SessionState {
    const { clock } = this.#options;
    const { frames, bytes } = this.#outbox.statistics;
    return {
      sent: this.#outbox.reached,
      acknowledged: this.#outbox.acknowledged,
      received: this.#received,
      waiting: this.#outbox.waiting,
      keptBytes: this.#outbox.keptBytes,
      unhandled: this.#inbox.size,
      framesSent: frames,
      framesReceived: this.#framesReceived,
      bytesSent: bytes,
      bytesReceived: this.#bytesReceived,
      pending: Array.from(this.#pending.values(), ({ method, atMs }) => ({ method, ageMs: clock.nowMs() - atMs })),
    };
  }

  /** Goes on over this transport, with what follows the last message that the peer has received. */
  attach(transport: Transport, peerReceived: number): void {
    this.#transport = transport;
    this.#outbox.attach(transport, peerReceived);
    if (this.#inbox.full) transport.pause();
  }

  /** The link broke. What is under way stays so. */
  detach(): void {
    this.#transport = undefined;
    this.#outbox.detach();
  }

  /** Drops media until no more than this is kept. Returns whether that was enough. */
  makeRoom(maxBytes: number): boolean {
    return this.#outbox.makeRoom(0, maxBytes);
  }

  /** Whether all that follows this number can still be sent. */
  canReplay(received: number): boolean {
    return this.#outbox.canReplay(received);
  }

  /** Gives up what the peer may not have received; the numbers go on behind it. */
  skip(): void {
    this.#outbox.skip();
  }

  /** The peer has given up what was not received here, and goes on behind it. */
  skipped(): void {
    this.#anyNumber = true;
    this.#received = 0; // until its next message has told
  }

  /** No longer message leaves. Those that wait and are longer are dropped, and calls among them rejected. */
  limit(maxMessageBytes: number): void {
    this.#maxMessageBytes = maxMessageBytes;
    const long = new Set(this.#outbox.numbers(message => this.#isTooLong(message)));
    for (const number of long) this.#outbox.drop(number);
    if (long.size > 0) this.#rejectAll('refused', ({ number }) => long.has(number), ({ method }) => this.#tooLong(method));
  }

  /**
   * Of the calls that the peer has received, all but those with these ids were answered, though the answers are lost.
   * They are rejected after what was received before has been delivered.
   */
  lostAnswers(peerReceived: number, answering: readonly number[]): void {
    const still = new Set(answering);
    const lost = this.#pending.ids(({ number }, id) => number <= peerReceived && !still.has(id));
    this.#inbox.push([() => this.#rejectLost(lost)]);
  }

  /**
   * The conversation goes no further, though another may follow, with numbers from 1. Calls under way are rejected after
   * the answers received before have been delivered, those that wait at once; notifications of both sides are forgotten.
   */
  forget(reason: string): void {
    const { reached } = this.#outbox;
    this.detach();
    const lost = this.#pending.ids(({ number }) => number <= reached);
    this.#rejectAll('unsent', ({ number }) => number > reached, ({ method }) => new NotConnectedError(`${method} was not sent: ${reason}`));
    this.#outbox.reset();
    this.#options.handlers.forgotten?.();
    this.#inbox.keepAnswers();
    this.#received = 0;
    this.#anyNumber = false;
    if (lost.length > 0) this.#inbox.push([() => this.#rejectLost(lost)]);
  }

  /** Calls that wait are rejected with this error; the others stay under way. */
  refuse(error: Error): void {
    const { reached } = this.#outbox;
    for (const { number } of this.#pending.values()) if (number > reached) this.#outbox.drop(number);
    this.#rejectAll('unsent', ({ number }) => number > reached, () => error);
  }

  /** Ends it for good; what waits is sent. `error` is what later calls reject with. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#outbox.flush();
    const { reached } = this.#outbox;
    this.#rejectAll('unsent', ({ number }) => number > reached, () => error);
    this.#rejectAll('lost', () => true, ({ method }) => new ConnectionLostError(`${method} was not answered: ${error.message}`, { cause: error }));
    this.detach();
    this.#outbox.reset();
    this.#inbox.clear();
  }

  /**
   * Calls the peer. Rejects with the peer's error, or one of ConnectionLost-, RequestTimeout-, NotConnected-, QueueFull-
   * and MessageTooLargeError.
   */
  request<Result, Value = Result>(method: string, params: object, { signal, timeoutMs, onResult }: RequestOptions<Result, Value> = {}): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      signal?.throwIfAborted();
      const id = (this.#lastId += 1);
      const { clock, requestTimeoutMs, handlers } = this.#options;
      const number = this.#outbox.last + 1;
      const prepared = handlers.prepare?.(method, params as Record<string, unknown>, number) ?? (params as Record<string, unknown>);
      const message = encodeMessage({ id, method, params: prepared });
      const atMs = clock.nowMs();
      const deadlineMs = atMs + (timeoutMs ?? requestTimeoutMs);
      const request: PendingRequest = { method, number, atMs, deadlineMs, resolve: resolve as (value: unknown) => void, reject, onResult };
      if (this.#isTooLong(message)) return this.#reject(request, 'refused', this.#tooLong(method));
      if (!this.#fits(message, 'calls')) {
        return this.#reject(request, 'refused', new QueueFullError(`${method} was not sent: ${this.#outbox.keptBytes} bytes wait to be sent or acknowledged already`));
      }
      this.#outbox.push(message);
      this.#pending.add(id, request, signal);
    });
  }

  /** Tells the peer, now or over the next link. Media are dropped when there is no room; anything else then means `overflow`. */
  notify(method: string, params: object, media = false): void {
    if (this.#ended) return;
    const message = encodeMessage({ method, params: params as Record<string, unknown> });
    if (this.#isTooLong(message)) throw this.#tooLong(method);
    this.send(message, media);
  }

  /** Sends a notification or an answer that is written already. Returns its number, or none when it was dropped. */
  send(message: Encoded, media = false): number | undefined {
    if (this.#ended) return undefined;
    if (this.#fits(message, media ? 'calls' : 'all')) return this.#outbox.push(message, media);
    if (!media) this.#options.handlers.overflow();
    return undefined;
  }

  /** Sends what waits for the end of the tick. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Acknowledges what was received, if no message of ours has done so. */
  acknowledge(): void {
    if (this.#unacknowledgedMessages > 0) this.#outbox.sendAck();
  }

  /** Takes a frame of so many bytes in. Throws a ProtocolError when its numbers cannot be. */
  receive(frame: DataFrame, bytes: number): void {
    const { seq, ack, messages } = frame;
    if (wire.enabled) traceReceived(frame, bytes);
    if (this.#anyNumber) this.#received = seq - 1;
    if (seq !== this.#received + 1) throw new ProtocolError(`message ${seq} came after message ${this.#received}`);
    this.#anyNumber = false;
    this.receiveAck(ack);
    this.#received += messages.length;
    this.#framesReceived += 1;
    this.#bytesReceived += bytes;
    this.#unacknowledgedMessages += messages.length;
    this.#unacknowledgedBytes += bytes;
    if (this.#unacknowledgedMessages >= UNACKNOWLEDGED_MESSAGES || this.#unacknowledgedBytes >= UNACKNOWLEDGED_BYTES) this.#outbox.acknowledgeSoon();
    this.#inbox.push(messages);
    if (bytes >= LARGE_FRAME_BYTES) this.#pace(bytes);
  }

  /** The peer has everything up to this number. Throws a ProtocolError when that cannot be. */
  receiveAck(ack: number): void {
    if (ack > this.#outbox.reached) throw new ProtocolError(`message ${ack} was acknowledged, the last one sent is ${this.#outbox.reached}`);
    this.#outbox.acknowledge(ack);
  }

  /** Runs when what was received so far has been delivered. */
  inOrder(run: () => void): void {
    this.#inbox.push([run]);
  }

  /** The ids of requests that were received and have not been handled yet. */
  unhandledRequests(): number[] {
    return this.#inbox.requests();
  }

  /** A socket hands out a megabyte in one go, which takes longer to read than others should wait. */
  #pace(bytes: number): void {
    if (this.#turnBytes === 0) this.#options.clock.immediate(this.#onTurnEnd);
    this.#turnBytes += bytes;
    if (this.#turnBytes < TURN_BYTES || this.#resting) return;
    this.#resting = true;
    this.#transport?.pause();
  }

  readonly #onTurnEnd = (): void => {
    this.#turnBytes = 0;
    if (!this.#resting) return;
    this.#resting = false;
    this.#readOn();
  };

  #readOn(): void {
    if (!this.#resting && !this.#inbox.full) this.#transport?.resume();
  }

  #deliver(message: Message): void {
    const { handlers } = this.#options;
    try {
      if (!('method' in message)) this.#answered(message);
      else if ('id' in message) handlers.request(message);
      else handlers.notification(message);
    } catch (error) {
      handlers.failed(error instanceof ProtocolError ? error : new ProtocolError('a message could not be understood', { cause: error }));
    }
  }

  #answered(response: Response): void {
    const request = this.#pending.take(response.id);
    if (!request) return; // given up meanwhile; the peer has been told, and undoes what it made
    const { handlers } = this.#options;
    if ('error' in response) return this.#reject(request, 'error', handlers.error(response.error));
    handlers.settled?.(request, 'ok', true);
    try {
      const result = handlers.result(request.method, response.result) as never;
      request.resolve(request.onResult ? request.onResult(result) : result);
    } catch (error) {
      request.reject(error);
    }
  }

  #rejectAll(outcome: CallOutcome, which: (request: PendingRequest) => boolean, error: (request: PendingRequest) => Error): void {
    for (const request of this.#pending.takeAll(this.#pending.ids(which))) this.#reject(request, outcome, error(request));
  }

  #reject(request: PendingRequest, outcome: CallOutcome, error: unknown): void {
    this.#options.handlers.settled?.(request, outcome, request.number <= this.#outbox.reached);
    request.reject(error);
  }

  #rejectLost(ids: readonly number[]): void {
    for (const request of this.#pending.takeAll(ids)) {
      this.#reject(request, 'lost', new ConnectionLostError(`the connection was lost before ${request.method} was answered; whether it happened is unknown`));
    }
  }

  #expired(id: number, request: PendingRequest): void {
    const sent = request.number <= this.#outbox.reached;
    this.#cancel(id, request);
    if (sent) this.#reject(request, 'timeout', new RequestTimeoutError(`${request.method} was not answered in time; whether it happened is unknown`));
    else this.#reject(request, 'unsent', new NotConnectedError(`${request.method} was not sent: no connection before its deadline`));
  }

  #cancel(id: number, { number }: PendingRequest): void {
    if (number > this.#outbox.reached) this.#outbox.drop(number);
    else this.notify('rope.cancel', { id });
  }

  #fits(message: Encoded, kind: 'calls' | 'all'): boolean {
    return this.#outbox.makeRoom(sizeOf(message), this.#options.bounds(this.#transport !== undefined)[kind]);
  }

  #isTooLong(message: Encoded): boolean {
    const max = this.#maxMessageBytes;
    const size = sizeOf(message);
    // A UTF-16 unit is at most 3 bytes of UTF-8, and at least one: only between the two is counting needed.
    if (size * 3 <= max) return false;
    if (size > max) return true;
    const text = typeof message === 'string' ? message : message.text;
    return new TextEncoder().encode(text).length + (size - text.length) > max;
  }

  #tooLong(method: string): Error {
    return new MessageTooLargeError(`${method} takes more than the ${this.#maxMessageBytes} bytes that the peer accepts in one message`);
  }
}
