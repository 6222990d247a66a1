import type { Clock } from '../clock.ts';
import { ConnectionLostError, MessageTooLargeError, NotConnectedError, ProtocolError, RequestTimeoutError } from '../errors.ts';
import { encodeMessage } from '../protocol/codec.ts';
import type { DataFrame, Message, Notification, Request, Response, WireError } from '../protocol/message.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { PendingRequests } from './pending-requests.ts';
import type { PendingRequest, RequestOptions } from './pending-requests.ts';
import type { Transport } from './transport.ts';

export type { RequestOptions } from './pending-requests.ts';

/** What a session does with what it hears. */
export interface SessionHandlers {
  request(request: Request): void;
  notification(notification: Notification): void;
  /** The peer sent what makes no sense; the owner ends the link. */
  failed(error: ProtocolError): void;
  /** What the wire's error becomes for the caller. */
  error(error: WireError): Error;
  /** What the wire's result becomes. */
  result(method: string, result: unknown): unknown;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly handlers: SessionHandlers;
  readonly requestTimeoutMs: number;
  /** What becomes of messages made without a link: a client's wait, a server's are lost, since a snapshot follows. */
  readonly offline: 'hold' | 'drop';
}

interface Held {
  readonly text: string;
  /** The request's id; absent for a notification. */
  readonly id?: number;
}

/**
 * One conversation, the same at both ends, over one transport after the other:
 *
 *     detached ── attach(transport) ──▶ attached ── detach() ──▶ detached … ── end() ──▶ ended
 *
 * Handshake and heartbeat belong to whoever owns the transport.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pending: PendingRequests;
  #attached = false;
  #ended: Error | undefined;
  #held: Held[] = [];
  #lastId = 0;
  #received = 0;
  /** The last number that was told to the peer without a message of ours. */
  #acknowledged = 0;
  #maxMessageBytes = Infinity;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#inbox = new Inbox(options.clock, message => this.#deliver(message));
    this.#outbox = new Outbox(options.clock, () => {
      this.#acknowledged = this.#received;
      return this.#received;
    });
    this.#pending = new PendingRequests(options.clock, {
      expired: (id, request) => this.#expired(id, request),
      aborted: (id, request, reason) => {
        this.#cancel(id, request);
        request.reject(reason);
      },
    });
  }

  /** The number of the last message received. */
  get received(): number {
    return this.#received;
  }

  /** The peer's messages are numbered from 1 again. */
  restart(): void {
    this.#received = 0;
    this.#acknowledged = 0;
  }

  /** Goes on over this transport: first what the peer may have missed, then what waited for a link. Numbers start at 1. */
  attach(transport: Transport, { maxMessageBytes = Infinity, peerReceived = Infinity }: { maxMessageBytes?: number; peerReceived?: number } = {}): void {
    this.#maxMessageBytes = maxMessageBytes;
    this.#outbox.acknowledged(peerReceived);
    const again = this.#outbox.takeUnacknowledged();
    const held = this.#held;
    this.#held = [];
    this.#attached = true;
    this.#outbox.attach(transport);
    for (const text of again) this.#outbox.push(text, true);
    for (const { text, id } of held) this.#release(text, id);
  }

  /** The link broke. Calls under way are rejected, after what was received before has been delivered. */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#outbox.detach();
    // Which ones is settled now: by the time their turn comes, others may be under way on the next link.
    const lost = this.#pending.ids(request => request.sent);
    this.#inbox.push([() => {
      for (const request of this.#pending.takeAll(lost)) {
        request.reject(new ConnectionLostError(`the link broke before ${request.method} was answered; whether it happened is unknown`));
      }
    }]);
  }

  /**
   * The conversation goes no further, though another may follow: calls that wait are rejected with `error` (default: a
   * NotConnectedError), notifications forgotten.
   */
  forget(reason: string, error?: Error): void {
    this.detach();
    this.#held = [];
    this.#outbox.takeUnacknowledged();
    for (const request of this.#pending.takeAll(this.#pending.ids(request => !request.sent))) {
      request.reject(error ?? new NotConnectedError(`${request.method} was not sent: ${reason}`));
    }
  }

  /** Ends it for good. `error` is what later calls reject with. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#attached = false;
    this.#outbox.flush();
    this.#outbox.detach();
    this.#inbox.clear();
    this.#held = [];
    for (const request of this.#pending.takeAll(this.#pending.ids())) {
      request.reject(request.sent ? new ConnectionLostError(`${request.method} was not answered: ${error.message}`, { cause: error }) : error);
    }
  }

  /** Calls the peer. Rejects with the peer's error, or one of ConnectionLost-, RequestTimeout-, NotConnected- and MessageTooLargeError. */
  request<Result, Value = Result>(method: string, params: object, { signal, timeoutMs, onResult }: RequestOptions<Result, Value> = {}): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      signal?.throwIfAborted();
      const id = (this.#lastId += 1);
      const text = encodeMessage({ id, method, params: params as Record<string, unknown> }) as string;
      this.#checkSize(method, text);
      const request: PendingRequest = { method, sent: this.#attached, resolve: resolve as (value: unknown) => void, reject, onResult };
      this.#pending.add(id, request, timeoutMs ?? this.#options.requestTimeoutMs, signal);
      if (this.#attached) this.#outbox.push(text);
      else this.#held.push({ text, id });
    });
  }

  /**
   * Tells the peer. Without a link it waits (at a client), and it is said again after a broken one as long as the peer
   * has not acknowledged it: what it asks for must be safe to do twice.
   */
  notify(method: string, params: object): void {
    if (this.#ended) return;
    const text = encodeMessage({ method, params: params as Record<string, unknown> }) as string;
    this.#checkSize(method, text);
    const hold = this.#options.offline === 'hold';
    if (this.#attached) this.#outbox.push(text, hold);
    else if (hold) this.#held.push({ text });
  }

  /** Answers; lost without a link. `text` is the whole message. Returns its number. */
  respond(text: string): number | undefined {
    return this.#attached ? this.#outbox.push(text) : undefined;
  }

  /** Sends what waits for the end of the tick. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Acknowledges what was received, if no message of ours has done so. */
  acknowledge(): void {
    if (this.#attached && this.#acknowledged < this.#received) this.#outbox.sendAck();
  }

  /** Takes a frame in. Throws a ProtocolError when its numbers cannot be. */
  receive(frame: DataFrame): void {
    const { seq, ack, messages } = frame;
    if (seq !== this.#received + 1) throw new ProtocolError(`message ${seq} came after message ${this.#received}`);
    this.#received += messages.length;
    this.#inbox.push(messages.filter(message => message !== null));
    this.receiveAck(ack);
  }

  /** The peer has everything up to this number. Throws a ProtocolError when that cannot be. */
  receiveAck(ack: number): void {
    if (ack > this.#outbox.last) throw new ProtocolError(`message ${ack} was acknowledged, the last one sent is ${this.#outbox.last}`);
    this.#outbox.acknowledged(ack);
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
    if ('error' in response) return request.reject(handlers.error(response.error));
    try {
      const result = handlers.result(request.method, response.result) as never;
      request.resolve(request.onResult ? request.onResult(result) : result);
    } catch (error) {
      request.reject(error);
    }
  }

  #release(text: string, id: number | undefined): void {
    if (id === undefined) return void this.#outbox.push(text, true);
    const request = this.#pending.get(id);
    if (!request) return; // given up while it waited
    try {
      this.#checkSize(request.method, text);
      request.sent = true;
      this.#outbox.push(text);
    } catch (error) {
      this.#pending.take(id);
      request.reject(error);
    }
  }

  #expired(id: number, request: PendingRequest): void {
    this.#cancel(id, request);
    request.reject(
      request.sent
        ? new RequestTimeoutError(`${request.method} was not answered in time; whether it happened is unknown`)
        : new NotConnectedError(`${request.method} was not sent: no connection before its deadline`),
    );
  }

  #cancel(id: number, request: PendingRequest): void {
    if (request.sent && this.#attached) this.#outbox.push(encodeMessage({ method: 'rope.cancel', params: { id } }) as string);
  }

  #checkSize(method: string, text: string): void {
    const max = this.#maxMessageBytes;
    // A UTF-16 unit is at most 3 bytes of UTF-8, and at least one: only between the two is counting needed.
    if (text.length * 3 <= max || (text.length <= max && new TextEncoder().encode(text).length <= max)) return;
    throw new MessageTooLargeError(`${method} takes more than the ${max} bytes that the peer accepts in one message`);
  }
}
