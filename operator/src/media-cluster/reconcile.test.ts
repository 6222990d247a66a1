import { beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError, kinds } from '@mediacluster/kube';
import type { KubeObject } from '@mediacluster/kube';
import { FakeClock } from '@mediacluster/kube/testing';

import { MemoryKube } from '../../test/memory-kube.ts';
import { clusterOf, DEFAULT_IMAGE, NOW_MS, podOf } from '../../test/samples.ts';
import { findCondition } from '../api/conditions.ts';
import type { MediaCluster } from '../api/v1alpha1.ts';
import { childLabels } from '../resources/labels.ts';
import type { Pod } from '../resources/objects.ts';
import { reconcile } from './reconcile.ts';
import type { ReconcileDeps } from './reconcile.ts';
import { mediaClusters } from './watches.ts';

const signal = new AbortController().signal;
let kube: MemoryKube;
let clock: FakeClock;
let events: string[];
/** Objects that the operator's cache hasn't heard of, or hasn't heard the end of. */
let unheard: { created: Set<string>; deleted: KubeObject[] };

const deps = (): ReconcileDeps => {
  const store = <T extends KubeObject>(plural: string) => {
    const list = () => [...kube.all<T>(plural).filter(({ metadata }) => !unheard.created.has(metadata.name)), ...unheard.deleted.filter(({ kind }) => plural === `${kind?.toLowerCase()}s`) as T[]];
    return {
      list,
      get: (key: string) => list().find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
      byIndex: (_name: string, key: string) => list().filter(({ metadata }) => `${metadata.namespace}/${metadata.labels?.['mediacluster.dev/cluster']}` === key),
      get size() { return list().length; },
    };
  };
  return {
    kube,
    clock,
    defaultImage: DEFAULT_IMAGE,
    newToken: () => 'secret-of-the-test',
    record: (_cluster, { type, reason, note }) => { events.push(`${type} ${reason}: ${note}`); },
    stores: { clusters: store('mediaclusters'), pods: store('pods'), services: store('services'), serviceAccounts: store('serviceaccounts'), secrets: store('secrets') },
  };
};
const run = () => reconcile('default/calls', signal, deps());
const makeCluster = async (spec: object) => {
  const { metadata, ...rest } = clusterOf(spec);
  await kube.create<MediaCluster>(mediaClusters, { ...rest, metadata: { name: metadata.name, namespace: metadata.namespace } });
};
const makeReady = (...names: string[]) => {
  for (const name of names) kube.change('pods', name, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
};
const podNames = () => kube.all('pods').map(({ metadata }) => metadata.name).toSorted();
const condition = (type: 'Ready' | 'Progressing') => findCondition(kube.one<MediaCluster>('mediaclusters', 'calls').status?.conditions, type);
const writes = () => kube.calls.filter(call => !call.startsWith('get') && !call.startsWith('list'));

beforeEach(() => {
  kube = new MemoryKube();
  clock = new FakeClock(NOW_MS);
  events = [];
  unheard = { created: new Set(), deleted: [] };
});

describe('reconcile', () => {
  test('makes what is missing, tells of it, and rests when all is ready', async () => {
    await makeCluster({ replicas: 2 });
    expect(await run()).toEqual({});
    expect(podNames()).toEqual(['calls-0', 'calls-1']);
    expect(events).toEqual([
      'Normal ServiceAccountCreated: ServiceAccount calls-node',
      'Normal ServiceCreated: Service calls',
      'Normal SecretCreated: Secret calls-auth, with a new token',
      `Normal PodCreated: pod calls-0 with image ${DEFAULT_IMAGE}`,
      `Normal PodCreated: pod calls-1 with image ${DEFAULT_IMAGE}`,
    ]);
    expect(condition('Progressing')).toMatchObject({ status: 'True', reason: 'Scaling' });
    makeReady('calls-0', 'calls-1');
    await run();
    expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'PodsReady' });
    kube.calls.length = 0;
    await run();
    expect(kube.calls).toEqual([]); // nothing to do, nothing to write
  });

  test('does nothing for a MediaCluster that is gone', async () => {
    expect(await run()).toEqual({});
    expect(kube.calls).toEqual([]);
  });

  test('brings no pod back that Kubernetes removed with its MediaCluster, though the cache knows only of the pod\'s end', async () => {
    await makeCluster({});
    await run();
    const cluster = kube.one('mediaclusters', 'calls');
    kube.end('mediaclusters', 'calls');
    unheard.deleted = [cluster];
    expect(await run()).toEqual({});
    expect(podNames()).toEqual([]);
  });

  test('makes nothing for a MediaCluster that has just been made anew under its name', async () => {
    await makeCluster({});
    const earlier = kube.one('mediaclusters', 'calls');
    kube.end('mediaclusters', 'calls');
    await makeCluster({ replicas: 3 });
    unheard = { created: new Set(['calls']), deleted: [earlier] };
    await run();
    expect(podNames()).toEqual([]);
    expect(kube.one<MediaCluster>('mediaclusters', 'calls').status).toBeUndefined();
  });

  test('takes a pod that is there already for made, when the cache has not heard of it', async () => {
    await makeCluster({});
    await run();
    unheard.created.add('calls-0');
    events.length = 0;
    expect(await run()).toEqual({});
    expect(events).toEqual([]);
    expect(podNames()).toEqual(['calls-0']);
  });

  test('deletes a pod once, when the cache has not heard that it is gone, and never another of its name', async () => {
    await makeCluster({ replicas: 2 });
    await run();
    const earlier = kube.one<Pod>('pods', 'calls-1');
    kube.end('pods', 'calls-1');
    unheard.deleted = [earlier];
    kube.change('mediaclusters', 'calls', { spec: { replicas: 1 } });
    await run();
    await kube.create(kinds.pods, podOf(1, 'ready', undefined, { uid: 'another' }));
    unheard.created.add('calls-1');
    await run();
    expect(podNames()).toEqual(['calls-0', 'calls-1']);
    expect(events.filter(event => event.includes('ScaledDown'))).toEqual([]);
  });

  test('puts the Service right and says so', async () => {
    await makeCluster({});
    await run();
    kube.change('services', 'calls', { spec: { clusterIP: '10.0.0.1' } });
    await run();
    expect(kube.one('services', 'calls')).toMatchObject({ spec: { clusterIP: 'None' } });
    expect(events.at(-1)).toBe('Normal ServiceRestored: Service calls differed from what it should be');
  });

  test('asks to be called again for a pod that ended too soon', async () => {
    await makeCluster({});
    await run();
    kube.change('pods', 'calls-0', { metadata: { creationTimestamp: new Date(NOW_MS - 3_000).toISOString() }, status: { phase: 'Failed' } });
    expect(await run()).toEqual({ requeueAfterMs: 7_000 });
    clock.advance(7_000);
    await run();
    expect(podNames()).toEqual([]);
    await run();
    expect(podNames()).toEqual(['calls-0']);
  });

  describe('when a name is taken', () => {
    test('leaves the other\'s Service alone, says whose it is, makes the rest, and goes on when the name is free', async () => {
      await makeCluster({});
      await kube.create(kinds.services, { metadata: { name: 'calls', namespace: 'default' }, spec: { selector: { app: 'web' } } } as KubeObject);
      unheard.created.add('calls-web');
      expect(await run()).toEqual({ requeueAfterMs: 10_000 });
      expect(kube.one('services', 'calls')).toMatchObject({ spec: { selector: { app: 'web' } } });
      expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken', message: expect.stringContaining('Service calls exists already and belongs to someone else') });
      expect(podNames()).toEqual(['calls-0']);
      expect(events.at(-1)).toMatch(/^Warning NameTaken/);
      await run();
      expect(events.filter(event => event.startsWith('Warning'))).toHaveLength(1);
      kube.end('services', 'calls');
      expect(await run()).toEqual({});
      expect(kube.has('services', 'calls')).toBe(true);
    });

    test('leaves the other\'s Secret alone, and makes no pod that would take it for its own', async () => {
      await makeCluster({});
      await kube.create<KubeObject & { data: object }>(kinds.secrets, { metadata: { name: 'calls-auth', namespace: 'default', labels: childLabels('calls') }, data: { token: 'x' } });
      expect(await run()).toEqual({ requeueAfterMs: 10_000 });
      expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'NameTaken', message: expect.stringContaining('Secret calls-auth exists already and belongs to someone else') });
      expect(kube.one('secrets', 'calls-auth')).toMatchObject({ data: { token: 'x' } });
      expect([podNames(), kube.has('services', 'calls')]).toEqual([[], true]);
      kube.end('secrets', 'calls-auth');
      expect(await run()).toEqual({});
      expect(podNames()).toEqual(['calls-0']);
    });

    test('leaves the other\'s pod alone, and names its owner', async () => {
      await makeCluster({ replicas: 2 });
      const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'calls', uid: 'x', controller: true };
      await kube.create(kinds.pods, { metadata: { name: 'calls-0', namespace: 'default', ownerReferences: [owner] } });
      expect(await run()).toEqual({ requeueAfterMs: 10_000 });
      expect(condition('Ready')?.message).toContain('Pod calls-0 exists already and belongs to StatefulSet calls');
      expect(podNames()).toEqual(['calls-0', 'calls-1']);
    });
  });

  test('makes no Secret and names none where everyone is let in, and leaves one that is there', async () => {
    await makeCluster({ security: { authentication: { enabled: false } } });
    await run();
    expect([kube.all('secrets'), kube.one<MediaCluster>('mediaclusters', 'calls').status?.authSecretName]).toEqual([[], undefined]);
    kube.change('mediaclusters', 'calls', { spec: { security: { authentication: { enabled: true } } } });
    await run();
    expect(kube.one<MediaCluster>('mediaclusters', 'calls').status?.authSecretName).toBe('calls-auth');
    kube.change('mediaclusters', 'calls', { spec: { security: { authentication: { enabled: false } } } });
    await run();
    expect(kube.has('secrets', 'calls-auth')).toBe(true);
  });

  test('takes a Secret that is there already for made, when the cache has not heard of it', async () => {
    await makeCluster({});
    await run();
    const { resourceVersion } = kube.one('secrets', 'calls-auth').metadata;
    unheard.created.add('calls-auth');
    events.length = 0;
    expect(await run()).toEqual({});
    expect([events, kube.one('secrets', 'calls-auth').metadata.resourceVersion]).toEqual([[], resourceVersion]);
  });

  test('asks for no pod where the Secret is refused', async () => {
    await makeCluster({});
    kube.refuse = (verb, kind) => (verb === 'create' && kind === kinds.secrets ? new KubeError('KUBE_FORBIDDEN', 'create Secret calls-auth: 403 Forbidden', { status: 403, reason: 'Forbidden' }) : undefined);
    await expect(run()).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' });
    expect([podNames(), condition('Ready')?.reason]).toEqual([[], 'Forbidden']);
  });

  describe('when the spec makes no sense', () => {
    test('says so, touches nothing, and does not try again', async () => {
      await makeCluster({ replicas: 1 });
      await run();
      kube.change('mediaclusters', 'calls', { spec: { replicas: 'many' } });
      await expect(run()).rejects.toMatchObject({ name: 'TerminalError', code: 'OPERATOR_TERMINAL', reason: 'InvalidSpec', retryable: false });
      expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
      expect(kube.one<MediaCluster>('mediaclusters', 'calls').status?.authSecretName).toBe('calls-auth');
      expect(events.at(-1)).toMatch(/^Warning InvalidSpec: spec.replicas/);
      expect(podNames()).toEqual(['calls-0']);
    });

    test('passes on what the API server refuses, and does not try again', async () => {
      await makeCluster({});
      kube.refuse = (verb, kind) => (verb === 'create' && kind === kinds.pods ? new KubeError('KUBE_INVALID', 'create Pod calls-0: 422 Invalid, requests exceed limits', { status: 422, reason: 'Invalid' }) : undefined);
      await expect(run()).rejects.toMatchObject({ name: 'TerminalError' });
      expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'Invalid', message: expect.stringContaining('requests exceed limits') });
    });
  });

  test('says that a quota is used up, asks for no further pod, still lets others go, and tries again', async () => {
    await makeCluster({ replicas: 2 });
    await run();
    makeReady('calls-0', 'calls-1');
    kube.change('pods', 'calls-0', { status: { phase: 'Failed' } });
    kube.end('pods', 'calls-1');
    kube.change('mediaclusters', 'calls', { spec: { replicas: 4 } });
    kube.refuse = (verb, kind) => (verb === 'create' && kind === kinds.pods ? new KubeError('KUBE_FORBIDDEN', 'exceeded quota', { status: 403 }) : undefined);
    kube.calls.length = 0;
    await expect(run()).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' });
    expect(writes()).toEqual(['create pods/calls-1', 'delete pods/calls-0', 'apply mediaclusters/calls/status']);
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'Refused', message: 'exceeded quota' });
  });

  test('blames nobody for an API server that does not answer, and tries again', async () => {
    await makeCluster({});
    kube.calls.length = 0;
    kube.refuse = verb => (verb === 'get' ? new KubeError('KUBE_TIMEOUT', 'no answer', { retryable: true }) : undefined);
    await expect(run()).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
    expect(writes()).toEqual([]);
    kube.refuse = verb => (verb === 'apply' ? new KubeError('KUBE_SERVER', 'out of order', { status: 500, retryable: true }) : undefined);
    await expect(run()).rejects.toMatchObject({ code: 'KUBE_SERVER' });
    expect(events.filter(event => event.startsWith('Warning'))).toEqual([]);
  });

  test.each([['KUBE_NOT_FOUND', 404], ['KUBE_CONFLICT', 409]] as const)('does not mind a status that can not be written any more (%s)', async (code, status) => {
    await makeCluster({});
    kube.refuse = (verb, kind) => (verb === 'apply' && kind === mediaClusters ? new KubeError(code, 'gone', { status }) : undefined);
    expect(await run()).toEqual({});
  });

  test('passes other failures of a status, a creation or a deletion on', async () => {
    await makeCluster({});
    const failing = (verb: string, plural: string) => {
      kube.refuse = (is, kind) => (is === verb && kind.plural === plural ? new KubeError('KUBE_SERVER', `${verb} failed`, { status: 500 }) : undefined);
    };
    failing('create', 'pods');
    await expect(run()).rejects.toThrow('create failed');
    failing('apply', 'mediaclusters');
    await expect(run()).rejects.toThrow('apply failed');
    kube.change('mediaclusters', 'calls', { spec: { replicas: 0 } });
    failing('delete', 'pods');
    await expect(run()).rejects.toThrow('delete failed');
  });

  test('takes a pod that vanished between our try and our look for gone', async () => {
    await makeCluster({});
    await kube.create(kinds.pods, podOf(0, 'ready', undefined, { uid: 'passing' }));
    unheard.created.add('calls-0');
    kube.refuse = (verb, kind, name) => {
      if (verb === 'get' && kind === kinds.pods && kube.has('pods', name)) kube.end('pods', name);
      return undefined;
    };
    expect(await run()).toEqual({});
  });
});
