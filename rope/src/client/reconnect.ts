import { backoffDelayMs } from '../backoff.ts';
import type { BackoffOptions } from '../backoff.ts';
import type { Clock, Timer } from '../clock.ts';

export interface ReconnectOptions {
  readonly clock: Clock;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
  readonly attempt: () => void;
}

/** When to try again: at growing pauses, until it is told that an attempt went well. */
export class Reconnect {
  readonly #options: ReconnectOptions;
  #attempts = 0;
  #timer: Timer;

  constructor(options: ReconnectOptions) {
    this.#options = options;
  }

  /** Tries again after a pause. */
  schedule(): void {
    const { clock, backoff, random, attempt } = this.#options;
    this.cancel();
    this.#timer = clock.setTimeout(attempt, backoffDelayMs(this.#attempts, backoff, random));
    this.#attempts += 1;
  }

  /** The last attempt went well. */
  succeeded(): void {
    this.#attempts = 0;
  }

  cancel(): void {
    this.#options.clock.clearTimeout(this.#timer);
  }
}
