import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/index.ts';
import { TokenBucket } from './rate-limit.ts';

describe('TokenBucket', () => {
  test('gives a burst at once, then as many as time brings', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, clock);
    expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
    clock.advance(500);
    expect([bucket.tryTake(), bucket.tryTake()]).toEqual([true, false]);
    clock.advance(60_000);
    expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
  });

  test('lends permits of the future, each later than the one before', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, clock);
    expect([1, 2, 3].map(() => bucket.reserveMs())).toEqual([0, 100, 200]);
    clock.advance(200);
    expect(bucket.reserveMs()).toBe(100);
  });

  test('is full again after long enough, and a clock that was set back takes nothing away', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, clock);
    bucket.tryTake();
    expect(bucket.isFull()).toBe(false);
    clock.jump(-3_600_000);
    expect(bucket.tryTake()).toBe(true);
    clock.advance(2000);
    expect(bucket.isFull()).toBe(true);
  });
});
