import type { Clock } from '../clock.ts';

interface Timer {
  dueMs: number;
  delayMs: number;
  callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();

  constructor(nowMs: number = Date.parse('2026-11-20T12:00:00Z')) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, ms), delayMs: ms, callback };
    this.#timers.add(timer);
    for (const watcher of this.#watchers) watcher();
    return () => this.#timers.delete(timer);
  }

  /** The delays of all timers that wait, as they were asked for. */
  get delaysMs(): number[] {
    return [...this.#timers].map(timer => timer.delayMs).toSorted((a, b) => a - b);
  }

  /** Moves time on; timers fire in the order in which they are due, those that are set on the way included. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers].filter(timer => timer.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs).at(0);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  /** Sets the clock as an administrator would: timers do not notice. */
  jump(ms: number): void {
    this.#nowMs += ms;
    for (const timer of this.#timers) timer.dueMs += ms;
  }

  /** Resolves with its delay once a timer waits whose delay fits: the moment at which something has gone to sleep. */
  armed(fits: (delayMs: number) => boolean): Promise<number> {
    return new Promise(resolve => {
      const look = (): void => {
        const timer = [...this.#timers].find(({ delayMs }) => fits(delayMs));
        if (!timer) return;
        this.#watchers.delete(look);
        resolve(timer.delayMs);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Waits for such a timer, and moves time on until it has fired. */
  async pass(fits: (delayMs: number) => boolean): Promise<number> {
    const delayMs = await this.armed(fits);
    const due = [...this.#timers].find(timer => fits(timer.delayMs))?.dueMs ?? this.#nowMs;
    this.advance(Math.max(0, due - this.#nowMs));
    return delayMs;
  }
}
