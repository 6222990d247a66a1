import { once } from 'node:events';

import { describe, expect, jest, test } from '@jest/globals';

import { Emitter } from './emitter.ts';

interface Events {
  count: [n: number];
  error: [error: Error];
}

const emitter = () => new Emitter<Events>();

describe('Emitter', () => {
  test('calls its listeners in order with the arguments, and itself as this', () => {
    const calls: unknown[] = [];
    const it = emitter();
    it.on('count', n => calls.push(['a', n])).addListener('count', function listener(this: unknown, n) {
      calls.push(['b', n, this === it]);
    });
    expect(it.emit('count', 1)).toBe(true);
    expect(calls).toEqual([['a', 1], ['b', 1, true]]);
    expect(it.listenerCount('count')).toBe(2);
  });

  test('calls a once-listener once, even if it emits again', () => {
    const it = emitter();
    const listener = jest.fn(() => it.emit('count', 2));
    it.once('count', listener);
    it.emit('count', 1);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(it.emit('count', 3)).toBe(false);
  });

  test('removes one entry of a listener at a time', () => {
    const it = emitter();
    const listener = jest.fn();
    it.on('count', listener).on('count', listener).off('count', listener);
    it.emit('count', 1);
    expect(listener).toHaveBeenCalledTimes(1);
    it.removeListener('count', listener).removeListener('count', listener);
    expect(it.listenerCount('count')).toBe(0);
  });

  test('finishes a round although a listener removes others', () => {
    const it = emitter();
    const second = jest.fn();
    it.on('count', () => it.off('count', second)).on('count', second);
    it.emit('count', 1);
    it.emit('count', 2);
    expect(second).toHaveBeenCalledTimes(1);
  });

  test('removes all of a name, or all', () => {
    const it = emitter();
    it.removeAllListeners('count').on('count', () => {}).on('error', () => {}).removeAllListeners('count');
    expect([it.listenerCount('count'), it.listenerCount('error')]).toEqual([0, 1]);
    expect(it.removeAllListeners().listenerCount('error')).toBe(0);
    expect(it.off('count', () => {}).emit('count', 1)).toBe(false);
  });

  test('does not throw an error that nobody listens for', () => {
    expect(emitter().emit('error', new Error('unheard'))).toBe(false);
  });

  test('lets an exception of a listener come out in a task of its own, after the other listeners', () => {
    const queued: (() => void)[] = [];
    const spy = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation(task => void queued.push(task));
    const it = emitter();
    const second = jest.fn();
    it.on('count', () => {
      throw new Error('a bug in the app');
    }).on('count', second);
    it.emit('count', 1);
    spy.mockRestore();
    expect(second).toHaveBeenCalledWith(1);
    expect(() => queued[0]!()).toThrow('a bug in the app');
  });

  test('can be awaited with events.once()', async () => {
    const it = emitter();
    const heard = once(it as never, 'count');
    it.emit('count', 7);
    expect(await heard).toEqual([7]);
    const failed = once(it as never, 'count');
    it.emit('error', new Error('no'));
    await expect(failed).rejects.toThrow('no');
    expect([it.listenerCount('count'), it.listenerCount('error')]).toEqual([0, 0]);
  });
});
