/** Time as this package sees it. Tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set; measure spans with it only where that does no harm. */
  nowMs(): number;
  /** Calls `callback` once, after `ms`. The answer cancels it; cancelling twice, or afterwards, does nothing. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest delay that Node's timers keep; they fire at once for a longer one. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's own clock. Its timers keep the process alive: what waits here is work that somebody started and has to stop
 * (`close()`, `stop()`).
 */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/**
 * Resolves after `ms`, or as soon as the signal is aborted: then with `false`, and never by rejecting, so that a loop reads
 * `if (!await sleep(…)) return`.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve(false);
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
