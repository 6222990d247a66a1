/** How the pauses between attempts grow. */
export interface BackoffOptions {
  /** The first pause, before chance halves it at most. Default: 100 ms. */
  readonly initialMs?: number;
  /** No pause is longer. Default: 5,000 ms. */
  readonly maxMs?: number;
  /** Each pause is so many times the one before. Default: 2. */
  readonly factor?: number;
}

/**
 * The pause before attempt number `attempt` (the first is 0). The upper half of it is chance, so that clients which
 * lost the same node do not come back all at once.
 */
export function backoffDelayMs(attempt: number, { initialMs = 100, maxMs = 5_000, factor = 2 }: BackoffOptions, random: () => number): number {
  const full = Math.min(maxMs, initialMs * factor ** attempt);
  return full / 2 + (full / 2) * random();
}
