import type { Clock } from '../clock.ts';
import type { Message } from '../protocol/message.ts';

/** Something to do when everything received before it has been delivered. */
type Task = () => void;

/** So much is delivered in one go; then others have their turn. */
const TURN_MESSAGES = 200;
const TURN_MS = 5;
/** How often to look at the clock: a part of a snapshot takes a millisecond or so, anything else far less. */
const MESSAGES_PER_LOOK = 4;
/** An app may listen to what these tell. */
const TELLING: ReadonlySet<string> = new Set(['rope.created', 'rope.event', 'rope.patch', 'rope.closed']);
/** With so many waiting no more is read. */
const FULL = 1_000;
/** Read on when so few are left. */
const ROOM = 200;

export interface InboxOptions {
  readonly clock: Clock;
  /** Must not throw. */
  readonly deliver: (message: Message) => void;
  /** Too much is waiting (`true`), or no longer. */
  readonly full: (full: boolean) => void;
}

/**
 * What has arrived, delivered in order and in turns, so that one peer that talks a lot does not hold up others. A
 * notification that comes after a response waits for a macrotask of its own, so that everything which follows
 * `await request()` synchronously, above all `on(…)`, runs before any later event. One that comes after another which an app
 * may have listened to waits for the microtasks, so that what a listener leads to is done before the next is called. This
 * also holds over several frames: a WebSocket may deliver them without a microtask between.
 */
export class Inbox {
  readonly #options: InboxOptions;
  #items: (Message | Task)[] = [];
  #next = 0;
  /** A response was delivered since the last pause; its awaiting code may not have run yet. */
  #answered = false;
  /** A listener may have been called since the last pause. */
  #told = false;
  #turnMs = 0;
  #turnMessages = 0;
  #busy = false;
  #full = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#full;
  }

  /** How many wait to be delivered. */
  get size(): number {
    return this.#items.length - this.#next;
  }

  /** Delivers now, or as soon as what is before has been. A `null` is passed over. */
  push(messages: readonly (Message | Task | null)[]): void {
    for (const message of messages) if (message !== null) this.#items.push(message);
    if (!this.#busy) this.#turn();
    if (!this.#full && this.size > FULL) this.#tell(true);
  }

  /** The ids of requests that wait to be delivered. */
  requests(): number[] {
    return this.#items.slice(this.#next).flatMap(item => (typeof item !== 'function' && 'id' in item && 'method' in item ? [item.id] : []));
  }

  /** Forgets notifications and requests that have not been delivered. */
  keepAnswers(): void {
    this.#items = this.#items.slice(this.#next).filter(item => typeof item === 'function' || !('method' in item));
    this.#next = 0;
  }

  /** Forgets what has not been delivered. */
  clear(): void {
    this.#items = [];
    this.#next = 0;
  }

  #turn(): void {
    this.#busy = true;
    this.#turnMs = this.#options.clock.nowMs();
    this.#turnMessages = 0;
    this.#run();
  }

  readonly #run = (): void => {
    const { clock, deliver } = this.#options;
    for (; this.#next < this.#items.length; this.#turnMessages += 1) {
      const item = this.#items[this.#next]!;
      if ((this.#answered && isNotification(item)) || this.#turnIsOver()) return clock.immediate(this.#goOn);
      if (this.#told && isNotification(item)) {
        this.#told = false;
        return clock.endOfTick(this.#run);
      }
      this.#next += 1;
      if (typeof item === 'function') {
        this.#answered = true; // it rejects calls: what follows their rejection runs before any later event, too
        item();
      } else {
        if (!('method' in item)) this.#answered = true;
        else if (TELLING.has(item.method)) this.#told = true;
        deliver(item);
      }
      if (this.#full && this.size <= ROOM) this.#tell(false);
    }
    this.#items = [];
    this.#next = 0;
    this.#busy = false;
  };

  #turnIsOver(): boolean {
    if (this.#turnMessages >= TURN_MESSAGES) return true;
    return this.#turnMessages % MESSAGES_PER_LOOK === MESSAGES_PER_LOOK - 1 && this.#options.clock.nowMs() - this.#turnMs >= TURN_MS;
  }

  readonly #goOn = (): void => {
    this.#answered = false;
    this.#told = false;
    if (this.#next > TURN_MESSAGES) {
      this.#items.splice(0, this.#next);
      this.#next = 0;
    }
    this.#turn();
  };

  #tell(full: boolean): void {
    this.#full = full;
    this.#options.full(full);
  }
}

function isNotification(item: Message | Task): boolean {
  return typeof item !== 'function' && 'method' in item && !('id' in item);
}
