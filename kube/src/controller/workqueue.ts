import { type Clock, systemClock } from '../clock.ts';
import { type Rate, TokenBucket } from './rate-limit.ts';

/** Keys of high priority go first: a change that just happened before one of many that a start or a resync brings. */
export type Priority = 'high' | 'low';

export interface WorkQueueOptions {
  clock?: Clock;
  /** The wait after a key's first failure; doubled with each one. Default 5 ms, as client-go. */
  minBackoffMs?: number;
  /** Default 300 s. client-go's 1000 s leave an object that has been mended alone for a quarter of an hour. */
  maxBackoffMs?: number;
  /** For failures of all keys together. Default 10 per second, 100 at once, as client-go. */
  rate?: Rate;
}

/** A look at a queue. */
export interface WorkQueueMetrics {
  /** Keys that could be taken now. */
  depth: number;
  /** Keys that wait for their time. */
  waiting: number;
  processing: number;
  /** Keys that were put in, those that were there already not counted. */
  adds: number;
  /** Times that a key was put back after a failure. */
  retries: number;
  /** How long the oldest key in `depth` has been there. */
  oldestMs: number;
  /** How long the key that has been in work longest has been. */
  longestRunningMs: number;
}

/**
 * Keys that need work, each at most once:
 *
 *     add ─▶ ready ──take──▶ processing ──done──▶ gone
 *              ▲                  │ add meanwhile
 *              └──────done────────┘
 *
 * A key is never handed to two workers at once, and one that is added while it is in work comes again afterwards: no change is
 * lost, and no two runs meet.
 */
export class WorkQueue<K extends string | number = string> {
  readonly #clock: Clock;
  readonly #minBackoffMs: number;
  readonly #maxBackoffMs: number;
  readonly #bucket: TokenBucket;
  /** Since when each key is ready, in order. A key is in one of the two. */
  readonly #ready: Record<Priority, Map<K, number>> = { high: new Map(), low: new Map() };
  readonly #processing = new Map<K, number>();
  /** Added while in work. */
  readonly #again = new Map<K, Priority>();
  readonly #waiting = new Map<K, { dueMs: number; cancel: () => void }>();
  readonly #failures = new Map<K, number>();
  readonly #takers: ((taken: Taken<K> | undefined) => void)[] = [];
  #shutDown = false;
  #adds = 0;
  #retries = 0;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#minBackoffMs = options.minBackoffMs ?? 5;
    this.#maxBackoffMs = options.maxBackoffMs ?? 300_000;
    this.#bucket = new TokenBucket(options.rate ?? { perSecond: 10, burst: 100 }, this.#clock);
  }

  get metrics(): WorkQueueMetrics {
    const nowMs = this.#clock.nowMs();
    const ready = [...this.#ready.high.values(), ...this.#ready.low.values()];
    return {
      depth: ready.length,
      waiting: this.#waiting.size,
      processing: this.#processing.size,
      adds: this.#adds,
      retries: this.#retries,
      oldestMs: nowMs - Math.min(nowMs, ...ready),
      longestRunningMs: nowMs - Math.min(nowMs, ...this.#processing.values()),
    };
  }

  /** Puts the key in, unless it is there; a low one becomes high when asked for so. Does nothing after `shutDown()`. */
  add(key: K, priority: Priority = 'high'): void {
    if (this.#shutDown) return;
    if (this.#processing.has(key)) {
      if (!this.#again.has(key)) this.#adds += 1;
      if (this.#again.get(key) !== 'high') this.#again.set(key, priority);
      return;
    }
    if (this.#ready.high.has(key)) return;
    const readySinceMs = this.#ready.low.get(key);
    if (readySinceMs === undefined) this.#adds += 1;
    else if (priority === 'low') return;
    this.#ready.low.delete(key);
    this.#ready[priority].set(key, readySinceMs ?? this.#clock.nowMs());
    this.#hand();
  }

  /** Puts the key in after `ms`. Of several times for one key the earliest counts. */
  addAfter(key: K, ms: number, priority: Priority = 'high'): void {
    if (this.#shutDown) return;
    if (!(ms > 0)) return this.add(key, priority);
    const dueMs = this.#clock.nowMs() + ms;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.dueMs <= dueMs) return;
    waiting?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#waiting.delete(key);
      this.add(key, priority);
    });
    this.#waiting.set(key, { dueMs, cancel });
  }

  /** Puts the key in after a wait that doubles with each of its failures; `atLeastMs` is what a server asked for. */
  retry(key: K, atLeastMs = 0): void {
    if (this.#shutDown) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retries += 1;
    const backoffMs = Math.min(this.#maxBackoffMs, this.#minBackoffMs * 2 ** failures);
    this.addAfter(key, Math.max(backoffMs, this.#bucket.reserveMs(), atLeastMs));
  }

  /** It worked: the next failure starts from the shortest wait. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** How often the key has failed since it was last forgotten. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Takes the next key, or waits for one. `undefined` once the queue is shut down. Each key taken must be given to `done()`. */
  take(): Promise<Taken<K> | undefined> {
    return new Promise(resolve => {
      if (this.#shutDown) return resolve(undefined);
      this.#takers.push(resolve);
      this.#hand();
    });
  }

  /** The work on this key has ended, well or not. */
  done(key: K): void {
    this.#processing.delete(key);
    const priority = this.#again.get(key);
    if (priority === undefined) return;
    this.#again.delete(key);
    this.#adds -= 1; // counted when it came
    this.add(key, priority);
  }

  /** Takes nothing more in, drops what is in it, and sends home who waits. What is in work is not touched. Safe twice. */
  shutDown(): void {
    this.#shutDown = true;
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#ready.high.clear();
    this.#ready.low.clear();
    this.#again.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #hand(): void {
    if (this.#takers.length === 0) return;
    const keys = this.#ready.high.size > 0 ? this.#ready.high : this.#ready.low;
    const first = keys.entries().next();
    if (first.done) return;
    const [key, readySinceMs] = first.value;
    const nowMs = this.#clock.nowMs();
    keys.delete(key);
    this.#processing.set(key, nowMs);
    this.#takers.shift()?.({ key, queuedMs: nowMs - readySinceMs });
  }
}

/** A key in work, and how long it was ready before. */
export interface Taken<K> {
  key: K;
  queuedMs: number;
}
