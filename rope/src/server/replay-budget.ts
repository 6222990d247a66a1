/** What all sessions without a link may keep for their clients together. */
export class ReplayBudget {
  readonly #maxBytes: number;
  readonly #taken = new Map<string, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** This session keeps so much from here on. Returns whether that is within the budget; if not, it counts all the same until `release()`. */
  take(session: string, bytes: number): boolean {
    this.#bytes += bytes - (this.#taken.get(session) ?? 0);
    this.#taken.set(session, bytes);
    return this.#bytes <= this.#maxBytes;
  }

  /** It keeps nothing, or has a link again. */
  release(session: string): void {
    this.#bytes -= this.#taken.get(session) ?? 0;
    this.#taken.delete(session);
  }
}
