import type { Clock } from '../clock.ts';
import { asError, KubeError } from '../errors.ts';

/**
 * Makes the cluster match one object, whatever has happened to it: it reads the state anew, does one step, and may be called again
 * at any time. Pass `signal` on to every call: it is aborted when the time is over or the controller stops.
 */
export type Reconcile = (key: string, context: { signal: AbortSignal }) => Promise<{ requeueAfterMs?: number } | void>;

/**
 * How a run ended, and so what comes next: nothing; again later; again with back-off; nothing until the object changes; nothing, since
 * the controller stops.
 */
export type Outcome =
  | { result: 'done' }
  | { result: 'requeued'; afterMs: number }
  | { result: 'failed'; error: Error; atLeastMs: number }
  | { result: 'terminal'; error: Error }
  | { result: 'stopped' };

/** Thrown by a reconcile that cannot succeed until its object is changed: it is not tried again before that. */
export class TerminalError extends Error {
  readonly code: string = 'KUBE_TERMINAL';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

/** Runs one reconcile within its time. Never rejects. */
export async function runOnce(reconcile: Reconcile, key: string, limits: { timeoutMs: number; clock: Clock; stopping: AbortSignal }): Promise<Outcome> {
  const { timeoutMs, clock, stopping } = limits;
  const controller = new AbortController();
  const onStop = (): void => controller.abort(stopping.reason);
  stopping.addEventListener('abort', onStop, { once: true });
  const cancel = clock.after(timeoutMs, () => controller.abort(new KubeError('KUBE_TIMEOUT', `reconcile ${key}: not done within ${timeoutMs} ms`, { retryable: true })));
  try {
    const answer = await reconcile(key, { signal: controller.signal });
    const afterMs = answer?.requeueAfterMs;
    return afterMs === undefined ? { result: 'done' } : { result: 'requeued', afterMs };
  } catch (thrown) {
    return stopping.aborted ? { result: 'stopped' } : afterThrow(thrown);
  } finally {
    cancel();
    stopping.removeEventListener('abort', onStop);
  }
}

function afterThrow(thrown: unknown): Outcome {
  const error = asError(thrown);
  // By name: two copies of this package may be loaded, and a program may have a class of its own.
  if (error.name === 'TerminalError') return { result: 'terminal', error };
  // A refusal of the API server (403, 422) is none: a quota may be raised, a right be given, without an event that we would see.
  return { result: 'failed', error, atLeastMs: error instanceof KubeError ? error.retryAfterMs ?? 0 : 0 };
}
