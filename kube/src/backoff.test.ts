import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Backoff } from './backoff.ts';

describe('Backoff', () => {
  test('stays between its bounds, and never below what the server asked for, whatever chance brings', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 50 }), fc.nat(60_000), (chances, askedMs) => {
      let at = 0;
      const backoff = new Backoff({ minMs: 800, maxMs: 30_000, random: () => chances[at++ % chances.length] ?? 0 });
      for (const _ of chances) {
        const waitMs = backoff.nextMs(askedMs);
        expect(waitMs).toBeGreaterThanOrEqual(Math.max(800, askedMs));
        expect(waitMs).toBeLessThanOrEqual(Math.max(30_000, askedMs * 1.2));
      }
    }));
  });

  test('grows to its longest wait and starts from the shortest again after a success', () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1000, random: () => 0.99 });
    const first = backoff.nextMs();
    for (let i = 0; i < 10; i += 1) backoff.nextMs();
    expect(backoff.nextMs()).toBe(1000);
    backoff.reset();
    expect(backoff.nextMs()).toBe(first);
  });

  test('scatters what the server asked for, so that not everybody comes back at the same moment', () => {
    const waits = [0, 0.5, 0.99].map(chance => new Backoff({ minMs: 1, maxMs: 10, random: () => chance }).nextMs(5000));
    expect(new Set(waits).size).toBe(3);
  });
});
