import type { Clock } from '../clock.ts';

/** How often something may happen: `burst` times at once, and `perSecond` in the long run. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** A bucket of permits that fills up with time. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#filledAtMs = clock.nowMs();
  }

  /** Takes a permit if there is one. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a permit, of the future if need be: how long to wait before using it. */
  reserveMs(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#rate.perSecond * 1000;
  }

  /** As if nothing had been taken for long. */
  isFull(): boolean {
    this.#fill();
    return this.#tokens >= this.#rate.burst;
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs); // the machine's clock may have been set back
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + elapsedMs / 1000 * this.#rate.perSecond);
    this.#filledAtMs = nowMs;
  }
}
