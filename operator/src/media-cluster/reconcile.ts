import { KubeError } from '@mediacluster/kube';
import type { Clock, KubeClient, KubeObject } from '@mediacluster/kube';

import { findCondition } from '../api/conditions.ts';
import type { MediaCluster } from '../api/v1alpha1.ts';
import { NameTakenError, TerminalError } from '../errors.ts';
import { STATUS_MANAGER } from '../resources/labels.ts';
import { authSecretName } from '../resources/names.ts';
import { apply, isStillWanted } from './apply.ts';
import type { Tell } from './apply.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { plan } from './plan.ts';
import type { Action } from './plan.ts';
import type { PodProblem } from './pod-state.ts';
import { statesAlready, statusOf } from './status.ts';
import type { Outcome } from './status.ts';
import { mediaClusters } from './watches.ts';
import type { Stores } from './watches.ts';

/*
 *   a change ─▶ queue ─▶ observe ─▶ plan ─▶ apply ─▶ status
 *   (watches)            (stores)   (pure)  (API)    (API, only when it differs)
 *
 * One run takes the cluster one step nearer to its spec; what the step changes comes back as the next change. Every step may be taken
 * twice, so a run may be cut off anywhere.
 */

/** What a reconcile works with. */
export interface ReconcileDeps {
  kube: KubeClient;
  stores: Stores;
  /** Records an Event about that MediaCluster. */
  record: (cluster: MediaCluster, ...event: Parameters<Tell>) => void;
  clock: Pick<Clock, 'nowMs'>;
  /** Makes a token that nobody can guess. */
  newToken: () => string;
  /** Image of the nodes of a MediaCluster that names none. */
  defaultImage: string;
}

/** What the controller does afterwards: nothing, or the same again after a while. */
export interface ReconcileResult {
  requeueAfterMs?: number;
}

/** Where a name is taken: the other object may go without our hearing of it. */
const NAME_TAKEN_RETRY_MS = 10_000;

/** Takes one MediaCluster one step nearer to its spec. Rejects where the same step may succeed later; the controller backs off then. */
export async function reconcile(key: string, signal: AbortSignal, deps: ReconcileDeps): Promise<ReconcileResult> {
  const observed = observe(key, deps.stores);
  if (!observed) return {}; // deleted: Kubernetes removes what it owned
  // Pods that run go on as they were, and so does what lets apps in.
  const before = { authSecretName: observed.cluster.status?.authSecretName };
  if (!observed.spec) return await report(observed, new TerminalError('InvalidSpec', observed.problem), before, signal, deps);
  const found = { ...observed, spec: observed.spec, defaultImage: deps.defaultImage };
  const planned = plan(found, deps.clock.nowMs());
  const failure = await carryOut(planned.actions, observed, signal, deps);
  const outcome = {
    replicas: found.spec.replicas,
    plan: planned,
    ...(found.spec.security.authentication.enabled ? { authSecretName: authSecretName(found.clusterName) } : {}),
  };
  if (failure) return await report(observed, failure, outcome, signal, deps);
  await writeStatus(observed, outcome, signal, deps);
  return planned.lookAgainAfterMs === undefined ? {} : { requeueAfterMs: planned.lookAgainAfterMs };
}

/** Acts; answers with the first failure. One that concerns a single pod doesn't keep the others from their turn. */
async function carryOut(actions: readonly Action[], observed: Observed, signal: AbortSignal, deps: ReconcileDeps): Promise<unknown> {
  const applyDeps = { kube: deps.kube, newToken: deps.newToken, signal, tell: tellAbout(observed, deps) };
  try {
    if (actions.some(({ type }) => type !== 'delete') && !await isStillWanted(observed, applyDeps)) return undefined;
  } catch (error) {
    return error;
  }
  let failure: unknown;
  let mayCreate = true;
  for (const action of actions) {
    if (action.type === 'create' && !mayCreate) continue;
    try {
      await apply(action, observed, applyDeps);
    } catch (error) {
      failure ??= error;
      if (forbidsPods(action, error)) mayCreate = false;
    }
  }
  return failure;
}

/**
 * What the API server says to one pod it says to the next: no storm of refused requests while a quota is used up. And no pod takes a
 * Secret that is somebody else's for its own: they would hold its key.
 */
function forbidsPods(action: Action, error: unknown): boolean {
  return action.type === 'issueToken' || !(error instanceof NameTakenError);
}

/** Tells people of a failure, where it is one that they can do something about, and decides when to try again. */
async function report(observed: Observed, failure: unknown, outcome: Omit<Outcome, 'pods'>, signal: AbortSignal, deps: ReconcileDeps): Promise<ReconcileResult> {
  const problem = problemOf(failure);
  if (!problem) throw failure; // the network, the API server: nothing is wrong with this MediaCluster
  const said = findCondition(observed.cluster.status?.conditions, 'Ready');
  await writeStatus(observed, { ...outcome, problem }, signal, deps);
  if (said?.reason !== problem.reason || said.message !== problem.message) tellAbout(observed, deps)({ type: 'Warning', reason: problem.reason, action: 'Reconcile', note: problem.message });
  if (failure instanceof NameTakenError) return { requeueAfterMs: NAME_TAKEN_RETRY_MS };
  if (failure instanceof KubeError && failure.code === 'KUBE_INVALID') throw new TerminalError(problem.reason, problem.message, { cause: failure });
  throw failure; // a right or a quota: it may be granted at any time
}

function problemOf(failure: unknown): PodProblem | undefined {
  if (failure instanceof TerminalError) return { reason: failure.reason, message: failure.message };
  if (failure instanceof NameTakenError) return { reason: 'NameTaken', message: failure.message };
  // Of what the API server refuses it says why: a quantity that makes no sense, a quota, a Pod Security Standard, a missing right.
  if (failure instanceof KubeError && failure.terminal) return { reason: failure.reason ?? 'Refused', message: failure.message };
  return undefined;
}

/** Writes the status where it says something new. */
async function writeStatus(observed: Observed, outcome: Omit<Outcome, 'pods'>, signal: AbortSignal, deps: ReconcileDeps): Promise<void> {
  const { cluster, pods } = observed;
  const status = statusOf(cluster, { ...outcome, pods }, deps.clock.nowMs());
  if (statesAlready(cluster, status)) return;
  const { name, namespace, uid } = cluster.metadata;
  try {
    await deps.kube.apply(mediaClusters, { metadata: { name, namespace, uid }, status } as KubeObject, { fieldManager: STATUS_MANAGER, subresource: 'status', signal });
  } catch (error) {
    if (error instanceof KubeError && (error.notFound || error.conflict)) return; // deleted meanwhile, or another has its name
    throw error;
  }
}

function tellAbout({ cluster }: Observed, deps: ReconcileDeps): Tell {
  return event => deps.record(cluster, event);
}
