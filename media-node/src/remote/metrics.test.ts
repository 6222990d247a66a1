import type { RopeMetrics } from '@mediacluster/rope/server';
import { expect, test } from '@jest/globals';

import { ropeMetricSources } from './metrics.ts';

const METRICS: RopeMetrics = {
  sessions: 3, connected: 2, objects: 9, pendingRequests: 1, queuedBytes: 64,
  requests: [{ method: 'router.dump', outcome: 'ok', count: 5 }],
  latencies: [{ method: 'router.dump', buckets: [5], count: 5, sumMs: 2_500 }],
  resumes: { new: 1, snapshot: 2, replay: 3 },
  rejections: { ROPE_UNAUTHORIZED: 4 },
  bytesIn: 10, bytesOut: 20,
};

test('tells of a server what it counts, times in seconds', () => {
  const told = Object.fromEntries(ropeMetricSources(() => METRICS).map(source => [source.name.replace('mediacluster_rope_', ''), source.read()]));
  expect(told).toEqual({
    connected: 2,
    pending_requests: 1,
    queued_bytes: 64,
    requests_total: [{ labels: { method: 'router.dump', outcome: 'ok' }, value: 5 }],
    request_seconds: [{ labels: { method: 'router.dump' }, buckets: [5], count: 5, sum: 2.5 }],
    links_total: [{ labels: { resume: 'new' }, value: 1 }, { labels: { resume: 'snapshot' }, value: 2 }, { labels: { resume: 'replay' }, value: 3 }],
    rejections_total: [{ labels: { code: 'ROPE_UNAUTHORIZED' }, value: 4 }],
    bytes_total: [{ labels: { direction: 'in' }, value: 10 }, { labels: { direction: 'out' }, value: 20 }],
  });
});
