import type { Clock, Timer } from '../clock.ts';
import { ConnectionLostError, RemoteError } from '../errors.ts';
import { encodeMessage } from '../protocol/codec.ts';
import type { Encoded } from '../protocol/codec.ts';
import type { DataFrame, ObjectId, Scope, WireError } from '../protocol/message.ts';
import { Session } from '../session/session.ts';
import type { SessionHandlers, SessionState } from '../session/session.ts';
import type { Transport } from '../session/transport.ts';
import type { Publisher, Subscriber } from '../state/publisher.ts';
import type { Principal } from './authentication.ts';
import type { WorkInHand } from './dispatcher.ts';
import type { ReplayBudget } from './replay-budget.ts';
import type { SessionObjects } from './session-objects.ts';

/** More of a snapshot is made when less than this is on its way. */
const SNAPSHOT_WINDOW_BYTES = 1_024 * 1_024;

/** Why a session ended for good. */
export type SessionEndReason = 'closed' | 'lease' | 'goodbye' | 'protocol';

/** How a session goes on over its next link: with what the client has missed, or with a snapshot. */
export type ServerResume = 'replay' | 'snapshot';

export interface ServerSessionOptions {
  readonly clock: Clock;
  readonly id: string;
  readonly client: string;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly ownerId?: string;
  /** Whose objects are its own: its id, or what sessions of one `ownerId` have in common. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly objects: SessionObjects;
  readonly publisher: Publisher;
  readonly receive: Pick<SessionHandlers, 'request' | 'notification' | 'failed'>;
  /** The lease ran out. */
  readonly expired: () => void;
  /** The client leaves too much unread: its link is to end, and the session to go on. Calls `unlink()`. */
  readonly slow: () => void;
  /** What may be on its way to the client, or wait for it, on a link. */
  readonly maxBufferedBytes: number;
  /** What is kept for it without one. */
  readonly maxReplayBytes: number;
  readonly replayBudget: ReplayBudget;
}

/** How a session stands, as plain data. */
export interface ServerSessionInspection extends SessionState {
  /** The beginning of its id, which as a whole is a secret. */
  readonly id: string;
  readonly client: string;
  readonly principal: string;
  readonly scope: Scope;
  readonly ownerId?: string;
  readonly state: 'linked' | 'unlinked' | 'unlinked, to be sent a snapshot' | 'ended';
  /** Links so far. */
  readonly links: Readonly<Record<ServerResume | 'new', number>>;
  /** Requests being worked on. */
  readonly working: readonly { readonly id: number; readonly method: string; readonly ageMs: number }[];
}

/**
 * One client, over one link after the other, and what belongs to it:
 *
 *     linked ⇄ unlinked (leaseMs) → ended
 */
export class ServerSession implements Subscriber {
  /** Known to the client and this server alone; whoever names it, and is the same principal, goes on with the session. */
  readonly id: string;
  /** Who it is, in the client's own words. */
  readonly client: string;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly ownerId?: string;
  readonly owner: string;
  readonly objects: SessionObjects;
  /** Requests that are being worked on. */
  readonly work: WorkInHand = new Map();
  readonly #options: ServerSessionOptions;
  readonly #session: Session;
  #transport: Transport | undefined;
  #lease: Timer;
  #ended = false;
  /** What the client misses was too much to keep. */
  #dropped = false;
  readonly #links = { new: 0, replay: 0, snapshot: 0 };
  /** Answers that made an object and that the client may not have seen yet: request → the answer's number and the object. */
  readonly #answered = new Map<number, { readonly number: number; readonly object: ObjectId }>();

  constructor(options: ServerSessionOptions) {
    this.id = options.id;
    this.client = options.client;
    this.principal = options.principal;
    this.scope = options.scope;
    if (options.ownerId !== undefined) this.ownerId = options.ownerId;
    this.owner = options.owner;
    this.objects = options.objects;
    this.#options = options;
    const live = { calls: options.maxBufferedBytes, all: options.maxBufferedBytes };
    const offline = { calls: options.maxReplayBytes, all: options.maxReplayBytes };
    this.#session = new Session({
      clock: options.clock,
      requestTimeoutMs: 0,
      bounds: linked => (linked ? live : offline),
      handlers: {
        ...options.receive,
        overflow: () => this.#overflow(),
        /* v8 ignore start -- a server asks nothing, so nothing is answered to it */
        error: (error: WireError) => new RemoteError(error.message),
        result: (_, result) => result,
        /* v8 ignore stop */
      },
    });
  }

  /** Whether there is a link. */
  get connected(): boolean {
    return this.#transport !== undefined;
  }

  /** The number of the last message received, over whatever link. */
  get received(): number {
    return this.#session.received;
  }

  /** Whether more of a snapshot may be sent. */
  get hasRoom(): boolean {
    return this.connected && this.#session.keptBytes < SNAPSHOT_WINDOW_BYTES;
  }

  /** How it stands now. */
  inspect(): ServerSessionInspection {
    const { id, client, principal, scope, ownerId } = this;
    const nowMs = this.#options.clock.nowMs();
    return {
      ...this.#session.state,
      id: id.slice(0, 8), client, principal: principal.name, scope, ...(ownerId !== undefined && { ownerId }),
      state: this.#ended ? 'ended' : this.connected ? 'linked' : this.#dropped ? 'unlinked, to be sent a snapshot' : 'unlinked',
      links: { ...this.#links },
      working: Array.from(this.work, ([request, { method, atMs }]) => ({ id: request, method, ageMs: nowMs - atMs })),
    };
  }

  /** How it goes on with a client that has received up to this number. The former link is done with. */
  resume(received: number): ServerResume {
    this.unlink();
    return !this.#dropped && this.#options.publisher.isComplete(this) && this.#session.canReplay(received) ? 'replay' : 'snapshot';
  }

  /** The requests that will be answered yet. */
  answering(): number[] {
    return [...this.work.keys(), ...this.#session.unhandledRequests()];
  }

  /** Goes on over this link; `received` is the last number that the client has of a session that goes on. */
  link(transport: Transport, resume: ServerResume | 'new', received: number): void {
    const { clock, publisher, replayBudget } = this.#options;
    this.unlink();
    clock.clearTimeout(this.#lease);
    replayBudget.release(this.id);
    this.#transport = transport;
    this.#links[resume] += 1;
    if (resume === 'replay') return this.#session.attach(transport, received);
    this.#dropped = false;
    this.#answered.clear();
    this.#session.skip();
    this.#session.attach(transport, 0);
    publisher.snapshot(this);
  }

  /** The link broke; the lease begins. */
  unlink(): void {
    if (!this.#transport) return;
    this.#transport = undefined;
    this.#session.detach();
    this.#lease = this.#options.clock.setTimeout(this.#options.expired, this.#options.leaseMs);
    this.#keepWithinBounds();
  }

  /** Ends it for good; what is still waiting is sent. */
  end(): void {
    this.#ended = true;
    this.#transport = undefined;
    this.#options.clock.clearTimeout(this.#lease);
    this.#options.replayBudget.release(this.id);
    this.#session.end(new ConnectionLostError('the session has ended'));
    for (const work of this.work.values()) work.cancel();
  }

  /** Takes a frame of so many bytes in. */
  receive(frame: DataFrame, bytes: number): void {
    this.#session.receive(frame, bytes);
    this.#acknowledged(frame.ack);
  }

  receiveAck(ack: number): void {
    this.#session.receiveAck(ack);
    this.#acknowledged(ack);
  }

  /** Tells the client; any method that it knows. */
  notify(method: string, params: object): void {
    this.send(encodeMessage({ method, params: params as Record<string, unknown> }), false);
  }

  /** Sends what is written already, over whatever link there is or will be. Media are dropped when there is no room. */
  send(message: Encoded, media: boolean): void {
    this.#send(message, media);
  }

  /** Sends an answer. `made` is the object that it hands out. */
  answer(message: Encoded, id: number, made?: ObjectId): void {
    const number = this.#send(message, false);
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

  #send(message: Encoded, media: boolean): number | undefined {
    if (this.#dropped) return undefined; // a snapshot will tell
    const number = this.#session.send(message, media);
    if (!this.#transport) this.#keepWithinBounds();
    return number;
  }

  #acknowledged(ack: number): void {
    // Answers are numbered as they are made, so the first one that is not acknowledged ends the walk.
    for (const [id, { number }] of this.#answered) {
      if (number > ack) break;
      this.#answered.delete(id);
    }
    if (this.hasRoom) this.#options.publisher.proceed(this);
  }

  /** What is kept without a link is bounded, here and over all sessions. */
  #keepWithinBounds(): void {
    const { replayBudget, maxReplayBytes } = this.#options;
    if (this.#dropped || this.#ended) return;
    if (!this.#session.makeRoom(maxReplayBytes) || !replayBudget.take(this.id, this.#session.keptBytes)) this.#drop();
  }

  #overflow(): void {
    this.#drop();
    if (this.#transport) this.#options.slow();
  }

  /** What the client misses is lost: its next link gets a snapshot. */
  #drop(): void {
    this.#dropped = true;
    this.#answered.clear();
    this.#session.skip();
    this.#options.replayBudget.release(this.id);
    this.#options.publisher.mute(this);
  }
}
