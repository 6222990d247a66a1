import type { Clock, Timer } from '../clock.ts';

interface FakeTimer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #timers: FakeTimer[] = [];
  #immediates: (() => void)[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that have not fired and were not cleared. */
  get timers(): number {
    return this.#timers.length;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    // Behind those of the same moment, as real timers are.
    const index = this.#timers.findIndex(other => other.atMs > timer.atMs);
    this.#timers.splice(index < 0 ? this.#timers.length : index, 0, timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    this.#timers = this.#timers.filter(other => other !== timer);
  }

  immediate(callback: () => void): void {
    this.#immediates.push(callback);
  }

  endOfTick(callback: () => void): void {
    this.#immediates.push(callback);
  }

  /** Lets everything happen that needs no time: promises and macrotasks, until nothing is left. */
  async settle(): Promise<void> {
    await realMacrotask();
    for (let next = this.#immediates.shift(); next; next = this.#immediates.shift()) {
      next();
      await realMacrotask(); // all microtasks in between, as between real macrotasks
    }
  }

  /** Moves time on, firing each timer at its moment and letting everything settle after it. */
  async advance(byMs: number): Promise<void> {
    await this.settle();
    const untilMs = this.#nowMs + byMs;
    for (let timer = this.#timers[0]; timer && timer.atMs <= untilMs; timer = this.#timers[0]) {
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }

  /** Moves time on without firing anything on the way: the process stood still. What is due fires afterwards. */
  async stall(byMs: number): Promise<void> {
    this.#nowMs += byMs;
    await this.advance(0);
  }
}

function realMacrotask(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
