import { REVISION_LABEL } from '../resources/labels.ts';
import type { ContainerState, Pod } from '../resources/objects.ts';

/** What keeps a pod from being ready, in Kubernetes' own words. */
export interface PodProblem {
  /** `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable` … */
  reason: string;
  message: string;
}

/** Someone has deleted it; it may still be running. */
export function isLeaving(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** It has ended for good, whatever its exit code: a media node never finishes by itself. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

/** It may be given work. */
export function isReady(pod: Pod): boolean {
  return !isLeaving(pod) && conditionOf(pod, 'Ready')?.status === 'True';
}

/**
 * Its media node runs, so there may be calls on it, ready or not: kube nodes that lose the API server for a while have all their pods
 * called unready.
 */
export function mayCarryCalls(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && (pod.status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined);
}

/** Made from what the spec says about pods now. */
export function isCurrent(pod: Pod, revision: string): boolean {
  return pod.metadata.labels?.[REVISION_LABEL] === revision;
}

// States that every pod passes through on its way up.
const ON_THE_WAY = new Set(['ContainerCreating', 'PodInitializing']);

/** Why the pod isn't ready, where it can't be expected to become so by itself soon; `undefined` while all is well. */
export function problemOf(pod: Pod): PodProblem | undefined {
  if (isLeaving(pod)) return undefined;
  if (isFinished(pod)) return { reason: pod.status?.reason ?? 'PodFailed', message: pod.status?.message ?? `phase ${pod.status?.phase}` };
  for (const { state, lastState } of pod.status?.containerStatuses ?? []) {
    const problem = containerProblem(state, lastState);
    if (problem) return problem;
  }
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? 'no kube node takes it' };
  return undefined;
}

function containerProblem(state: ContainerState | undefined, lastState: ContainerState | undefined): PodProblem | undefined {
  if (state?.terminated) return { reason: state.terminated.reason ?? 'ContainerEnded', message: endOf(state.terminated) };
  const waiting = state?.waiting;
  if (!waiting?.reason || ON_THE_WAY.has(waiting.reason)) return undefined;
  // Of a crash loop Kubernetes says when it tries again; what people look for is how the container ended.
  const ended = lastState?.terminated ? `; it last ended with ${endOf(lastState.terminated)}` : '';
  return { reason: waiting.reason, message: `${waiting.message ?? 'the container is waiting'}${ended}` };
}

function endOf({ exitCode, reason, message }: NonNullable<ContainerState['terminated']>): string {
  return `exit code ${exitCode ?? 'unknown'}${reason ? ` (${reason})` : ''}${message ? `: ${message.trim()}` : ''}`;
}

function conditionOf(pod: Pod, type: string) {
  return pod.status?.conditions?.find(condition => condition.type === type);
}
