// Who gets in to media nodes: a pod by its ServiceAccount, a pod by the Secret, and nobody else. The steps build on each other.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { startCluster, until } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { loadImages } from './images.ts';
import { knock } from './knock.ts';
import { app, mediaCluster, namespace } from './manifests.ts';
import type { AppOptions } from './manifests.ts';

const NAMESPACE = 'auth-e2e';
const OTHER = 'strangers-e2e';
const READY_MS = 90_000;
/** The kubelet looks after a pod's files about once a minute. */
const FILES_ARRIVE_MS = 180_000;

interface Pod {
  metadata: { name: string; uid: string };
  status: { podIP: string; conditions?: { type: string; status: string }[]; containerStatuses?: { restartCount: number }[] };
}

let cluster: Cluster;
let firstToken: string;

const kubectl = (...args: string[]) => cluster.kubectl(['-n', NAMESPACE, ...args]);
const apply = (...objects: object[]) => cluster.kubectl(['apply', '-f', '-'], { input: objects.map(object => JSON.stringify(object)).join('\n---\n') });
const pods = async (selector: string, where = NAMESPACE) => (JSON.parse(await cluster.kubectl(['-n', where, 'get', 'pods', '-l', selector, '-o', 'json'])) as { items: Pod[] }).items;
const isReady = ({ status }: Pod) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
const untilReady = (selector: string, where?: string) => until(`a pod with ${selector} is ready`, async () => {
  const [pod, ...more] = await pods(selector, where);
  return pod !== undefined && more.length === 0 && isReady(pod) && pod;
}, { timeoutMs: READY_MS });
const mediaNode = () => untilReady('mediacluster.dev/cluster=calls');
const token = async () => Buffer.from(await kubectl('get', 'secret', 'calls-auth', '-o', 'jsonpath={.data.token}'), 'base64').toString();
const reviewers = async () => JSON.parse(await cluster.kubectl(['get', 'clusterrolebinding', `${NAMESPACE}:mediacluster-operator:token-reviewers`, '-o', 'jsonpath={.subjects}']) || '[]') as object[];
const logsOf = (selector: string, where = NAMESPACE) => cluster.kubectl(['-n', where, 'logs', '-l', selector, '--tail=-1']);
/** The app is ready once it is connected: its page is served from then on. */
const start = (options: AppOptions, where = NAMESPACE) => apply(...app(where, options));
const end = (name: string, where = NAMESPACE) => cluster.kubectl(['-n', where, 'delete', 'deployment', name]);
const untilRefused = (name: string, code: string, where?: string) => until(`${name} is refused`, async () => (await logsOf(`app=${name}`, where)).includes(`[${code}]`), { timeoutMs: READY_MS, everyMs: 500 });

describe('authentication', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    await loadImages(cluster);
    await apply(namespace(NAMESPACE), namespace(OTHER));
    await cluster.helm(['install', 'mediacluster', 'charts/operator', '-n', NAMESPACE, '--wait', '--timeout', '90s']);
    await apply(mediaCluster(NAMESPACE, 1));
    await mediaNode();
  }, 900_000);

  afterAll(async () => await cluster?.stop(), 120_000);

  test('each MediaCluster has a Secret, which its status names, and its pods may ask whose a token is and nothing else', async () => {
    expect(await kubectl('get', 'mc', 'calls', '-o', 'jsonpath={.status.authSecretName}')).toBe('calls-auth');
    firstToken = await token();
    expect(firstToken).toMatch(/^[\w-]{43}$/);
    expect(await reviewers()).toEqual([{ kind: 'ServiceAccount', name: 'calls-node', namespace: NAMESPACE }]);
    const account = `--as=system:serviceaccount:${NAMESPACE}:calls-node`;
    expect((await kubectl('auth', 'can-i', 'create', 'tokenreviews.authentication.k8s.io', account)).trim()).toBe('yes');
    // `can-i` ends with 1 for a no.
    for (const right of [['create', 'subjectaccessreviews.authorization.k8s.io'], ['get', 'secrets'], ['list', 'pods']]) {
      await expect(kubectl('auth', 'can-i', ...right, account)).rejects.toThrow();
    }
  });

  test('a pod gets in by the token of its ServiceAccount, which the SDK finds by itself', async () => {
    await start({ name: 'by-account', proof: 'account' });
    await untilReady('app=by-account');
  }, READY_MS);

  test('a pod gets in by the Secret, as a variable and as a file', async () => {
    await start({ name: 'by-secret', proof: 'secret' });
    await start({ name: 'by-file', proof: 'secretFile' });
    await untilReady('app=by-secret');
    await untilReady('app=by-file');
  }, READY_MS);

  test('a pod with neither is refused, and told so', async () => {
    await start({ name: 'by-nothing', proof: 'nothing' });
    await untilRefused('by-nothing', 'ROPE_UNAUTHORIZED');
    expect((await pods('app=by-nothing')).some(isReady)).toBe(false);
    expect(await logsOf('mediacluster.dev/cluster=calls')).toContain('ROPE_UNAUTHORIZED');
    await end('by-nothing');
  }, READY_MS * 2);

  test('nor is anyone let in by a token that is nobody\'s, or that was made for the Kubernetes API', async () => {
    const { status: { podIP } } = await mediaNode();
    const forTheApi = (await kubectl('create', 'token', 'by-account')).trim();
    const forUs = (await kubectl('create', 'token', 'by-account', '--audience=mediacluster')).trim();
    expect([await knock(podIP), await knock(podIP, 'x'.repeat(43)), await knock(podIP, forTheApi), await knock(podIP, forUs), await knock(podIP, firstToken)])
      .toEqual(['ROPE_UNAUTHORIZED', 'ROPE_UNAUTHORIZED', 'ROPE_UNAUTHORIZED', 'welcome', 'welcome']);
  });

  test('a ServiceAccount of another namespace is refused, until the MediaCluster names it', async () => {
    await start({ name: 'stranger', clusterNamespace: NAMESPACE }, OTHER);
    await untilRefused('stranger', 'ROPE_FORBIDDEN', OTHER);
    const before = (await mediaNode()).metadata.uid;
    const authentication = { allowedServiceAccounts: [{ namespace: OTHER, name: 'stranger' }, { name: 'by-account' }] };
    await kubectl('patch', 'mc', 'calls', '--type', 'merge', '-p', JSON.stringify({ spec: { security: { authentication } } }));
    await until('the media node is another', async () => (await mediaNode()).metadata.uid !== before, { timeoutMs: READY_MS });
    await untilReady('app=stranger', OTHER);
    await end('stranger', OTHER);
  }, READY_MS * 4);

  test('a token that is put in place of the Secret\'s is taken up by the node as it runs, and the old one opens nothing', async () => {
    const before = await mediaNode();
    const knocks = (secret: string) => knock(before.status.podIP, secret);
    expect(await knocks(firstToken)).toBe('welcome');
    await kubectl('patch', 'secret', 'calls-auth', '--type', 'merge', '-p', JSON.stringify({ stringData: { token: 'the-second-token-of-this-scenario' } }));
    await until('the new token opens', async () => await knocks('the-second-token-of-this-scenario') === 'welcome', { timeoutMs: FILES_ARRIVE_MS, everyMs: 500 });
    expect(await knocks(firstToken)).toBe('ROPE_UNAUTHORIZED');

    await kubectl('delete', 'secret', 'calls-auth');
    const third = await until('there is a Secret again', async () => await token(), { timeoutMs: 30_000 });
    expect(third).toMatch(/^[\w-]{43}$/);
    await until('its token opens', async () => await knocks(third) === 'welcome', { timeoutMs: FILES_ARRIVE_MS, everyMs: 500 });
    expect(await knocks('the-second-token-of-this-scenario')).toBe('ROPE_UNAUTHORIZED');
    const after = await mediaNode();
    expect([after.metadata.uid, after.status.containerStatuses?.[0]?.restartCount]).toEqual([before.metadata.uid, 0]);
  }, FILES_ARRIVE_MS * 3);

  test('no token stands in a log, an Event or a status', async () => {
    const told = [
      await logsOf('mediacluster.dev/cluster=calls'),
      await logsOf('app.kubernetes.io/instance=mediacluster'),
      ...await Promise.all(['by-account', 'by-secret', 'by-file'].map(name => logsOf(`app=${name}`))),
      await kubectl('get', 'events.events.k8s.io,mc,pods', '-o', 'json'),
    ].join('\n');
    expect(told.length).toBeGreaterThan(1_000);
    for (const secret of [firstToken, await token(), 'the-second-token-of-this-scenario']) expect(told).not.toContain(secret);
    expect(told).not.toMatch(/eyJ[\w-]{20,}\.eyJ/); // how a ServiceAccount's token begins
  });

  test('where it is not enabled everyone gets in, and the nodes lose the right that they had for it', async () => {
    await kubectl('patch', 'mc', 'calls', '--type', 'merge', '-p', JSON.stringify({ spec: { security: { authentication: { enabled: false, allowedServiceAccounts: null } } } }));
    await until('a stranger gets in', async () => await knock((await mediaNode()).status.podIP) === 'welcome', { timeoutMs: READY_MS, everyMs: 500 });
    await until('nobody is bound', async () => (await reviewers()).length === 0, { timeoutMs: 30_000 });
    expect(await kubectl('get', 'mc', 'calls', '-o', 'jsonpath={.status.authSecretName}')).toBe('');
  }, READY_MS * 2);

  test('deleting the MediaCluster deletes its Secret', async () => {
    await kubectl('delete', 'mc', 'calls');
    await until('its children are gone', async () => (await kubectl('get', 'pods,services,serviceaccounts,secrets', '-l', 'mediacluster.dev/cluster=calls', '-o', 'name')).trim() === '', { timeoutMs: READY_MS });
  }, READY_MS);
});
