import { expect, test } from '@jest/globals';

import { RateLimit } from './rate-limit.ts';

const takes = (limit: RateLimit, nowMs: number) => {
  let taken = 0;
  while (limit.take(nowMs)) taken += 1;
  return taken;
};

test('gives those of a second at once, then as many as time brings, and never saves more', () => {
  const limit = new RateLimit(100, 5_000);
  expect([takes(limit, 5_000), takes(limit, 5_009), takes(limit, 5_250), takes(limit, 60_000), takes(limit, 60_000)]).toEqual([100, 0, 25, 100, 0]);
});

test('what cannot be refused is taken from the next second, and from no later one', () => {
  const limit = new RateLimit(10, 0);
  for (let count = 0; count < 15; count += 1) limit.spend(0);
  expect([takes(limit, 500), takes(limit, 600)]).toEqual([0, 1]);
  for (let count = 0; count < 1_000; count += 1) limit.spend(600);
  expect([takes(limit, 1_600), takes(limit, 1_700)]).toEqual([0, 1]);
});
