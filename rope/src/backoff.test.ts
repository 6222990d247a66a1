import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { backoffDelayMs } from './backoff.ts';

describe('backoffDelayMs', () => {
  test('doubles from 100 ms up to 5 s by default', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 7].map(attempt => backoffDelayMs(attempt, {}, () => 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  test('lies between half and all of the pause', () => {
    fc.assert(fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const delayMs = backoffDelayMs(attempt, { initialMs: 10, maxMs: 1_000, factor: 3 }, () => chance);
      const full = Math.min(1_000, 10 * 3 ** attempt);
      expect(delayMs).toBeGreaterThanOrEqual(full / 2);
      expect(delayMs).toBeLessThanOrEqual(full);
    }));
  });
});
