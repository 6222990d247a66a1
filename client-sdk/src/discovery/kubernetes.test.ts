import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectKube } from '@mediacluster/kube';
import { ScriptedServer } from '@mediacluster/kube/testing';
import type { ScriptedRequest } from '@mediacluster/kube/testing';

import type { Endpoint } from './discovery.ts';
import { KubernetesDiscovery } from './kubernetes.ts';

let api: ScriptedServer;
let discovery: KubernetesDiscovery;
let lists: (readonly Endpoint[])[];
let onList: () => void;

beforeEach(async () => {
  api = await ScriptedServer.start();
  lists = [];
  discovery = new KubernetesDiscovery(connectKube({ server: api.url }), { service: 'calls', namespace: 'media' });
  discovery.start(list => {
    lists.push(list);
    onList();
  });
});
afterEach(async () => {
  discovery.stop();
  discovery.stop();
  await api.stop();
});

const nextList = async (): Promise<readonly Endpoint[]> => {
  await new Promise<void>(resolve => { onList = resolve; });
  return lists.at(-1)!;
};
const slice = (name: string, pods: Record<string, boolean>, resourceVersion = '1') => ({
  metadata: { name, namespace: 'media', uid: name, resourceVersion },
  addressType: 'IPv4',
  ports: [{ name: 'rope', port: 4443 }],
  endpoints: Object.entries(pods).map(([address, ready]) => ({ addresses: [address], conditions: { ready }, targetRef: { name: `calls-${address}`, uid: address } })),
});
const urls = (list: readonly Endpoint[]): string[] => list.map(({ url, ready }) => `${url}${ready ? '' : ' unready'}`);

/** Answers the list and hands out the watch behind it. */
async function serve(...slices: object[]): Promise<ScriptedRequest> {
  const list = await api.next();
  expect([list.path, list.query['labelSelector']]).toEqual(['/apis/discovery.k8s.io/v1/namespaces/media/endpointslices', 'kubernetes.io/service-name=calls']);
  list.list(slices, '10');
  const watch = await api.next();
  expect(watch.isWatch).toBe(true);
  return watch;
}

test('emits one list of all slices, and another one with each change', async () => {
  const first = nextList();
  const watch = await serve(slice('s1', { '10.0.0.1': true }), slice('s2', { '10.0.0.2': false }));
  expect(urls(await first)).toEqual(['ws://10.0.0.1:4443', 'ws://10.0.0.2:4443 unready']);
  expect(lists).toHaveLength(1);

  const second = nextList();
  watch.event('MODIFIED', slice('s2', { '10.0.0.2': true }, '11'));
  expect(urls(await second)).toEqual(['ws://10.0.0.1:4443', 'ws://10.0.0.2:4443']);

  const third = nextList();
  watch.event('DELETED', slice('s1', { '10.0.0.1': true }, '12'));
  expect(urls(await third)).toEqual(['ws://10.0.0.2:4443']);
});

test('says nothing of a change that is none for it', async () => {
  const first = nextList();
  const watch = await serve(slice('s1', { '10.0.0.1': true }));
  await first;
  const next = nextList();
  watch.event('MODIFIED', slice('s1', { '10.0.0.1': true }, '11'));
  watch.event('MODIFIED', slice('s1', { '10.0.0.1': false }, '12'));
  expect(urls(await next)).toEqual(['ws://10.0.0.1:4443 unready']);
  expect(lists).toHaveLength(2);
});

test('keeps the last list while the API server is away, and goes on when it is back', async () => {
  const first = nextList();
  const watch = await serve(slice('s1', { '10.0.0.1': true }));
  await first;
  const next = nextList();
  watch.reset();
  (await api.next()).refuse(410, 'Expired');
  await serve(slice('s1', { '10.0.0.1': true, '10.0.0.2': true }, '20'));
  expect(urls(await next)).toEqual(['ws://10.0.0.1:4443', 'ws://10.0.0.2:4443']);
  expect(lists).toHaveLength(2); // none of them was empty
});

test('emits an empty list when there is nothing, and explains it', async () => {
  const first = nextList();
  await serve();
  expect(await first).toEqual([]);
  expect(discovery.explain()).toEqual({
    found: 'no-service', text: 'there are no EndpointSlices of a Service calls in namespace media: is there a MediaCluster calls in that namespace?',
  });
});

test('tells a Service without pods from one that is not there', async () => {
  const first = nextList();
  await serve(slice('s1', {}));
  await first;
  expect(discovery.explain()).toEqual({
    found: 'no-endpoints', text: 'Service calls in namespace media has no endpoints: its pods are not there yet, or it has no port named rope',
  });
});

test('tells why the slices cannot be read', async () => {
  expect(discovery.explain().text).toBe('the EndpointSlices of Service calls in namespace media cannot be read: it has not answered yet');
  (await api.next()).refuse(403, 'Forbidden');
  await api.next(); // it asks again
  expect(discovery.explain()).toEqual({ found: 'no-source', text: expect.stringContaining('cannot be read: list endpointslices in media: 403 Forbidden') });
});

test('emits nothing after stop(), also when a change is on its way', async () => {
  const first = nextList();
  const watch = await serve(slice('s1', { '10.0.0.1': true }));
  await first;
  watch.event('MODIFIED', slice('s1', { '10.0.0.1': false }, '11'));
  discovery.stop();
  await watch.closed;
  expect(lists).toHaveLength(1);
});

test('looks in the namespace of the client when none is named', async () => {
  discovery.stop();
  discovery = new KubernetesDiscovery(connectKube({ server: api.url, namespace: 'own' }), { service: 'calls' });
  expect(discovery.explain().text).toContain('in namespace own');
});
