import { describe, expect, test } from '@jest/globals';

import { verdictOf } from '../soak/verdict.ts';
import type { Reading } from '../soak/verdict.ts';

const STANDS = { objects: 6, sessions: 2 };

/** A run of ten minutes, one reading in each. */
function run({ nodeKb = () => 90_000, appKb = () => 80_000, heapKb = () => 20_000, nodeHandles = () => 30, objects = () => 6, pending = () => 0 }: Record<string, (minute: number) => number> = {}): Reading[] {
  return Array.from({ length: 10 }, (_, index) => index + 1).map(minute => ({
    atMinutes: minute,
    node: { rssKb: nodeKb(minute), heapKb: heapKb(minute), handles: nodeHandles(minute), objects: objects(minute), sessions: 2, workers: 1, lagP99Ms: 1 },
    app: { rssKb: appKb(minute), heapKb: 10_000, handles: 20, pending: pending(minute) },
  }));
}

describe('a soak is flat', () => {
  test('when nothing grows', () => {
    expect(verdictOf(run(), STANDS)).toEqual({ flat: true, faults: [], slopes: { node: { rssKb: 0, heapKb: 0 }, app: { rssKb: 0, heapKb: 0 } } });
  });

  test('when memory rises while it is warmed up, and then wanders', () => {
    const nodeKb = (minute: number) => (minute < 3 ? 40_000 * minute : 120_000 + (minute % 3) * 9_000);
    expect(verdictOf(run({ nodeKb }), STANDS).flat).toBe(true);
  });
});

describe('a soak is not flat', () => {
  test.each([
    ['when memory goes on growing', { nodeKb: (minute: number) => 90_000 + 4_000 * minute }, ['rssKb of the node grew by 28000 in 7.0 minutes']],
    ['when that of the app does', { appKb: (minute: number) => 90_000 + 5_000 * minute }, ['rssKb of the app grew by 35000 in 7.0 minutes']],
    ['when the heap grows within the same memory', { heapKb: (minute: number) => 20_000 + 400 * minute }, ['heapKb of the node grew by 2800 in 7.0 minutes']],
    ['when handles are left open', { nodeHandles: (minute: number) => 30 + minute }, ['the node has 40 open handles, and had 35']],
    ['when an object is left', { objects: (minute: number) => (minute === 7 ? 7 : 6) }, ['at rest after 7.0 minutes: 7 objects, 2 sessions, 0 pending calls; not 6, 2, 0']],
    ['when a call has no answer', { pending: (minute: number) => (minute === 2 ? 1 : 0) }, ['at rest after 2.0 minutes: 6 objects, 2 sessions, 1 pending calls; not 6, 2, 0']],
  ])('%s', (_, how, faults) => {
    expect(verdictOf(run(how), STANDS)).toMatchObject({ flat: false, faults });
  });

  test('when it is over too soon to tell', () => {
    expect(verdictOf(run().slice(0, 1), STANDS).faults).toEqual(['1 readings tell nothing: let it run longer']);
  });
});
