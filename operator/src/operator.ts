import { randomBytes } from 'node:crypto';

import { Controller, EventRecorder, KubeError, systemClock } from '@mediacluster/kube';
import type { Clock, KubeClient, ReconcileRun } from '@mediacluster/kube';
import type { Logger } from 'pino';

import { GROUP, PLURAL } from './api/v1alpha1.ts';
import type { Config } from './config.ts';
import { HealthServer } from './health.ts';
import { reconcile } from './media-cluster/reconcile.ts';
import { tokenReviewers } from './media-cluster/token-reviewers.ts';
import type { TokenReviewers } from './media-cluster/token-reviewers.ts';
import { createWatches, followChanges, storesOf } from './media-cluster/watches.ts';
import type { Watches } from './media-cluster/watches.ts';
import { Metrics } from './metrics.ts';

/** What an operator is made of, besides its configuration. */
export interface OperatorParts {
  kube: KubeClient;
  log: Logger;
  clock?: Clock;
}

/** An operator at work. */
export interface Operator {
  /** Of /livez, /readyz and /metrics. */
  readonly port: number;
  /** Ends it in order: no new work, work in hand, Events, watches, connections. Media goes on. Safe twice. */
  stop(): Promise<void>;
}

/** As long as a SHA-256 is: nobody guesses it. */
const TOKEN_BYTES = 32;
/** Every object is gone over this often, in case an event was lost: a safety net, not the mechanism. */
const RESYNC_MS = 10 * 60_000;
/** While the cluster can't be read this is how often the log says why. */
const COMPLAIN_MS = 10_000;

/** How long the last Events may take when the operator ends. */
const FLUSH_WITHIN_MS = 2_000;

/** Starts the operator; resolves once it answers on its port. It then waits for the API server as long as it takes. */
export async function startOperator(config: Config, { kube, log, clock = systemClock }: OperatorParts): Promise<Operator> {
  const watches = createWatches(kube, config.watchNamespace, clock);
  const informers = Object.values(watches);
  const metrics = new Metrics();
  const recorder = new EventRecorder(kube, { reportingController: `${GROUP}/operator`, reportingInstance: config.podName, clock });
  const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');
  const deps = { kube, stores: storesOf(watches), clock, newToken, defaultImage: config.nodeImage, record: recorder.record.bind(recorder) };
  const controller = new Controller({
    name: 'media-cluster',
    reconcile: async (key, { signal }) => await reconcile(key, signal, deps),
    informers,
    workers: config.workers,
    resyncMs: RESYNC_MS,
    clock,
    observe: run => {
      metrics.observe(run);
      logRun(log, run);
    },
  });
  followChanges(watches, key => controller.enqueue(key));
  metrics.follow(watches, controller);
  const reviewers = config.tokenReviewersBinding === undefined ? undefined
    : tokenReviewers(config.tokenReviewersBinding, { kube, watches, clock, resyncMs: RESYNC_MS, observe: run => logRun(log, run, 'binding') });
  const everyWatch: EveryWatch = { ...watches, ...(reviewers ? { tokenReviewers: reviewers.bindings } : {}) };

  const health = new HealthServer({ notReadyBecause: () => obstacles(everyWatch), registry: metrics.registry });
  const port = await health.listen(config.port, config.host);
  controller.start();
  reviewers?.controller.start();
  const stopComplaining = complainUntilSynced(everyWatch, log, clock);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopComplaining();
    await Promise.all([controller.stop(), reviewers?.controller.stop()]);
    await within(FLUSH_WITHIN_MS, recorder.flush(), clock);
    await recorder.close();
    await Promise.all(Object.values(everyWatch).map(informer => informer.stop()));
    await kube.close();
    await health.close();
  };
  return { port, stop: () => (stopping ??= stop()) };
}

type EveryWatch = Watches & { tokenReviewers?: TokenReviewers['bindings'] };

/** What has not been read yet, and why. */
function obstacles(watches: EveryWatch): string[] {
  return Object.entries(watches).filter(([, informer]) => !informer.hasSynced).map(([kind, { health: { lastError } }]) => {
    if (kind === 'clusters' && lastError instanceof KubeError && lastError.notFound) {
      return `the CRD ${PLURAL}.${GROUP} is not installed: kubectl apply -f crds/`;
    }
    return `${kind} have not been read yet${lastError ? `: ${lastError.message}` : ''}`;
  });
}

/** Says in the log what the operator waits for, from time to time, until it waits no more. The answer ends it. */
function complainUntilSynced(watches: EveryWatch, log: Logger, clock: Clock): () => void {
  const look = (): void => {
    const reasons = obstacles(watches);
    if (reasons.length === 0) return;
    log.warn({ reasons }, 'waiting for the cluster');
    cancel = clock.after(COMPLAIN_MS, look);
  };
  let cancel = clock.after(COMPLAIN_MS, look);
  return () => cancel();
}

async function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const tooLong = Promise.withResolvers<void>();
  const cancel = clock.after(ms, tooLong.resolve);
  await Promise.race([work, tooLong.promise]);
  cancel();
}

function logRun(log: Logger, { key, result, error, failures, durationMs }: ReconcileRun, what: 'cluster' | 'binding' = 'cluster'): void {
  const fields = { [what]: key, result, ms: Math.round(durationMs) };
  if (!error) return log.debug(fields, 'reconciled');
  log.warn({ ...fields, failures, error: error.message }, 'reconcile failed');
}
