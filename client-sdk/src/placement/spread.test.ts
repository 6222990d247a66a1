import { expect, test } from '@jest/globals';
import { assert, integer, property } from 'fast-check';

import { spread } from './spread.ts';

const place = (name: string, workers: number, cordoned = false) => ({ name, workers, cordoned });

test('picks the candidate with the fewest workers', () => {
  expect(spread([place('a', 2), place('b', 1), place('c', 3)])?.name).toBe('b');
});

test('picks the first among equals', () => {
  expect(spread([place('a', 1), place('b', 1)])?.name).toBe('a');
});

test('never picks a cordoned candidate, however empty', () => {
  expect(spread([place('a', 0, true), place('b', 9)])?.name).toBe('b');
  expect(spread([place('a', 0, true)])).toBeUndefined();
  expect(spread([])).toBeUndefined();
});

test('keeps equal nodes within one worker of each other, whatever the order of arrivals', () => {
  assert(property(integer({ min: 1, max: 8 }), integer({ min: 0, max: 60 }), (nodes, workers) => {
    const counts = Array.from({ length: nodes }, (_, id) => ({ id, workers: 0, cordoned: false }));
    for (let i = 0; i < workers; i++) {
      const picked = spread(counts);
      counts[picked!.id]!.workers += 1;
    }
    const loads = counts.map(c => c.workers);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
  }));
});
