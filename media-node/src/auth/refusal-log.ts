import type { Credentials } from '@mediacluster/rope/server';

/** Where authentication writes what happened. */
export interface AuthLog {
  warn(fields: object, event: string): void;
}

/** Somebody who knocks a thousand times a second must not fill the disk. */
const PAUSE_MS = 1_000;

/** A line for who was refused and why, at most one a second; the next line counts those that have none. */
export class RefusalLog {
  readonly #log: AuthLog;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unwritten = 0;

  constructor(log: AuthLog, nowMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  add({ token, peer: { address } }: Pick<Credentials, 'token' | 'peer'>, error: Error): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lastMs < PAUSE_MS) {
      this.#unwritten += 1;
      return;
    }
    const { code } = error as { code?: string };
    // What others say of a token may repeat it.
    const clean = (text: string): string => (token ? text.replaceAll(token, '…') : text);
    const because = error.cause === undefined ? {} : { because: clean((error.cause as Error).message) };
    this.#log.warn({ address, code, why: clean(error.message), ...because, ...(this.#unwritten > 0 ? { unwritten: this.#unwritten } : {}) }, 'refused');
    this.#lastMs = nowMs;
    this.#unwritten = 0;
  }
}
