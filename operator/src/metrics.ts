import type { Controller, ReconcileRun } from '@mediacluster/kube';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { parseSpec } from './api/v1alpha1.ts';
import type { Watches } from './media-cluster/watches.ts';

/** What the operator counts, in Prometheus' words. All names begin with `mediacluster_operator_` or `mediacluster_`. */
export class Metrics {
  readonly registry: Registry = new Registry();
  readonly #reconciles = new Counter({ name: 'mediacluster_operator_reconciles_total', help: 'Reconciles that have ended, by result.', labelNames: ['result'] as const, registers: [this.registry] });
  readonly #seconds = new Histogram({ name: 'mediacluster_operator_reconcile_seconds', help: 'How long a reconcile took.', buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60], registers: [this.registry] });
  readonly #queuedSeconds = new Histogram({ name: 'mediacluster_operator_queue_seconds', help: 'How long a MediaCluster waited for its reconcile.', buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60], registers: [this.registry] });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts a run of the controller. */
  observe(run: ReconcileRun): void {
    this.#reconciles.inc({ result: run.result });
    this.#seconds.observe(run.durationMs / 1000);
    this.#queuedSeconds.observe(run.queuedMs / 1000);
  }

  /** What the stores and the queue say is read when somebody asks for metrics. */
  follow(watches: Watches, controller: Pick<Controller, 'metrics'>): void {
    const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
      new Gauge({ name, help, labelNames, registers: [this.registry], collect() { this.reset(); collect(this); } });
    gauge('mediacluster_operator_queue_depth', 'MediaClusters that wait for a reconcile.', [], depth => depth.set(controller.metrics.depth));
    gauge('mediacluster_operator_watch_relists', 'Lists after the first one, by kind: a watch could not be taken up where it broke.', ['kind'], relists => {
      for (const [kind, informer] of Object.entries(watches)) relists.set({ kind }, informer.health.relists);
    });
    gauge('mediacluster_nodes', 'Media nodes, by MediaCluster: asked for, there, ready.', ['namespace', 'name', 'state'], nodes => {
      for (const cluster of watches.clusters.store.list()) {
        const { metadata: { namespace = '', name }, status } = cluster;
        nodes.set({ namespace, name, state: 'desired' }, parseSpec(cluster).spec?.replicas ?? 0);
        nodes.set({ namespace, name, state: 'current' }, status?.replicas ?? 0);
        nodes.set({ namespace, name, state: 'ready' }, status?.readyReplicas ?? 0);
      }
    });
  }
}
