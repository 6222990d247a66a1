import { describe, expect, test } from '@jest/globals';

import { podOf } from '../../test/samples.ts';
import type { ContainerState, Pod, PodCondition } from '../resources/objects.ts';
import { mayCarryCalls, problemOf } from './pod-state.ts';

const withContainer = (state: ContainerState, lastState?: ContainerState): Pod => ({
  ...podOf(0, 'pending'),
  status: { phase: 'Pending', containerStatuses: [{ name: 'media-node', state, lastState }] },
});
const withCondition = (condition: PodCondition): Pod => ({ ...podOf(0, 'pending'), status: { phase: 'Pending', conditions: [condition] } });

describe('problemOf', () => {
  test.each(['ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'RunContainerError'])('passes %s on in the kubelet\'s words', reason => {
    expect(problemOf(withContainer({ waiting: { reason, message: 'no such image' } }))).toEqual({ reason, message: 'no such image' });
  });

  test('adds to a crash loop how the container last ended', () => {
    const pod = withContainer({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } }, { terminated: { exitCode: 137, reason: 'OOMKilled' } });
    expect(problemOf(pod)).toEqual({ reason: 'CrashLoopBackOff', message: 'back-off 10s; it last ended with exit code 137 (OOMKilled)' });
  });

  test('tells of a container that has just ended, before the kubelet starts it again', () => {
    expect(problemOf(withContainer({ terminated: { exitCode: 1, reason: 'Error', message: 'no port\n' } }))).toEqual({ reason: 'Error', message: 'exit code 1 (Error): no port' });
    expect(problemOf(withContainer({ terminated: {} }))).toEqual({ reason: 'ContainerEnded', message: 'exit code unknown' });
  });

  test('tells why no kube node takes the pod', () => {
    expect(problemOf(withCondition({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available' })))
      .toEqual({ reason: 'Unschedulable', message: '0/2 nodes are available' });
    expect(problemOf(withCondition({ type: 'PodScheduled', status: 'False' }))).toEqual({ reason: 'Unschedulable', message: 'no kube node takes it' });
  });

  test('tells why a pod has ended for good', () => {
    expect(problemOf({ ...podOf(0), status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } })).toEqual({ reason: 'Evicted', message: 'low on memory' });
    expect(problemOf({ ...podOf(0), status: { phase: 'Succeeded' } })).toEqual({ reason: 'PodFailed', message: 'phase Succeeded' });
  });

  test.each<[string, Pod]>([
    ['is ready', podOf(0)],
    ['is leaving, however it stands', { ...podOf(0, 'leaving'), status: { phase: 'Failed' } }],
    ['has not been looked at by a scheduler', { ...podOf(0), status: undefined }],
    ['is being created', withContainer({ waiting: { reason: 'ContainerCreating' } })],
    ['waits for a reason not told', withContainer({ waiting: {} })],
    ['is running and will be asked again', withContainer({ running: {} })],
    ['has not been told about its container', { ...podOf(0), status: { phase: 'Pending', containerStatuses: [{ name: 'media-node' }] } }],
    ['has been scheduled', withCondition({ type: 'PodScheduled', status: 'True' })],
  ])('finds nothing wrong with a pod that %s', (_what, pod) => {
    expect(problemOf(pod)).toBeUndefined();
  });

  test('invents a message where the kubelet has none', () => {
    expect(problemOf(withContainer({ waiting: { reason: 'ErrImagePull' } }))?.message).toBe('the container is waiting');
  });
});

test.each<[string, Pod, boolean]>([
  ['is ready', podOf(0), true],
  ['runs and is not ready', { ...podOf(0, 'unready'), status: { phase: 'Running', containerStatuses: [{ name: 'media-node', state: { running: {} } }] } }, true],
  ['is pending', podOf(0, 'pending'), false],
  ['waits to be started again', { ...podOf(0), status: { phase: 'Running', containerStatuses: [{ name: 'media-node', state: { waiting: {} } }] } }, false],
  ['has not been looked at', { ...podOf(0), status: undefined }, false],
])('mayCarryCalls of a pod that %s', (_what, pod, answer) => {
  expect(mayCarryCalls(pod)).toBe(answer);
});
