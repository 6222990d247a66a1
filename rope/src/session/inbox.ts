import type { Clock } from '../clock.ts';
import type { Message } from '../protocol/message.ts';

/** Something to do when everything received before it has been delivered. */
type Task = () => void;

/**
 * What has arrived, delivered in order. A notification that comes after a response waits for a macrotask of its own, so
 * that everything which follows `await request()` synchronously, above all `on(…)`, runs before any later event. This
 * also holds over several frames: a WebSocket may deliver them without a microtask between.
 */
export class Inbox {
  readonly #clock: Clock;
  readonly #deliver: (message: Message) => void;
  #items: (Message | Task)[] = [];
  /** A response was delivered since the last pause; its awaiting code may not have run yet. */
  #answered = false;
  #busy = false;

  constructor(clock: Clock, deliver: (message: Message) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** Delivers now, or as soon as what is before has been. `deliver` must not throw. */
  push(messages: readonly (Message | Task)[]): void {
    for (const message of messages) this.#items.push(message);
    if (!this.#busy) this.#run();
  }

  /** Forgets what has not been delivered. */
  clear(): void {
    this.#items = [];
  }

  #run(): void {
    this.#busy = true;
    const items = this.#items;
    let next = 0;
    // `clear()` may be called while an item is delivered; it puts another list in place.
    while (next < items.length && items === this.#items) {
      const item = items[next]!;
      if (this.#answered && isNotification(item)) {
        items.splice(0, next);
        this.#clock.immediate(() => {
          this.#answered = false;
          this.#run();
        });
        return;
      }
      next += 1;
      if (typeof item === 'function') item();
      else {
        if (!('method' in item)) this.#answered = true;
        this.#deliver(item);
      }
    }
    if (items === this.#items) this.#items = [];
    this.#busy = false;
  }
}

function isNotification(item: Message | Task): boolean {
  return typeof item !== 'function' && 'method' in item && !('id' in item);
}
