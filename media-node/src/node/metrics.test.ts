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
