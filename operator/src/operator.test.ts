import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError, kinds } from '@mediacluster/kube';
import type { KubeObject } from '@mediacluster/kube';
import { FakeClock } from '@mediacluster/kube/testing';
import { pino } from 'pino';

import { MemoryKube } from '../test/memory-kube.ts';
import { clusterOf, DEFAULT_IMAGE, NOW_MS } from '../test/samples.ts';
import { findCondition } from './api/conditions.ts';
import type { MediaCluster } from './api/v1alpha1.ts';
import type { Config } from './config.ts';
import { mediaClusters } from './media-cluster/watches.ts';
import { startOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import { childLabels } from './resources/labels.ts';
import type { ClusterRoleBinding, Pod, Secret } from './resources/objects.ts';

const config: Config = { watchNamespace: undefined, nodeImage: DEFAULT_IMAGE, tokenReviewersBinding: undefined, host: '127.0.0.1', port: 0, workers: 2, podName: 'operator-test', logLevel: 'debug' };
let kube: MemoryKube;
let clock: FakeClock;
let operator: Operator | undefined;
let lines: Record<string, unknown>[];

const start = async (overrides: Partial<Config> = {}) => {
  const log = pino({ level: 'debug' }, { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>); } });
  operator = await startOperator({ ...config, ...overrides }, { kube, log, clock });
  return operator;
};
const get = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${operator?.port}${path}`);
  return { status: response.status, text: await response.text() };
};
const cluster = async (spec: object) => {
  const { metadata, ...rest } = clusterOf(spec);
  await kube.create<MediaCluster>(mediaClusters, { ...rest, metadata: { name: metadata.name, namespace: metadata.namespace } });
};
const podNames = () => kube.all('pods').map(({ metadata }) => metadata.name).toSorted();
const readyReason = () => findCondition(kube.all<MediaCluster>('mediaclusters')[0]?.status?.conditions, 'Ready')?.reason;
/** Waits, over turns of the event loop, until the world is as described. No clock takes part. */
const until = async (is: () => boolean) => {
  for (let turn = 0; turn < 10_000 && !is(); turn += 1) await new Promise<void>(resolve => { setImmediate(resolve); });
  expect(is()).toBe(true);
};
/** A kubelet: what is made becomes ready, what is deleted ends. */
const kubelet = () => {
  for (const { metadata, status } of kube.all<Pod>('pods')) {
    if (metadata.deletionTimestamp) kube.end('pods', metadata.name);
    else if (status?.phase === undefined) kube.change('pods', metadata.name, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
  }
};
const untilWithKubelet = (is: () => boolean) => until(() => {
  kubelet();
  return is();
});

beforeEach(() => {
  kube = new MemoryKube();
  kube.graceful = true;
  clock = new FakeClock(NOW_MS);
  lines = [];
});
afterEach(async () => {
  await operator?.stop();
  operator = undefined;
});

describe('the operator', () => {
  test('brings a MediaCluster up, heals it, scales it, updates it, and lets it go', async () => {
    await start();
    await cluster({ replicas: 3 });
    await untilWithKubelet(() => readyReason() === 'PodsReady');
    expect(podNames()).toEqual(['calls-0', 'calls-1', 'calls-2']);

    const { uid } = kube.one('pods', 'calls-1').metadata;
    kube.end('pods', 'calls-1');
    await untilWithKubelet(() => kube.has('pods', 'calls-1') && readyReason() === 'PodsReady');
    expect(kube.one('pods', 'calls-1').metadata.uid).not.toBe(uid);

    kube.change('mediaclusters', 'calls', { spec: { replicas: 2 } });
    await untilWithKubelet(() => podNames().length === 2 && readyReason() === 'PodsReady');
    expect(podNames()).toEqual(['calls-0', 'calls-1']);

    kube.change('mediaclusters', 'calls', { spec: { image: 'node:2' } });
    await untilWithKubelet(() => kube.all<Pod>('pods').every(pod => pod.spec.containers[0]?.image === 'node:2') && podNames().length === 2 && readyReason() === 'PodsReady');

    kube.end('mediaclusters', 'calls');
    await untilWithKubelet(() => kube.all('pods').length === 0);
    expect([kube.all('services'), kube.all('serviceaccounts'), kube.all('secrets')]).toEqual([[], [], []]);
    const reasons = new Set(kube.all<KubeObject & { reason: string }>('events').map(({ reason }) => reason));
    expect([...reasons].toSorted()).toEqual(['PodCreated', 'PodUpdated', 'ScaledDown', 'SecretCreated', 'ServiceAccountCreated', 'ServiceCreated']);
  });

  test('is ready once it has read the cluster, and says what it waits for until then', async () => {
    let isOpen = false;
    kube.refuse = verb => (verb === 'list' && !isOpen ? new KubeError('KUBE_UNREACHABLE', 'no connection', { retryable: true }) : undefined);
    await start();
    await until(() => kube.calls.length >= 4);
    expect(await get('/livez')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('pods have not been read yet: no connection') });
    clock.advance(10_000);
    expect(lines.find(({ msg }) => msg === 'waiting for the cluster')).toMatchObject({ reasons: expect.arrayContaining(['clusters have not been read yet: no connection']) });
    isOpen = true;
    for (let tries = 0; tries < 200 && (await get('/readyz')).status !== 200; tries += 1) clock.advance(30_000);
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    const complaints = lines.filter(({ msg }) => msg === 'waiting for the cluster').length;
    clock.advance(60_000);
    expect(lines.filter(({ msg }) => msg === 'waiting for the cluster')).toHaveLength(complaints);
  });

  test('names the CRD when that is what is missing', async () => {
    kube.refuse = (verb, kind) => (verb === 'list' && kind === mediaClusters ? new KubeError('KUBE_NOT_FOUND', 'no such kind', { status: 404 }) : undefined);
    await start();
    await until(() => kube.calls.length >= 4);
    await until(() => kube.calls.includes('list mediaclusters'));
    expect((await get('/readyz')).text).toBe('the CRD mediaclusters.mediacluster.dev is not installed: kubectl apply -f crds/\n');
  });

  test('gives each MediaCluster a token of its own, and says none of them to anybody', async () => {
    await start();
    for (const name of ['one', 'two']) await kube.create<MediaCluster>(mediaClusters, { metadata: { name, namespace: 'default' } });
    await untilWithKubelet(() => kube.all<MediaCluster>('mediaclusters').every(({ status }) => status?.readyReplicas === 1));
    const tokens = ['one-auth', 'two-auth'].map(name => Buffer.from(kube.one<Secret>('secrets', name).data['token'] ?? '', 'base64').toString());
    expect(tokens).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[\w-]{43}$/)]);
    expect(tokens[0]).not.toBe(tokens[1]);
    expect(['one', 'two'].map(name => kube.one<MediaCluster>('mediaclusters', name).status?.authSecretName)).toEqual(['one-auth', 'two-auth']);
    const told = JSON.stringify([lines, kube.all('events'), kube.all('mediaclusters'), kube.all('pods'), (await get('/metrics')).text]);
    for (const token of tokens) for (const form of [token, Buffer.from(token).toString('base64')]) expect(told).not.toContain(form);
  });

  test('makes a Secret that was deleted again, with another token, and touches neither pods nor a token that somebody has put there', async () => {
    await start();
    await cluster({});
    await untilWithKubelet(() => readyReason() === 'PodsReady');
    const { uid } = kube.one('pods', 'calls-0').metadata;
    const { data } = kube.one<Secret>('secrets', 'calls-auth');
    kube.end('secrets', 'calls-auth');
    await until(() => kube.has('secrets', 'calls-auth'));
    expect(kube.one<Secret>('secrets', 'calls-auth').data).not.toEqual(data);
    kube.change('secrets', 'calls-auth', { data: { token: 'bWluZQ==' } });
    kube.change('mediaclusters', 'calls', { spec: { replicas: 2 } });
    await untilWithKubelet(() => podNames().length === 2 && readyReason() === 'PodsReady');
    expect(kube.one<Secret>('secrets', 'calls-auth').data).toEqual({ token: 'bWluZQ==' });
    expect(kube.one('pods', 'calls-0').metadata.uid).toBe(uid);
  });

  test('lets the accounts of all media nodes that ask about tokens do so, in the one binding that it may change', async () => {
    await kube.create<ClusterRoleBinding>(kinds.clusterRoleBindings, { metadata: { name: 'nodes' } });
    await kube.create<ClusterRoleBinding>(kinds.clusterRoleBindings, { metadata: { name: 'admins' } });
    await start({ tokenReviewersBinding: 'nodes' });
    const bound = () => (kube.one<ClusterRoleBinding>('clusterrolebindings', 'nodes').subjects ?? []).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    const specs = { b: {}, a: {}, open: { security: { authentication: { enabled: false } } }, secret: { security: { authentication: { allowedServiceAccounts: [] } } } };
    for (const [name, spec] of Object.entries(specs)) await kube.create<MediaCluster>(mediaClusters, { metadata: { name, namespace: 'default' }, spec });
    await until(() => bound().length === 2);
    expect(bound()).toEqual(['ServiceAccount default/a-node', 'ServiceAccount default/b-node']);

    kube.change('clusterrolebindings', 'nodes', { subjects: [{ kind: 'User', name: 'somebody' }] });
    await until(() => bound().length === 2);
    kube.change('mediaclusters', 'b', { spec: { replicas: 'many' } }); // its pods go on as they were
    kube.end('mediaclusters', 'a');
    await until(() => bound().length === 1);
    expect(bound()).toEqual(['ServiceAccount default/b-node']);
    kube.end('mediaclusters', 'b');
    await until(() => bound().length === 0);
    expect(kube.one('clusterrolebindings', 'admins')).not.toHaveProperty('subjects');
  });

  test('binds no account that is somebody else\'s', async () => {
    await kube.create<ClusterRoleBinding>(kinds.clusterRoleBindings, { metadata: { name: 'nodes' } });
    await kube.create(kinds.serviceAccounts, { metadata: { name: 'calls-node', namespace: 'default', labels: childLabels('calls') } });
    await start({ tokenReviewersBinding: 'nodes' });
    await cluster({});
    await kube.create<MediaCluster>(mediaClusters, { metadata: { name: 'talks', namespace: 'default' } });
    await until(() => kube.one<ClusterRoleBinding>('clusterrolebindings', 'nodes').subjects !== undefined);
    expect(kube.one<ClusterRoleBinding>('clusterrolebindings', 'nodes').subjects).toEqual([{ kind: 'ServiceAccount', name: 'talks-node', namespace: 'default' }]);
  });

  test('says so when the binding can not be written', async () => {
    kube.refuse = (verb, kind) => (verb === 'apply' && kind === kinds.clusterRoleBindings ? new KubeError('KUBE_FORBIDDEN', 'not allowed', { status: 403 }) : undefined);
    await start({ tokenReviewersBinding: 'nodes' });
    await cluster({});
    await until(() => lines.some(({ binding, error }) => binding === 'nodes' && error !== undefined));
    expect(lines.find(({ error }) => error !== undefined)).toMatchObject({ msg: 'reconcile failed', error: 'not allowed' });
  });

  test('looks after one namespace where it is told to', async () => {
    await start({ watchNamespace: 'elsewhere' });
    await cluster({});
    await kube.create<MediaCluster>(mediaClusters, { ...clusterOf(), metadata: { name: 'talks', namespace: 'elsewhere' } });
    await until(() => podNames().length > 0);
    expect(podNames()).toEqual(['talks-0']);
  });

  test('logs a run that failed, tries again with back-off, and counts both', async () => {
    let refusals = 2;
    kube.refuse = (verb, kind) => (verb === 'create' && kind.plural === 'pods' && refusals-- > 0 ? new KubeError('KUBE_SERVER', 'out of order', { status: 500, retryable: true }) : undefined);
    await start();
    await cluster({});
    await until(() => lines.some(({ msg }) => msg === 'reconcile failed'));
    expect(lines.find(({ msg }) => msg === 'reconcile failed')).toMatchObject({ cluster: 'default/calls', result: 'failed', error: 'out of order', failures: 1 });
    await until(() => {
      clock.advance(1_000);
      return podNames().length === 1;
    });
    const text = (await get('/metrics')).text.split('\n').filter(line => line.startsWith('mediacluster_')).join('\n');
    expect(text).toContain('mediacluster_operator_reconciles_total{result="failed"} 2');
    expect(text).toContain('mediacluster_nodes{namespace="default",name="calls",state="desired"} 1');
    expect(text).toContain('mediacluster_operator_queue_depth 0');
    expect(text).toContain('mediacluster_operator_watch_relists{kind="pods"} 0');
  });

  test('counts a MediaCluster that says nothing yet', async () => {
    await start();
    await kube.create<MediaCluster>(mediaClusters, { metadata: { name: 'bare', namespace: 'default', deletionTimestamp: '2026-11-20T12:00:00Z' } });
    let text = '';
    for (let tries = 0; tries < 50 && !text.includes('"bare"'); tries += 1) ({ text } = await get('/metrics'));
    expect(text).toContain('mediacluster_nodes{namespace="default",name="bare",state="ready"} 0');
  });

  test('ends in order, twice without harm, and touches no pod on its way', async () => {
    const running = await start();
    await cluster({ replicas: 2 });
    await untilWithKubelet(() => readyReason() === 'PodsReady');
    kube.calls.length = 0;
    await Promise.all([running.stop(), running.stop()]);
    expect(kube.calls.filter(call => call.includes('pods'))).toEqual([]);
    await expect(get('/livez')).rejects.toThrow();
    await expect(kube.get(mediaClusters, 'calls')).resolves.toBeDefined();
  });

  test('ends though its last Events can not be written', async () => {
    kube.refuse = (_verb, kind) => (kind.plural === 'events' ? new KubeError('KUBE_UNREACHABLE', 'no connection', { retryable: true }) : undefined);
    const running = await start();
    await cluster({});
    await until(() => podNames().length === 1);
    const stopped = running.stop();
    await clock.pass(ms => ms === 2_000);
    await stopped;
    await expect(get('/livez')).rejects.toThrow();
  });
});
