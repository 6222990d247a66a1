import { findCondition, setCondition } from '../api/conditions.ts';
import type { ConditionState } from '../api/conditions.ts';
import type { MediaCluster, MediaClusterStatus } from '../api/v1alpha1.ts';
import { podSelector, selectorText } from '../resources/labels.ts';
import type { Pod } from '../resources/objects.ts';
import { covers } from './covers.ts';
import { isFinished, isLeaving, isReady, problemOf } from './pod-state.ts';
import type { PodProblem } from './pod-state.ts';
import type { Action, Plan } from './plan.ts';

/** What the status is drawn from. */
export interface Outcome {
  /** Pods of this cluster as they were found. */
  pods: readonly Pod[];
  /** How many are asked for; `undefined` where the spec can't be read. */
  replicas?: number;
  /** What was decided; missing where the spec can't be read. */
  plan?: Plan;
  /** The Secret that lets apps in; missing where everyone is let in. */
  authSecretName?: string | undefined;
  /** What kept the operator from carrying it out, or from reading the spec. */
  problem?: PodProblem;
}

/** The status that the outcome of one reconcile amounts to. Holds our conditions alone: those of others are theirs to write. */
export function statusOf(cluster: MediaCluster, outcome: Outcome, nowMs: number): MediaClusterStatus {
  const { generation } = cluster.metadata;
  const staying = outcome.pods.filter(pod => !isLeaving(pod) && !isFinished(pod));
  const before = (['Ready', 'Progressing'] as const).map(type => findCondition(cluster.status?.conditions, type)).filter(condition => condition !== undefined);
  const ready = setCondition(before, 'Ready', readyState(outcome, staying), generation, nowMs);
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas: staying.length,
    readyReplicas: staying.filter(isReady).length,
    selector: selectorText(podSelector(cluster.metadata.name)),
    ...(outcome.authSecretName === undefined ? {} : { authSecretName: outcome.authSecretName }),
    conditions: setCondition(ready, 'Progressing', progressState(outcome, staying), generation, nowMs),
  };
}

/** True when the object's status says all of that already, and nothing needs to be written. */
export function statesAlready(cluster: MediaCluster, status: MediaClusterStatus): boolean {
  const ours = cluster.status?.conditions?.filter(({ type }) => status.conditions?.some(condition => condition.type === type));
  const inOurOrder = status.conditions?.map(({ type }) => ours?.find(condition => condition.type === type));
  return covers({ ...cluster.status, conditions: inOurOrder }, status);
}

function readyState(outcome: Outcome, staying: readonly Pod[]): ConditionState {
  const { replicas, problem } = outcome;
  if (problem) return { status: 'False', ...problem };
  const ready = staying.filter(isReady).length;
  const asked = replicas ?? 0;
  if (asked === 0) return { status: 'True', reason: 'NoPodsAskedFor', message: 'replicas is 0' };
  if (ready >= asked) return { status: 'True', reason: 'PodsReady', message: `${ready} of ${podCount(asked)} ready` };
  const stuck = firstProblem(outcome.pods);
  if (stuck) return { status: 'False', reason: stuck.reason, message: `${ready} of ${podCount(asked)} ready; ${stuck.message}` };
  return { status: 'False', reason: 'PodsStarting', message: `${ready} of ${podCount(asked)} ready` };
}

function progressState(outcome: Outcome, staying: readonly Pod[]): ConditionState {
  if (outcome.problem) return { status: 'False', ...outcome.problem };
  const actions = outcome.plan?.actions ?? [];
  const doing = actions.map(wordFor).filter(word => word !== undefined);
  if (doing.length > 0) return { status: 'True', reason: doing.includes('Updating') ? 'Updating' : doing[0]!, message: sentence(actions) };
  const stuck = firstProblem(outcome.pods);
  if (stuck) return { status: 'False', ...stuck };
  const outdated = outcome.plan?.outdated ?? 0;
  if (outdated > 0) return { status: 'True', reason: 'Updating', message: `of an earlier spec: ${podCount(outdated)}; the next one is replaced when all others are ready` };
  const leaving = outcome.pods.filter(isLeaving).length;
  const starting = staying.filter(pod => !isReady(pod)).length;
  if (leaving > 0) return { status: 'True', reason: 'PodsLeaving', message: `waiting for ${podCount(leaving)} to end` };
  if (starting > 0) return { status: 'True', reason: 'PodsStarting', message: `waiting for ${podCount(starting)} to become ready` };
  return { status: 'False', reason: 'Settled', message: 'all pods are as asked for' };
}

const WORDS = { ScaledDown: 'Scaling', PodReplaced: 'Replacing', PodUpdated: 'Updating' } as const;

function wordFor(action: Action): string | undefined {
  if (action.type === 'create') return 'Scaling';
  return action.type === 'delete' ? WORDS[action.reason] : undefined;
}

function sentence(actions: readonly Action[]): string {
  const names = (type: 'create' | 'delete') => actions.flatMap(action => (action.type === type ? [action.pod.metadata.name] : []));
  const [created, deleted] = [names('create'), names('delete')];
  return [
    ...(created.length > 0 ? [`creating ${shortList(created)}`] : []),
    ...(deleted.length > 0 ? [`deleting ${shortList(deleted)}`] : []),
  ].join(', ');
}

function podCount(count: number): string {
  return `${count} ${count === 1 ? 'pod' : 'pods'}`;
}

function shortList(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** What the first pod that has a problem suffers from, and how many share the fate of having one. */
function firstProblem(pods: readonly Pod[]): PodProblem | undefined {
  const stuck = pods.map(pod => ({ name: pod.metadata.name, problem: problemOf(pod) })).filter(({ problem }) => problem !== undefined)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const [first] = stuck;
  if (!first?.problem) return undefined;
  const more = stuck.length > 1 ? ` (and ${stuck.length - 1} more)` : '';
  return { reason: first.problem.reason, message: `pod ${first.name}: ${first.problem.message}${more}` };
}
