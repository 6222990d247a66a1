import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';
import { WebSocketServer } from 'ws';

import { MediaCluster } from './kubernetes.ts';
import type { MediaClusterOptions } from './kubernetes.ts';
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

describe('the token that it shows to its nodes', () => {
  const { MEDIACLUSTER_TOKEN: before } = process.env;
  let node: WebSocketServer;
  beforeEach(async () => {
    node = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(node, 'listening');
  });
  afterEach(() => {
    if (before === undefined) delete process.env['MEDIACLUSTER_TOKEN'];
    else process.env['MEDIACLUSTER_TOKEN'] = before;
    for (const client of node.clients) client.terminate();
    node.close();
  });

  const shown = async (options: Partial<MediaClusterOptions>): Promise<unknown> => {
    process.env['MEDIACLUSTER_TOKEN'] = 'of the environment';
    cluster = new MediaCluster({ name: 'calls', kubeconfig: join(folder, 'config'), ...options });
    cluster.connect().catch(() => {}); // nobody answers its hello
    (await api.next()).list([{
      metadata: { name: 'calls-x', namespace: 'ours', uid: '1', resourceVersion: '1' }, addressType: 'IPv4', ports: [{ name: 'rope', port: (node.address() as AddressInfo).port }],
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true }, targetRef: { name: 'calls-0', uid: '2' } }],
    }], '1');
    const [socket] = await once(node, 'connection');
    const [data] = await once(socket, 'message');
    return (JSON.parse(String(data)) as { hello: { token?: string } }).hello.token;
  };

  test.each<[string, Partial<MediaClusterOptions>]>([
    ['of an option', { token: 'of an option', client: { token: 'of the client' } }],
    ['of a function', { token: async () => 'of a function' }],
    ['of the client', { client: { token: 'of the client' } }],
    ['of the environment', {}],
  ])('is that %s', async (expected, options) => {
    expect(await shown(options)).toBe(expected);
  });
});

test('says at once when there is no Kubernetes to be found', () => {
  expect(() => new MediaCluster({ name: 'calls', kubeconfig: join(folder, 'missing') })).toThrow(/missing/);
});
