import { once } from 'node:events';

import { expect, jest, test } from '@jest/globals';

import { ObjectEmitter } from './object-emitter.ts';

type Events = { news: [number] };

test('is an emitter of Node, for once() and any number of listeners', async () => {
  const emitter = new ObjectEmitter<Events>();
  const told = once(emitter, 'news');
  expect([emitter.safeEmit('news', 1), await told, emitter.getMaxListeners()]).toEqual([true, [1], Infinity]);
  expect(emitter.safeEmit('news', 2)).toBe(false);
});

test('tells as listenererror what a listener throws', () => {
  const emitter = new ObjectEmitter<Events>();
  const [error, told] = [new Error('a mistake'), jest.fn()];
  emitter.addListener('news', () => { throw error; });
  emitter.on('listenererror', told);
  expect(emitter.safeEmit('news', 1)).toBe(true);
  expect(told).toHaveBeenCalledWith('news', error);
});

test('survives a listener of listenererror that throws', () => {
  const emitter = new ObjectEmitter<Events>();
  for (const event of ['news', 'listenererror'] as const) emitter.on(event, () => { throw new Error(event); });
  expect(() => emitter.safeEmit('news', 1)).not.toThrow();
});
