import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { commonVersion } from './version.ts';

const range = fc.tuple(fc.nat(20), fc.nat(20)).map(([low, more]) => [low, low + more] as const);

describe('commonVersion', () => {
  test.each([
    [[1, 1], [1, 1], 1],
    [[1, 3], [2, 5], 3],
    [[1, 9], [2, 5], 5],
    [[1, 1], [2, 2], undefined],
    [[4, 6], [1, 3], undefined],
  ] as const)('of %j and %j is %p', (a, b, common) => {
    expect(commonVersion(a, b)).toBe(common);
  });

  test('is the highest that both speak, whoever asks', () => {
    fc.assert(fc.property(range, range, (a, b) => {
      const both = Array.from({ length: 42 }, (_, version) => version).filter(version => [a, b].every(([low, high]) => low <= version && version <= high));
      expect(commonVersion(a, b)).toBe(both.at(-1));
      expect(commonVersion(b, a)).toBe(both.at(-1));
    }));
  });
});
