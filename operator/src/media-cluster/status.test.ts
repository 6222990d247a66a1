import { describe, expect, test } from '@jest/globals';

import { clusterOf, NOW_MS, podOf } from '../../test/samples.ts';
import { findCondition } from '../api/conditions.ts';
import type { MediaCluster, MediaClusterStatus } from '../api/v1alpha1.ts';
import type { Pod } from '../resources/objects.ts';
import type { Action, DeleteReason, Plan } from './plan.ts';
import { statesAlready, statusOf } from './status.ts';
import type { Outcome } from './status.ts';

const idle: Plan = { actions: [], outdated: 0 };
const create = (ordinal: number): Action => ({ type: 'create', pod: podOf(ordinal) });
const remove = (ordinal: number, reason: DeleteReason): Action => ({ type: 'delete', pod: podOf(ordinal), reason, note: '' });
const pulling = (ordinal: number): Pod => ({
  ...podOf(ordinal, 'pending'),
  status: { phase: 'Pending', containerStatuses: [{ name: 'media-node', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } }] },
});

const statusFor = (outcome: Partial<Outcome>): MediaClusterStatus => statusOf(clusterOf(), { pods: [], replicas: 1, plan: idle, ...outcome }, NOW_MS);
const says = (outcome: Partial<Outcome>, type: 'Ready' | 'Progressing'): string => {
  const condition = findCondition(statusFor(outcome).conditions, type);
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
};

describe('statusOf', () => {
  test('counts pods that stay, and names what selects them', () => {
    const pods = [podOf(0), podOf(1, 'pending'), podOf(2, 'leaving'), podOf(3, 'failed')];
    expect(statusFor({ pods, replicas: 4 })).toMatchObject({
      observedGeneration: 1, replicas: 2, readyReplicas: 1, selector: 'app.kubernetes.io/name=mediacluster-node,mediacluster.dev/cluster=calls',
    });
  });

  test('speaks of the generation that it was drawn from, in each condition too', () => {
    const cluster = clusterOf({}, { metadata: { ...clusterOf().metadata, generation: 7 } });
    const status = statusOf(cluster, { pods: [], replicas: 1, plan: idle }, NOW_MS);
    expect([status.observedGeneration, ...(status.conditions ?? []).map(({ observedGeneration }) => observedGeneration)]).toEqual([7, 7, 7]);
    const unnumbered = statusOf(clusterOf({}, { metadata: { name: 'calls' } }), { pods: [] }, NOW_MS);
    expect(unnumbered).not.toHaveProperty('observedGeneration');
  });

  test.each<[string, Partial<Outcome>, string]>([
    ['all pods are ready', { pods: [podOf(0), podOf(1)], replicas: 2 }, 'True PodsReady: 2 of 2 pods ready'],
    ['more than asked for are ready', { pods: [podOf(0), podOf(1)], replicas: 1 }, 'True PodsReady: 2 of 1 pod ready'],
    ['none is asked for', { replicas: 0 }, 'True NoPodsAskedFor: replicas is 0'],
    ['pods are on their way', { pods: [podOf(0), podOf(1, 'pending')], replicas: 2 }, 'False PodsStarting: 1 of 2 pods ready'],
    ['a pod is stuck', { pods: [podOf(0), pulling(1)], replicas: 2 }, 'False ImagePullBackOff: 1 of 2 pods ready; pod calls-1: Back-off pulling image'],
    ['several pods are stuck', { pods: [pulling(10), pulling(2)], replicas: 2 }, 'False ImagePullBackOff: 0 of 2 pods ready; pod calls-2: Back-off pulling image (and 1 more)'],
    ['the operator is stuck', { pods: [podOf(0)], problem: { reason: 'NameTaken', message: 'Service calls exists' } }, 'False NameTaken: Service calls exists'],
    ['the spec can not be read', { replicas: undefined, plan: undefined, problem: { reason: 'InvalidSpec', message: 'spec.replicas' } }, 'False InvalidSpec: spec.replicas'],
  ])('Ready when %s', (_what, outcome, expected) => {
    expect(says(outcome, 'Ready')).toBe(expected);
  });

  test.each<[string, Partial<Outcome>, string]>([
    ['there is nothing to do', { pods: [podOf(0)] }, 'False Settled: all pods are as asked for'],
    ['pods are created', { replicas: 2, plan: { actions: [create(0), create(1)], outdated: 0 } }, 'True Scaling: creating calls-0, calls-1'],
    ['many pods are created', { plan: { actions: [0, 1, 2, 3, 4].map(create), outdated: 0 } }, 'True Scaling: creating calls-0, calls-1, calls-2 and 2 more'],
    ['pods are deleted', { plan: { actions: [remove(1, 'ScaledDown')], outdated: 0 } }, 'True Scaling: deleting calls-1'],
    ['a pod is replaced', { plan: { actions: [remove(1, 'PodReplaced')], outdated: 0 } }, 'True Replacing: deleting calls-1'],
    ['a pod is updated among other things', { plan: { actions: [create(0), remove(1, 'PodUpdated')], outdated: 1 } }, 'True Updating: creating calls-0, deleting calls-1'],
    ['a Service alone is put right', { pods: [podOf(0)], plan: { actions: [{ type: 'apply', child: 'services', object: podOf(0), exists: true }], outdated: 0 } }, 'False Settled: all pods are as asked for'],
    ['an update waits', { pods: [podOf(0), podOf(1, 'pending')], replicas: 2, plan: { actions: [], outdated: 1 } }, 'True Updating: of an earlier spec: 1 pod; the next one is replaced when all others are ready'],
    ['an update is stuck', { pods: [podOf(0), pulling(1)], replicas: 2, plan: { actions: [], outdated: 1 } }, 'False ImagePullBackOff: pod calls-1: Back-off pulling image'],
    ['pods are leaving', { pods: [podOf(0), podOf(1, 'leaving')] }, 'True PodsLeaving: waiting for 1 pod to end'],
    ['pods are starting', { pods: [podOf(0, 'pending'), podOf(1, 'pending')], replicas: 2 }, 'True PodsStarting: waiting for 2 pods to become ready'],
    ['the operator is stuck', { problem: { reason: 'Forbidden', message: 'exceeded quota' } }, 'False Forbidden: exceeded quota'],
  ])('Progressing when %s', (_what, outcome, expected) => {
    expect(says(outcome, 'Progressing')).toBe(expected);
  });
});

const withStatus = (written: MediaClusterStatus | undefined): MediaCluster => clusterOf({}, { status: written });

describe('statesAlready', () => {
  const status = statusFor({ pods: [podOf(0)] });

  test('holds for a status that says the same, in another order and among conditions of others', () => {
    const foreign = { type: 'Audited', status: 'True' as const, reason: 'Yes', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
    expect(statesAlready(withStatus({ ...status, conditions: [foreign, ...(status.conditions ?? []).toReversed()] }), status)).toBe(true);
  });

  test('does not hold without a status, nor for another count, reason or time', () => {
    expect(statesAlready(withStatus(undefined), status)).toBe(false);
    expect(statesAlready(withStatus({ ...status, readyReplicas: 0 }), status)).toBe(false);
    expect(statesAlready(withStatus({ ...status, conditions: status.conditions?.map(condition => ({ ...condition, reason: 'Other' })) }), status)).toBe(false);
    expect(statesAlready(withStatus({ ...status, conditions: [] }), status)).toBe(false);
  });

  test('a status that is drawn again a minute later is the same: times move only with what they speak of', () => {
    const cluster = withStatus(status);
    expect(statesAlready(cluster, statusOf(cluster, { pods: [podOf(0)], replicas: 1, plan: idle }, NOW_MS + 60_000))).toBe(true);
  });
});
