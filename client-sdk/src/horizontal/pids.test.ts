import { expect, test } from '@jest/globals';
import { assert, array, integer, property } from 'fast-check';

import { Pids } from './pids.ts';

test('keeps a pid while it is free, and lets a number that no process can have stand for it otherwise', () => {
  const pids = new Pids();
  expect([pids.take(7), pids.take(8), pids.take(7), pids.take(7)]).toEqual([7, 8, 4_194_305, 4_194_306]);
});

test('gives a pid again when its worker is gone', () => {
  const pids = new Pids();
  pids.release(pids.take(7));
  expect(pids.take(7)).toBe(7);
});

test('never has two of a number, not even of one that stood for another set\'s worker', () => {
  assert(property(array(integer({ min: 4_194_303, max: 4_194_308 })), wanted => {
    const pids = new Pids();
    const taken = wanted.map(pid => pids.take(pid));
    expect(new Set(taken).size).toBe(taken.length);
  }));
});
