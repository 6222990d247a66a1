import type { Clock, Timer } from '../clock.ts';
import type { RopeNotifications } from '../protocol/message.ts';
import type { ObjectId, WireError } from '../protocol/message.ts';
import { ConnectionLostError, RemoteError } from '../errors.ts';
import type { Publisher, Subscriber } from '../state/publisher.ts';
import { Session } from '../session/session.ts';
import type { SessionHandlers } from '../session/session.ts';
import type { Transport } from '../session/transport.ts';
import type { WorkInHand } from './dispatcher.ts';
import type { SessionObjects } from './session-objects.ts';

/** Why a session ended for good. */
export type SessionEndReason = 'closed' | 'lease' | 'goodbye' | 'protocol';

export interface ServerSessionOptions {
  readonly clock: Clock;
  readonly id: string;
  readonly client: string;
  readonly leaseMs: number;
  readonly objects: SessionObjects;
  readonly publisher: Publisher;
  readonly receive: Pick<SessionHandlers, 'request' | 'notification' | 'failed'>;
  /** The lease ran out. */
  readonly expired: () => void;
}

/**
 * One client, over one link after the other, and what belongs to it:
 *
 *     linked ⇄ unlinked (leaseMs) → ended
 */
export class ServerSession implements Subscriber {
  /** Known to the client and this server alone; whoever names it goes on with the session. */
  readonly id: string;
  /** Who it is, in the client's own words. */
  readonly client: string;
  readonly objects: SessionObjects;
  /** Requests that are being worked on. */
  readonly work: WorkInHand = new Map();
  readonly #options: ServerSessionOptions;
  readonly #session: Session;
  #transport: Transport | undefined;
  #lease: Timer;
  #links = 0;
  /** Answers that made an object and that the client may not have seen yet: request → the answer's number and the object. */
  readonly #answered = new Map<number, { readonly number: number; readonly object: ObjectId }>();

  constructor(options: ServerSessionOptions) {
    this.id = options.id;
    this.client = options.client;
    this.objects = options.objects;
    this.#options = options;
    this.#session = new Session({
      clock: options.clock,
      offline: 'drop',
      requestTimeoutMs: 0,
      handlers: { ...options.receive, error: (error: WireError) => new RemoteError(error.message), result: (_, result) => result },
    });
  }

  /** Whether there is a link. */
  get connected(): boolean {
    return this.#transport !== undefined;
  }

  /** The number of the last message received over the present or former link. */
  get received(): number {
    return this.#session.received;
  }

  /** How many links it has had; answers to a question belong to the link that it came over. */
  get links(): number {
    return this.#links;
  }

  /** Goes on over this link, with a snapshot. */
  link(transport: Transport): void {
    this.unlink();
    this.#options.clock.clearTimeout(this.#lease);
    this.#transport = transport;
    this.#links += 1;
    this.#session.restart();
    this.#session.attach(transport);
    this.#options.publisher.snapshot(this);
  }

  /** The link broke; the lease begins. */
  unlink(): void {
    if (!this.#transport) return;
    this.#transport = undefined;
    this.#session.detach();
    this.#answered.clear();
    this.#lease = this.#options.clock.setTimeout(this.#options.expired, this.#options.leaseMs);
  }

  /** Ends it for good; what is still waiting is sent. */
  end(): void {
    this.#transport = undefined;
    this.#options.clock.clearTimeout(this.#lease);
    this.#session.end(new ConnectionLostError('the session has ended'));
    for (const work of this.work.values()) work.cancel();
  }

  receive(frame: Parameters<Session['receive']>[0]): void {
    this.#session.receive(frame);
    this.receiveAck(frame.ack);
  }

  receiveAck(ack: number): void {
    this.#session.receiveAck(ack);
    // Answers are numbered as they are made, so the first one that is not acknowledged ends the walk.
    for (const [id, { number }] of this.#answered) {
      if (number > ack) break;
      this.#answered.delete(id);
    }
  }

  notify<Name extends keyof RopeNotifications>(method: Name, params: RopeNotifications[Name]): void {
    this.#session.notify(method, params);
  }

  /** Sends an answer. `made` is the object that it hands out. */
  answer(text: string, id: number, made?: ObjectId): void {
    const number = this.#session.respond(text);
    if (made !== undefined && number !== undefined) this.#answered.set(id, { number, object: made });
  }

  /** The object that was handed out in the answer to this request, if the client may not have seen it. */
  takeAnswered(id: number): ObjectId | undefined {
    const answered = this.#answered.get(id);
    this.#answered.delete(id);
    return answered?.object;
  }

  /** Sends what waits for the end of the tick. */
  flush(): void {
    this.#session.flush();
  }

  /** Acknowledges what was received, if nothing else has done so. */
  acknowledge(): void {
    this.#session.acknowledge();
  }
}
