import type { Clock, Timer } from '../clock.ts';

/** How one call is made. */
export interface RequestOptions<Result, Value = Result> {
  /** Gives the call up: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** From the call to the answer, the time without a connection included. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  /**
   * Runs synchronously when the answer is processed: before the promise settles and before any later message. What it
   * returns is what the call resolves with.
   */
  readonly onResult?: (result: Result) => Value;
}

/** A call without an answer yet. */
export interface PendingRequest {
  readonly method: string;
  /** Of the message that asks. */
  readonly number: number;
  readonly atMs: number;
  /** When it is given up. */
  readonly deadlineMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onResult?: (result: never) => unknown;
}

/** How requests end without an answer. */
export interface GiveUp {
  expired(id: number, request: PendingRequest): void;
  aborted(id: number, request: PendingRequest, reason: unknown): void;
}

/**
 * The calls of a session that have no answer yet. One timer serves all deadlines: it is set to the earliest, and looks
 * at what is left when it fires; a call that is answered in time costs no timer.
 */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #giveUp: GiveUp;
  readonly #entries = new Map<number, PendingRequest>();
  /** How to take listeners off the signals again; most calls have none. */
  readonly #abandon = new Map<number, () => void>();
  #timer: Timer;
  #firesAtMs = Infinity;

  constructor(clock: Clock, giveUp: GiveUp) {
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  add(id: number, request: PendingRequest, signal?: AbortSignal): void {
    this.#entries.set(id, request);
    if (signal) this.#listen(id, signal);
    if (request.deadlineMs < this.#firesAtMs) this.#arm(request.deadlineMs);
  }

  /** Oldest first. */
  values(): IterableIterator<PendingRequest> {
    return this.#entries.values();
  }

  /** Removes and returns it; the caller settles it. */
  take(id: number): PendingRequest | undefined {
    const request = this.#entries.get(id);
    if (!request) return undefined;
    this.#entries.delete(id);
    if (this.#abandon.size > 0) this.#abandon.get(id)?.();
    return request;
  }

  /** The ids of those that `which` names, oldest first. */
  ids(which: (request: PendingRequest, id: number) => boolean): number[] {
    return [...this.#entries].filter(([id, entry]) => which(entry, id)).map(([id]) => id);
  }

  /** Removes and returns those that are still there; the caller settles them. */
  takeAll(ids: readonly number[]): PendingRequest[] {
    const taken = ids.map(id => this.take(id)).filter(request => request !== undefined);
    if (this.#entries.size === 0) this.#disarm();
    return taken;
  }

  #listen(id: number, signal: AbortSignal): void {
    const onAbort = () => {
      const taken = this.take(id);
      if (taken) this.#giveUp.aborted(id, taken, signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#abandon.set(id, () => {
      this.#abandon.delete(id);
      signal.removeEventListener('abort', onAbort);
    });
  }

  #arm(atMs: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#firesAtMs = atMs;
    this.#timer = this.#clock.setTimeout(() => this.#expire(), Math.max(0, atMs - this.#clock.nowMs()));
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#firesAtMs = Infinity;
  }

  #expire(): void {
    this.#firesAtMs = Infinity;
    const nowMs = this.#clock.nowMs();
    const due = [...this.#entries].filter(([, entry]) => entry.deadlineMs <= nowMs).map(([id]) => id);
    for (const id of due) this.#giveUp.expired(id, this.take(id)!);
    let next = Infinity;
    for (const entry of this.#entries.values()) next = Math.min(next, entry.deadlineMs);
    if (next < Infinity) this.#arm(next);
  }
}
