import { MessageChannel } from 'node:worker_threads';

import { describe, expect, test } from '@jest/globals';

import { channelImmediate, systemClock } from './clock.ts';

describe('the system clock', () => {
  test('never runs backwards', () => {
    const first = systemClock.nowMs();
    expect(systemClock.nowMs()).toBeGreaterThanOrEqual(first);
  });

  test('fires a timer, unless it was cleared', async () => {
    const fired: string[] = [];
    const cleared = systemClock.setTimeout(() => fired.push('cleared'), 0);
    systemClock.clearTimeout(cleared);
    systemClock.clearTimeout(undefined);
    await new Promise<void>(resolve => systemClock.setTimeout(resolve, 1));
    expect(fired).toEqual([]);
  });
});

describe.each([
  ['the system clock', () => ({ immediate: (callback: () => void) => systemClock.immediate(callback), close: () => {} })],
  ['a MessageChannel', () => {
    const channel = new MessageChannel();
    return { immediate: channelImmediate(channel), close: () => channel.port1.close() };
  }],
])('immediate() of %s', (_, make) => {
  test('calls back in order, each after the microtasks of the one before', async () => {
    const { immediate, close } = make();
    const order: string[] = [];
    await new Promise<void>(resolve => {
      immediate(() => {
        order.push('first');
        void Promise.resolve().then(() => Promise.resolve()).then(() => order.push('its microtask'));
      });
      immediate(() => {
        order.push('second');
        resolve();
      });
      queueMicrotask(() => order.push('microtask'));
      order.push('now');
    });
    close();
    expect(order).toEqual(['now', 'microtask', 'first', 'its microtask', 'second']);
  });
});
