/** How long to wait between tries that fail. */
export interface BackoffOptions {
  /** The shortest wait. */
  minMs: number;
  /** The longest wait. */
  maxMs: number;
  /** Chance, 0 to 1; `Math.random` by default. */
  random?: () => number;
}

/**
 * Waits that grow and scatter ("decorrelated jitter"): each is drawn between the shortest one and three times the one before, so
 * that clients which lost their server together do not come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #lastMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#lastMs = options.minMs;
  }

  /** The wait before the next try; `atLeastMs` is what a server asked for, to which up to a fifth is added. */
  nextMs(atLeastMs = 0): number {
    const { minMs, maxMs, random = Math.random } = this.#options;
    this.#lastMs = Math.min(maxMs, minMs + random() * (this.#lastMs * 3 - minMs));
    return Math.max(this.#lastMs, atLeastMs * (1 + 0.2 * random()));
  }

  /** It worked: the next failure starts from the shortest wait again. */
  reset(): void {
    this.#lastMs = this.#options.minMs;
  }
}
