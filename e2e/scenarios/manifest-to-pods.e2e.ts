// From a manifest to pods: CRD, chart and operator on a real API server, and what people do to them. The steps build on each other.
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { startCluster, until, whyNot } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { loadImages } from './images.ts';
import { mediaCluster, namespace } from './manifests.ts';

const CHART = 'charts/operator';
const CRD = 'crds/mediacluster.dev_mediaclusters.yaml';
const NAMESPACE = 'manifest-e2e';
const OTHER = 'other-e2e';
const COLD_BUILD_MS = 40 * 60_000;
const READY_MS = 90_000;

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  spec: { containers: { image: string }[] };
  status: { conditions?: { type: string; status: string }[] };
}
interface Status {
  replicas: number;
  readyReplicas: number;
  selector: string;
  conditions: { type: string; status: string; reason: string; message: string }[];
}

const reason = whyNot();
if (reason !== undefined) process.stderr.write(`skipped: ${reason}\n`);

let cluster: Cluster;
const kubectl = (...args: string[]) => cluster.kubectl(['-n', NAMESPACE, ...args]);
const apply = (...objects: object[]) => cluster.kubectl(['apply', '-f', '-'], { input: objects.map(object => JSON.stringify(object)).join('\n---\n') });
const patch = (spec: object) => kubectl('patch', 'mc', 'calls', '--type', 'merge', '-p', JSON.stringify({ spec }));
const untilCalls = (condition: string) => kubectl('wait', 'mc/calls', `--for=${condition}`, `--timeout=${READY_MS / 1000}s`);
const statusOf = async (name = 'calls', where = NAMESPACE) => JSON.parse(await cluster.kubectl(['-n', where, 'get', 'mc', name, '-o', 'jsonpath={.status}']) || '{}') as Status;
const readyOf = async (name?: string, where?: string) => (await statusOf(name, where)).conditions?.find(({ type }) => type === 'Ready');
const untilReason = (expected: string | RegExp, name?: string, where?: string) => until(`Ready says ${expected}`, async () => {
  const ready = await readyOf(name, where);
  return ready !== undefined && new RegExp(`^(?:${expected instanceof RegExp ? expected.source : expected})$`).test(ready.reason) && ready;
}, { timeoutMs: READY_MS });
const pods = async (where = NAMESPACE) => (JSON.parse(await cluster.kubectl(['-n', where, 'get', 'pods', '-l', 'mediacluster.dev/cluster', '-o', 'json'])) as { items: Pod[] }).items;
const uids = async () => Object.fromEntries((await pods()).map(({ metadata }) => [metadata.name, metadata.uid]));
const helm = (...args: string[]) => cluster.helm(args);
const refusal = (promise: Promise<unknown>) => promise.then(() => 'it was taken', (error: unknown) => (error as Error).message);
/** Whether the operator of the first release may do that. */
const can = async (...right: string[]) => (await refusal(kubectl('auth', 'can-i', ...right, '--all-namespaces', `--as=system:serviceaccount:${NAMESPACE}:first-mediacluster-operator`))) === 'it was taken';
/** The release that the role for apps belongs to. */
const owner = () => cluster.kubectl(['get', 'clusterrole', 'mediacluster-client', '-o', 'jsonpath={.metadata.annotations.meta\\.helm\\.sh/release-name}']);

(reason === undefined ? describe : describe.skip)('from a manifest to pods', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    await loadImages(cluster);
    await apply(namespace(NAMESPACE), namespace(OTHER));
  }, COLD_BUILD_MS);

  afterAll(async () => await cluster?.stop(), 120_000);

  test('the CRD is taken by the API server, with a short name, defaults and a scale subresource', async () => {
    await cluster.kubectl(['apply', '--server-side', '-f', CRD]);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd/mediaclusters.mediacluster.dev', '--timeout=30s']);
    await apply({ apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'plain', namespace: OTHER } });
    const spec = JSON.parse(await cluster.kubectl(['-n', OTHER, 'get', 'mc', 'plain', '-o', 'jsonpath={.spec}'])) as object;
    expect(spec).toEqual({
      replicas: 1,
      pod: { workers: 16, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }] },
      exposure: { mode: 'PodIP' },
      security: { authentication: { enabled: true } },
    });
    const scale = JSON.parse(await cluster.kubectl(['get', '--raw', `/apis/mediacluster.dev/v1alpha1/namespaces/${OTHER}/mediaclusters/plain/scale`])) as { spec: object };
    expect(scale.spec).toEqual({ replicas: 1 });
    await cluster.kubectl(['-n', OTHER, 'delete', 'mc', 'plain']);
  });

  test.each<[string, object, string]>([
    ['a name that its Service could not have', { metadata: { name: '1calls' } }, 'begins with a letter'],
    ['a name without room for a pod\'s', { metadata: { name: 'a'.repeat(51) } }, 'at most 50 characters'],
    ['too many replicas', { spec: { replicas: 30_000 } }, 'spec.replicas'],
    ['a quantity that is none', { spec: { pod: { resources: { limits: { cpu: 'two' } } } } }, 'spec.pod.resources.limits.cpu'],
    ['a mode that there is not', { spec: { exposure: { mode: 'Tunnel' } } }, 'supported values: "PodIP"'],
    ['minDomains where the scheduler would ignore it', { spec: { pod: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }] } } }, 'DoNotSchedule only'],
    ['two constraints of one kind', { spec: { pod: { topologySpreadConstraints: Array.from({ length: 2 }, () => ({ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' })) } } }, 'Duplicate value'],
    ['an account that is none', { spec: { security: { authentication: { allowedServiceAccounts: [{}] } } } }, 'name a namespace, a name or both'],
    ['accounts where everyone is let in', { spec: { security: { authentication: { enabled: false, allowedServiceAccounts: [] } } } }, 'while authentication is not enabled'],
    ['a namespace that is none', { spec: { security: { authentication: { allowedServiceAccounts: [{ namespace: 'a/b' }] } } } }, 'allowedServiceAccounts[0].namespace'],
    ['an image with a blank', { spec: { image: 'a b' } }, 'spec.image'],
    ['a field that there is not', { spec: { replcias: 3 } }, 'unknown field "spec.replcias"'],
  ])('the API server refuses %s, and says so', async (_what, { metadata, spec }: { metadata?: object; spec?: object }, message) => {
    const object = { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'calls', ...metadata, namespace: OTHER }, spec };
    expect(await refusal(apply(object))).toContain(message);
  });

  test.each<[string, string[]]>([
    ['the defaults', []],
    ['one namespace', ['--set', 'rbac.scope=namespace']],
    ['rights of the user\'s own', ['--set', 'rbac.create=false,rbac.clientRole=false,serviceAccount.create=false,serviceAccount.name=mine']],
    ['a registry that wants a password', ['--set', 'image.registry=registry.test/media,image.tag=1.2.3,image.pullPolicy=Always,image.pullSecrets={a,b},mediaNode.image=registry.test/node:1']],
    ['everything about the pod', ['--set', 'nodeSelector.disk=ssd,priorityClassName=high,podLabels.team=av,podAnnotations.note=x,serviceAccount.annotations.role=x,operator.workers=8,operator.logLevel=debug', '--set-json', 'tolerations=[{"key":"media","operator":"Exists"}]', '--set-json', 'affinity={"nodeAffinity":{}}']],
    ['names of the user\'s own', ['--set', 'fullnameOverride=media-operator,nameOverride=media']],
  ])('the chart with %s is what the API server takes, every field known to it', async (_what, args) => {
    const rendered = await helm('template', 'release', CHART, '-n', NAMESPACE, '--validate', ...args);
    const answer = await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { input: rendered });
    expect(answer.trim().split('\n').length).toBe(parseAllDocuments(rendered).length);
  });

  test.each([['foo=1', 'foo'], ['image.regstry=x', 'regstry'], ['rbac.scope=all', 'scope'], ['operator.workers=0', 'workers'], ['image.registry=x/', 'registry']])('the chart refuses %s', async (value, named) => {
    expect(await refusal(helm('template', 'release', CHART, '--validate', '--set', value))).toContain(named);
  });

  test('a manifest that came before helm is carried out once the operator is there', async () => {
    await apply(mediaCluster(NAMESPACE, 2));
    expect(await pods()).toEqual([]);
    await helm('install', 'first', CHART, '-n', NAMESPACE, '--wait', '--timeout', '90s');
    await untilCalls('condition=Ready');
    expect((await pods()).map(({ metadata }) => metadata.name)).toEqual(['calls-0', 'calls-1']);
    expect(await statusOf()).toMatchObject({ replicas: 2, readyReplicas: 2, selector: expect.stringContaining('mediacluster.dev/cluster=calls') });
  }, 2 * READY_MS);

  test('the operator may do what it must, and nothing else', async () => {
    for (const right of ['create pods', 'delete pods', 'watch mediaclusters.mediacluster.dev', 'patch services', 'create secrets', 'list secrets', 'create events.events.k8s.io']) {
      expect([right, await can(...right.split(' '))]).toEqual([right, true]);
    }
    for (const right of ['patch secrets', 'update secrets', 'delete secrets', 'create tokenreviews.authentication.k8s.io', 'patch clusterrolebindings.rbac.authorization.k8s.io', 'create clusterrolebindings.rbac.authorization.k8s.io', 'bind clusterroles.rbac.authorization.k8s.io', 'create pods --subresource=exec', 'update mediaclusters.mediacluster.dev', 'update pods', 'delete services', 'create mediaclusters.mediacluster.dev', 'delete mediaclusters.mediacluster.dev', 'get nodes', 'create roles.rbac.authorization.k8s.io', 'impersonate serviceaccounts']) {
      expect([right, await can(...right.split(' '))]).toEqual([right, false]);
    }
  });

  test('without an operator the pods stay, and one that is installed under another name takes them over as they are', async () => {
    const before = await uids();
    await helm('uninstall', 'first', '-n', NAMESPACE, '--wait');
    expect(await uids()).toEqual(before);
    await helm('install', 'second', CHART, '-n', NAMESPACE, '--wait', '--timeout', '90s');
    await kubectl('scale', 'mc/calls', '--replicas=3');
    await until('a third pod is ready', async () => (await statusOf()).readyReplicas === 3, { timeoutMs: READY_MS });
    expect(await uids()).toMatchObject(before);
  }, 2 * READY_MS);

  test('a release for one namespace stands beside it, and needs nothing cluster-wide', async () => {
    const clusterWide = () => cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name']);
    await helm('uninstall', 'second', '-n', NAMESPACE, '--wait');
    const before = await clusterWide();
    await helm('install', 'narrow', CHART, '-n', OTHER, '--set', 'rbac.scope=namespace', '--wait', '--timeout', '90s');
    expect(await clusterWide()).toBe(before);
    await kubectl('scale', 'mc/calls', '--replicas=2');
    await apply({ apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'talks', namespace: OTHER } });
    await until('its own is ready', async () => (await readyOf('talks', OTHER))?.status === 'True', { timeoutMs: READY_MS });
    expect((await pods()).length).toBe(3); // the other namespace is not its business
    await cluster.kubectl(['-n', OTHER, 'get', 'role', 'mediacluster-client']);
    await cluster.kubectl(['-n', OTHER, 'delete', 'mc', 'talks']);
    await helm('uninstall', 'narrow', '-n', OTHER, '--wait');
    await helm('install', 'mediacluster', CHART, '-n', NAMESPACE, '--wait', '--timeout', '90s');
    await until('the third pod has gone', async () => (await pods()).length === 2, { timeoutMs: READY_MS });
  }, 4 * READY_MS);

  test('a second release finds the role that apps bind, and leaves it to the first', async () => {
    await helm('install', 'another', CHART, '-n', OTHER);
    expect(await owner()).toBe('mediacluster');
    await helm('uninstall', 'another', '-n', OTHER, '--wait');
    expect(await owner()).toBe('mediacluster');
  }, READY_MS);

  test('an image that can not be pulled is told in the kubelet\'s words, stops at its first pod, and can be mended', async () => {
    const before = await uids();
    await patch({ image: 'localhost/mediacluster-nowhere:1' });
    const ready = await untilReason(/ErrImagePull|ImagePullBackOff/);
    expect(ready).toMatchObject({ status: 'False', message: expect.stringContaining('pod calls-1') });
    expect(await statusOf()).toMatchObject({ replicas: 2, readyReplicas: 1 });
    expect((await uids())['calls-0']).toBe(before['calls-0']);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    await patch({ image: `localhost/mediacluster-node:${version}` });
    await until('both pods are new and ready', async () => {
      const now = await uids();
      return now['calls-0'] !== before['calls-0'] && now['calls-1'] !== before['calls-1'] && (await statusOf()).readyReplicas === 2;
    }, { timeoutMs: READY_MS });
    expect((await pods()).map(({ spec }) => spec.containers[0]?.image)).toEqual([`localhost/mediacluster-node:${version}`, `localhost/mediacluster-node:${version}`]);
  }, 2 * READY_MS);

  test('a media node that ends at once is told with how it ended, and the spec before it brings the pod back', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    await patch({ image: `localhost/mediacluster-operator:${version}` }); // ends when it is not told what it needs
    expect(await untilReason('CrashLoopBackOff')).toMatchObject({ message: expect.stringContaining('exit code 1') });
    await patch({ image: `localhost/mediacluster-node:${version}` });
    await untilCalls('condition=Ready');
    expect((await pods()).map(({ metadata }) => metadata.name)).toEqual(['calls-0', 'calls-1']);
  }, 2 * READY_MS);

  test('a pod for which no kube node has room is told in the scheduler\'s words, and the others stay', async () => {
    const before = await uids();
    await patch({ replicas: 3, pod: { resources: { requests: { cpu: '640' } } } });
    expect(await untilReason('Unschedulable')).toMatchObject({ message: expect.stringContaining('Insufficient cpu') });
    expect(await uids()).toMatchObject(before);
    await patch({ replicas: 2, pod: { resources: null } });
    await untilCalls('condition=Ready');
    expect(await uids()).toEqual(before);
  }, 2 * READY_MS);

  test('a Service of the same name that is somebody else\'s is left alone, and told', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'talks', namespace: NAMESPACE }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
    await apply(service, { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'talks', namespace: NAMESPACE } });
    expect(await untilReason('NameTaken', 'talks')).toMatchObject({ message: expect.stringContaining('Service talks') });
    expect(JSON.parse(await kubectl('get', 'service', 'talks', '-o', 'jsonpath={.spec.selector}'))).toEqual({ app: 'web' });
    await kubectl('delete', 'service', 'talks');
    await untilReason('PodsReady', 'talks');
    await kubectl('delete', 'mc', 'talks');
  }, 2 * READY_MS);

  test('a quota is told in the API server\'s words, and raised without another word to the operator', async () => {
    await kubectl('create', 'quota', 'few', '--hard=pods=3');
    await until('the quota is counted', async () => (await kubectl('get', 'quota', 'few', '-o', 'jsonpath={.status.used.pods}')) !== '', { timeoutMs: 30_000 });
    await kubectl('scale', 'mc/calls', '--replicas=3');
    expect(await untilReason('Forbidden')).toMatchObject({ message: expect.stringContaining('exceeded quota') });
    await kubectl('delete', 'quota', 'few');
    await until('the third pod is ready', async () => (await statusOf()).readyReplicas === 3, { timeoutMs: READY_MS });
  }, 2 * READY_MS);

  test('what someone changes in the Service is put right, and what they add to it stays', async () => {
    await kubectl('label', 'service', 'calls', 'team=av');
    await kubectl('patch', 'service', 'calls', '--type', 'merge', '-p', '{"spec":{"selector":{"app":"web"}}}');
    await until('the selector is ours again', async () => !(await kubectl('get', 'service', 'calls', '-o', 'jsonpath={.spec.selector}')).includes('"app":"web"') || undefined, { timeoutMs: 30_000 });
    expect(await kubectl('get', 'service', 'calls', '-o', 'jsonpath={.metadata.labels.team}')).toBe('av');
    const events = await kubectl('get', 'events.events.k8s.io', '-o', 'jsonpath={range .items[?(@.regarding.kind=="MediaCluster")]}{.reason} {end}');
    for (const told of ['ServiceCreated', 'SecretCreated', 'PodCreated', 'ScaledDown', 'PodUpdated', 'NameTaken', 'Forbidden']) expect(events.split(' ')).toContain(told);
  }, READY_MS);

  test('deleting the MediaCluster leaves nothing, with no operator there too', async () => {
    await kubectl('scale', 'deployment/mediacluster-operator', '--replicas=0');
    await kubectl('delete', 'mc', 'calls');
    await until('its children are gone', async () => (await kubectl('get', 'pods,services,serviceaccounts,secrets,endpointslices', '-l', 'mediacluster.dev/cluster', '-o', 'name')).trim() === '', { timeoutMs: READY_MS });
    await helm('uninstall', 'mediacluster', '-n', NAMESPACE, '--wait');
  }, 2 * READY_MS);
});
