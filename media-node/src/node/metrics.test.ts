import { expect, test } from '@jest/globals';

import { Metrics } from './metrics.ts';

test('reads its sources when it is asked, and forgets labels that are gone', async () => {
  let objects: Record<string, number> = { worker: 2, router: 3 };
  const metrics = new Metrics([
    { name: 'node_workers', help: 'workers', read: () => 2 },
    { name: 'node_objects', help: 'objects', label: 'class', read: () => objects },
  ]);
  const first = await metrics.answer();
  expect(first.status).toBe(200);
  expect(first.body).toContain('node_workers 2');
  expect(first.body).toContain('node_objects{class="router"} 3');
  expect(first.body).toContain('process_cpu_user_seconds_total');
  objects = { worker: 1 };
  const second = (await metrics.answer()).body;
  expect(second).toContain('node_objects{class="worker"} 1');
  expect(second).not.toContain('class="router"');
});

test('tells what was counted elsewhere, as counters and as histograms', async () => {
  const metrics = new Metrics([
    { type: 'counter', name: 'calls_total', help: 'calls', read: () => [{ labels: { method: 'dump', outcome: 'ok' }, value: 7 }] },
    { type: 'histogram', name: 'took_seconds', help: 'time', bounds: [0.1, 1], read: () => [{ labels: { method: 'dump' }, buckets: [3, 2], count: 6, sum: 4.5 }] },
  ]);
  const { body } = await metrics.answer();
  expect(body).toContain('# TYPE calls_total counter\ncalls_total{method="dump",outcome="ok"} 7');
  expect(body.split('\n').filter(line => line.startsWith('took'))).toEqual([
    'took_seconds_bucket{method="dump",le="0.1"} 3',
    'took_seconds_bucket{method="dump",le="1"} 5',
    'took_seconds_bucket{method="dump",le="+Inf"} 6',
    'took_seconds_sum{method="dump"} 4.5',
    'took_seconds_count{method="dump"} 6',
  ]);
});
