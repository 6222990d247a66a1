import type { KubeObject, OwnerReference } from '@mediacluster/kube';

import type { MediaClusterSpec } from '../api/v1alpha1.ts';
import type { Pod, Service, ServiceAccount } from '../resources/objects.ts';
import { buildPod } from '../resources/pod.ts';
import { revisionOf } from '../resources/revision.ts';
import { buildServiceAccount } from '../resources/service-account.ts';
import { buildService } from '../resources/service.ts';
import { covers } from './covers.ts';
import { isCurrent, isFinished, isLeaving, isReady, mayCarryCalls } from './pod-state.ts';
import { sizePods } from './sizing.ts';

/** What there is of a cluster: what was asked for and what was found. */
export interface Findings {
  clusterName: string;
  namespace: string;
  spec: MediaClusterSpec;
  owner: OwnerReference;
  /** For a spec without an image. */
  defaultImage: string;
  /** Pods that this very MediaCluster controls. */
  pods: readonly Pod[];
  service: Service | undefined;
  serviceAccount: ServiceAccount | undefined;
  authSecret: KubeObject | undefined;
}

/** Why a pod is deleted; also the reason of the Event. */
export type DeleteReason = 'ScaledDown' | 'PodReplaced' | 'PodUpdated';

/** One step from what is found to what is asked for; safe to take twice. */
export type Action =
  | { type: 'apply'; child: 'services' | 'serviceAccounts'; object: KubeObject; exists: boolean }
  | { type: 'issueToken' } // makes the Secret; its token is chance, which has no place in a plan
  | { type: 'create'; pod: Pod }
  | { type: 'delete'; pod: Pod; reason: DeleteReason; note: string };

/** What to do now. */
export interface Plan {
  actions: Action[];
  /** Look again after this time though nothing may have happened until then. */
  lookAgainAfterMs?: number;
  /** Pods that were made from an earlier spec. */
  outdated: number;
}

/** A pod that ends right after its start is made again after this time at the soonest: six tries a minute, no hot loop. */
export const MIN_POD_LIFE_MS = 10_000;

/** Decides what to do next. Pure; the same findings lead to the same actions, so a cache that lags behind does no harm. */
export function plan(found: Findings, nowMs: number): Plan {
  const { missing, kept, surplus } = sizePods(found.clusterName, found.spec.replicas, found.pods);
  const revision = revisionOf(found.spec);
  const outdated = kept.filter(pod => !isLeaving(pod) && !isCurrent(pod, revision));
  const finished = kept.filter(pod => isFinished(pod) && !isLeaving(pod));
  const waits = finished.map(pod => waitMs(pod, nowMs)).filter(ms => ms > 0);
  return {
    actions: [
      ...children(found),
      ...(found.spec.security.authentication.enabled && !found.authSecret ? [{ type: 'issueToken' } as const] : []),
      ...missing.map((ordinal): Action => ({ type: 'create', pod: buildPod({ ...found, ordinal }) })),
      ...surplus.filter(pod => !isLeaving(pod)).map(pod => remove(pod, 'ScaledDown', `replicas is ${found.spec.replicas}`)),
      ...finished.filter(pod => waitMs(pod, nowMs) <= 0).map(pod => remove(pod, 'PodReplaced', `it ended: ${pod.status?.reason ?? pod.status?.phase}`)),
      ...updates(kept, outdated, missing.length).map(pod => remove(pod, 'PodUpdated', `made from an earlier spec; the revision is ${revision} now`)),
    ],
    outdated: outdated.length,
    ...(waits.length > 0 ? { lookAgainAfterMs: Math.min(...waits) } : {}),
  };
}

/** Service and ServiceAccount, where they are missing or someone has changed what is ours in them. */
function children(found: Findings): Action[] {
  const service = buildService(found);
  const serviceAccount = buildServiceAccount(found);
  const isRight = {
    // One word more in a selector, and no pod answers to it.
    services: found.service !== undefined && covers(found.service, service) && sizeOf(found.service.spec.selector) === sizeOf(service.spec.selector),
    serviceAccounts: covers(found.serviceAccount, serviceAccount),
  };
  const wanted = { services: service, serviceAccounts: serviceAccount };
  const exists = { services: found.service !== undefined, serviceAccounts: found.serviceAccount !== undefined };
  // The account first: Kubernetes refuses a pod whose account isn't there.
  return (['serviceAccounts', 'services'] as const)
    .filter(child => !isRight[child])
    .map(child => ({ type: 'apply', child, object: wanted[child], exists: exists[child] }));
}

/**
 * Which pods of an earlier spec go now. One whose media node doesn't run goes at once: nothing is lost, and a spec that was mended gets
 * past a pod that could never start. Of those that run one goes at a time, unready ones before ready ones, the highest ordinal first,
 * and only while every pod of the present spec is ready: a spec that doesn't work stops at its first pod.
 */
function updates(kept: readonly Pod[], outdated: readonly Pod[], missing: number): Pod[] {
  const old = outdated.filter(pod => !isFinished(pod)); // finished ones are replaced anyway
  const idle = old.filter(pod => !mayCarryCalls(pod));
  if (idle.length > 0) return idle;
  const unready = old.filter(pod => !isReady(pod));
  if (missing > 0 || !kept.every(pod => isReady(pod) || unready.includes(pod))) return [];
  return (unready.length > 0 ? unready : old).slice(-1);
}

function sizeOf(selector: Record<string, string>): number {
  return Object.keys(selector).length;
}

function waitMs(pod: Pod, nowMs: number): number {
  const ageMs = nowMs - Date.parse(pod.metadata.creationTimestamp ?? '');
  // A clock that is behind the API server's makes a pod look younger than it can be; no wait is longer than the shortest life.
  return Number.isNaN(ageMs) ? 0 : MIN_POD_LIFE_MS - Math.max(ageMs, 0);
}

function remove(pod: Pod, reason: DeleteReason, note: string): Action {
  return { type: 'delete', pod, reason, note };
}
