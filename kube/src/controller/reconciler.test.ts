import { beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError } from '../errors.ts';
import { FakeClock } from '../testing/index.ts';
import { type Outcome, type Reconcile, runOnce, TerminalError } from './reconciler.ts';

let clock: FakeClock;
let stopping: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  stopping = new AbortController();
});

async function run(reconcile: Reconcile): Promise<Outcome> {
  const outcome = await runOnce(reconcile, 'x/a', { timeoutMs: 1000, clock, stopping: stopping.signal });
  expect(clock.delaysMs).toEqual([]);
  return outcome;
}

/** A reconcile that waits for its signal, as calls to the API server do. */
const untilAborted: Reconcile = (_key, { signal }) => new Promise((_, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason as Error));
});

describe('runOnce', () => {
  test('is done, or comes again after the time that was asked for', async () => {
    expect(await run(async () => {})).toEqual({ result: 'done' });
    expect(await run(async () => ({}))).toEqual({ result: 'done' });
    expect(await run(async () => ({ requeueAfterMs: 50 }))).toEqual({ result: 'requeued', afterMs: 50 });
  });

  test('hands the key over', async () => {
    const keys: string[] = [];
    await run(async key => { keys.push(key); });
    expect(keys).toEqual(['x/a']);
  });

  test('fails with whatever is thrown, at once too', async () => {
    expect(await run(async () => { throw new Error('oops'); })).toMatchObject({ result: 'failed', error: { message: 'oops' }, atLeastMs: 0 });
    expect(await run(() => { throw new Error('at once'); })).toMatchObject({ result: 'failed', error: { message: 'at once' } });
    // eslint-disable-next-line no-throw-literal
    expect(await run(async () => { throw 'a word' as unknown as Error; })).toMatchObject({ result: 'failed', error: { message: 'a word' } });
  });

  test('waits as long as the API server asks', async () => {
    const busy = new KubeError('KUBE_BUSY', 'busy', { status: 429, retryAfterMs: 7000 });
    expect(await run(async () => { throw busy; })).toMatchObject({ result: 'failed', atLeastMs: 7000 });
    expect(await run(async () => { throw new KubeError('KUBE_FORBIDDEN', 'quota', { status: 403 }); })).toMatchObject({ result: 'failed', atLeastMs: 0 });
  });

  test('gives up on what says that it cannot succeed', async () => {
    expect(await run(async () => { throw new TerminalError('spec.replicas is negative'); })).toMatchObject({ result: 'terminal', error: { code: 'KUBE_TERMINAL' } });
    class OwnError extends Error { override readonly name = 'TerminalError'; }
    expect(await run(async () => { throw new OwnError('of another package'); })).toMatchObject({ result: 'terminal' });
  });

  test('aborts the signal when the time is over', async () => {
    const running = runOnce(untilAborted, 'x/a', { timeoutMs: 1000, clock, stopping: stopping.signal });
    clock.advance(1000);
    expect(await running).toMatchObject({ result: 'failed', error: { code: 'KUBE_TIMEOUT', message: 'reconcile x/a: not done within 1000 ms' } });
  });

  test('aborts the signal when the controller stops, and does not call that a failure', async () => {
    const running = runOnce(untilAborted, 'x/a', { timeoutMs: 1000, clock, stopping: stopping.signal });
    stopping.abort(new Error('stopping'));
    expect(await running).toEqual({ result: 'stopped' });
  });
});
