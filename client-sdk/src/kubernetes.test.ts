import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';

import { MediaCluster } from './kubernetes.ts';
import { FakeManager } from './testing/fake-manager.ts';

let api: ScriptedServer;
let folder: string;
let cluster: MediaCluster | undefined;

beforeEach(async () => {
  api = await ScriptedServer.start();
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  writeFileSync(join(folder, 'config'), JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: api.url } }], users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'ours' } }, { name: 'there', context: { cluster: 'c', user: 'u', namespace: 'theirs' } }],
  }));
});
afterEach(async () => {
  cluster?.destroy();
  rmSync(folder, { recursive: true });
  await api.stop();
});

test.each([
  ['ours', {}],
  ['theirs', { context: 'there' }],
  ['named', { namespace: 'named' }],
])('finds the nodes of its Service in namespace %s', async (namespace, where) => {
  cluster = new MediaCluster({ name: 'calls', kubeconfig: join(folder, 'config'), ...where, connectNode: ({ url, name }) => new FakeManager({ name: `${name} at ${url}` }) });
  const connecting = cluster.connect();
  const list = await api.next();
  expect(list.path).toBe(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
  list.list([{
    metadata: { name: 'calls-x', namespace, uid: '1', resourceVersion: '1' }, addressType: 'IPv4', ports: [{ name: 'rope', port: 4443 }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { name: 'calls-0', uid: '2' } }],
  }], '1');
  const { mediasoup } = await connecting;
  const worker = await mediasoup.createWorker();
  expect(cluster.nodeOf(worker)?.name).toBe('calls-0 at ws://10.0.0.1:4443');
});

test('says at once when there is no Kubernetes to be found', () => {
  expect(() => new MediaCluster({ name: 'calls', kubeconfig: join(folder, 'missing') })).toThrow(/missing/);
});
