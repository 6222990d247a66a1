import { expect, test } from '@jest/globals';

import { LATENCY_BUCKETS_MS } from '../counters.ts';
import { Counters } from './metrics.ts';

test('counts calls by method and outcome, and how long those took that were done', () => {
  const counters = new Counters();
  counters.count('a', 'ok', 0.1);
  counters.count('a', 'ok', 0.2);
  counters.count('a', 'error', 99_999);
  counters.count('b', 'refused');
  expect(counters.calls()).toEqual([
    { method: 'a', outcome: 'ok', count: 2 }, { method: 'a', outcome: 'error', count: 1 }, { method: 'b', outcome: 'refused', count: 1 },
  ]);
  const [latency, ...others] = counters.latencies();
  expect(latency).toEqual({ method: 'a', count: 3, sumMs: 99_999.3, buckets: LATENCY_BUCKETS_MS.map((_, index) => (index < 2 ? 1 : 0)) });
  expect(others).toEqual([]);
});

test('counts who was not let in', () => {
  const counters = new Counters();
  for (const code of ['ROPE_UNAUTHORIZED', 'ROPE_VERSION', 'ROPE_UNAUTHORIZED']) counters.rejected(code);
  expect(counters.rejections).toEqual({ ROPE_UNAUTHORIZED: 2, ROPE_VERSION: 1 });
});
