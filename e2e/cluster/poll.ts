// Waiting for what gives no event: another program's readiness, the kernel's tidying up.
import { setTimeout as delay } from 'node:timers/promises';

/** How a wait may end before its condition holds. */
export interface PollOptions {
  timeoutMs: number;
  /** Default 100. */
  everyMs?: number;
  /** Asked before each try; what it throws ends the wait, for example "the program has died". */
  orFail?: () => void;
}

/** Asks until the answer is neither `undefined` nor `false`, and resolves with it. A throwing question counts as "not yet"; the last reason is the cause of the time-out. */
export async function until<T>(what: string, ask: () => T | Promise<T>, options: PollOptions): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + options.timeoutMs;
  let reason: unknown;
  for (;;) {
    options.orFail?.();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${options.timeoutMs / 1000} s in vain: ${what}${reason instanceof Error ? ` (${reason.message})` : ''}`, { cause: reason });
    }
    await delay(options.everyMs ?? 100);
  }
}
