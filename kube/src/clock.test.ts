import { describe, expect, test } from '@jest/globals';
import { sleep, systemClock } from './clock.ts';
import { FakeClock } from './testing/index.ts';

describe('systemClock', () => {
  test('calls back once and can be told not to', async () => {
    const called: string[] = [];
    const cancel = systemClock.after(0, () => called.push('cancelled'));
    cancel();
    await new Promise<void>(resolve => systemClock.after(1, resolve));
    cancel();
    expect(called).toEqual([]);
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1000);
  });

  test('does not take a delay that Node cannot keep for none at all', () => {
    let fired = false;
    const cancel = systemClock.after(1e12, () => { fired = true; });
    cancel();
    expect(fired).toBe(false);
  });
});

describe('sleep', () => {
  test('resolves with true when the time is over and leaves no listener behind', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const sleeping = sleep(clock, 100, signal);
    clock.advance(100);
    expect(await sleeping).toBe(true);
    expect(clock.delaysMs).toEqual([]);
  });

  test('resolves with false as soon as the signal is aborted, and cancels its timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 100, controller.signal);
    controller.abort();
    expect(await sleeping).toBe(false);
    expect(await sleep(clock, 100, controller.signal)).toBe(false);
    expect(clock.delaysMs).toEqual([]);
  });
});
