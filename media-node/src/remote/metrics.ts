import { LATENCY_BUCKETS_MS } from '@mediacluster/rope';
import type { RopeMetrics } from '@mediacluster/rope/server';

type Labels = Readonly<Record<string, string>>;

/** What a node tells Prometheus of its conversations: the shapes that `node/metrics.ts` takes. */
export type RopeMetricSource =
  | { readonly name: string; readonly help: string; read(): number }
  | { readonly type: 'counter'; readonly name: string; readonly help: string; read(): { labels: Labels; value: number }[] }
  | {
    readonly type: 'histogram'; readonly name: string; readonly help: string; readonly bounds: readonly number[];
    read(): { labels: Labels; buckets: readonly number[]; count: number; sum: number }[];
  };

const byLabel = (label: string, counts: Readonly<Record<string, number>>): { labels: Labels; value: number }[] =>
  Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));

/** The metrics of a server, each read when it is asked for. `docs/admin-api.md` lists them. */
export function ropeMetricSources(read: () => RopeMetrics): RopeMetricSource[] {
  return [
    { name: 'mediacluster_rope_connected', help: 'ROPE sessions with a link', read: () => read().connected },
    { name: 'mediacluster_rope_pending_requests', help: 'requests that are being worked on', read: () => read().pendingRequests },
    { name: 'mediacluster_rope_queued_bytes', help: 'bytes that wait to be sent, acknowledged or replayed', read: () => read().queuedBytes },
    {
      type: 'counter', name: 'mediacluster_rope_requests_total', help: 'requests by method and outcome',
      read: () => read().requests.map(({ method, outcome, count }) => ({ labels: { method, outcome }, value: count })),
    },
    {
      type: 'histogram', name: 'mediacluster_rope_request_seconds', help: 'from a request to its answer, by method', bounds: LATENCY_BUCKETS_MS.map(ms => ms / 1000),
      read: () => read().latencies.map(({ method, buckets, count, sumMs }) => ({ labels: { method }, buckets, count, sum: sumMs / 1000 })),
    },
    { type: 'counter', name: 'mediacluster_rope_links_total', help: 'links by how they went on: new, snapshot, replay', read: () => byLabel('resume', read().resumes) },
    { type: 'counter', name: 'mediacluster_rope_rejections_total', help: 'clients that were not let in, by the code of the error', read: () => byLabel('code', read().rejections) },
    {
      type: 'counter', name: 'mediacluster_rope_bytes_total', help: 'bytes of messages by direction',
      read: () => { const { bytesIn, bytesOut } = read(); return byLabel('direction', { in: bytesIn, out: bytesOut }); },
    },
  ];
}
