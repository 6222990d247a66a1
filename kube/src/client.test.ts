import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKube } from './client.ts';
import type { KubeClient } from './kube-client.ts';
import { kinds, type ResourceKind } from './kinds.ts';
import type { KubeObject, WatchEvent } from './object.ts';
import { FakeClock, ScriptedServer } from './testing/index.ts';

const mediaClusters: ResourceKind = { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', plural: 'mediaclusters', namespaced: true };
const pod = (name: string, resourceVersion = '1'): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'x', uid: `uid-${name}`, resourceVersion } });

let server: ScriptedServer;
let clock: FakeClock;
let kube: KubeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new FakeClock();
  kube = connectKube({ server: server.url, namespace: 'x', clock, timeoutMs: 10_000 });
});

afterEach(async () => {
  await kube.close();
  await server.stop();
});

/** A promise whose rejection is looked at later. */
function settled<V>(promise: Promise<V>): Promise<V> {
  promise.catch(() => {});
  return promise;
}

async function collect(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}

describe('addresses', () => {
  test('get asks for an object in the client\'s own namespace, unless another is named', async () => {
    const answer = kube.get(kinds.pods, 'a');
    const request = await server.next();
    expect([request.method, request.path]).toEqual(['GET', '/api/v1/namespaces/x/pods/a']);
    request.answer(200, pod('a'));
    expect(await answer).toEqual(pod('a'));

    const other = settled(kube.get(mediaClusters, 'calls', 'y'));
    const second = await server.next();
    expect(second.path).toBe('/apis/mediacluster.dev/v1alpha1/namespaces/y/mediaclusters/calls');
    second.refuse(404, 'NotFound');
    await expect(other).rejects.toMatchObject({ notFound: true, message: expect.stringContaining('get MediaCluster y/calls: 404 NotFound') });
  });

  test('what belongs to no namespace is asked for without one', async () => {
    const answer = kube.get(kinds.nodes, 'kube/1');
    const request = await server.next();
    expect(request.path).toBe('/api/v1/nodes/kube%2F1');
    request.answer(200, pod('kube'));
    await answer;
  });

  test('a base path of the server is kept, as proxies have', async () => {
    const proxied = connectKube({ server: `${server.url}/k8s/clusters/one/` });
    const answer = proxied.get(kinds.pods, 'a');
    const request = await server.next();
    expect(request.path).toBe('/k8s/clusters/one/api/v1/namespaces/default/pods/a');
    request.answer(200, pod('a'));
    await answer;
    await proxied.close();
  });
});

describe('list', () => {
  test('means all namespaces unless one is named, and passes selectors, limit and token on', async () => {
    const answer = kube.list(kinds.endpointSlices, { labelSelector: 'kubernetes.io/service-name=calls', fieldSelector: 'metadata.name=a', limit: 2, continueToken: 'next', resourceVersion: '0' });
    const request = await server.next();
    expect(request.path).toBe('/apis/discovery.k8s.io/v1/endpointslices');
    expect(request.query).toEqual({ labelSelector: 'kubernetes.io/service-name=calls', fieldSelector: 'metadata.name=a', limit: '2', continue: 'next', resourceVersion: '0' });
    request.list([{ metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }], '17', 'more');
    expect(await answer).toEqual({
      items: [{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }],
      resourceVersion: '17',
      continueToken: 'more',
    });
  });

  test('takes a list without items, and an empty token for none', async () => {
    const answer = kube.list(kinds.pods, { namespace: 'x' });
    const request = await server.next();
    expect(request.path).toBe('/api/v1/namespaces/x/pods');
    request.answer(200, { metadata: { resourceVersion: '3', continue: '' }, items: null });
    expect(await answer).toEqual({ items: [], resourceVersion: '3', continueToken: undefined });
  });

  test('refuses an answer that is no list', async () => {
    const answer = settled(kube.list(kinds.pods));
    (await server.next()).answer(200, {});
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_PROTOCOL', message: 'list pods in all namespaces: the answer is not a list' });
  });
});

test('what is wanted without its contents is asked for without them, and is still of its kind', async () => {
  const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a', namespace: 'x', uid: 'uid-a', resourceVersion: '1' } };
  const secret = { ...partial, apiVersion: 'v1', kind: 'Secret' };
  const [got, list, events] = [
    kube.get(kinds.secrets, 'a', 'x', { metadataOnly: true }),
    kube.list(kinds.secrets, { metadataOnly: true }),
    collect(kube.watch(kinds.secrets, { resourceVersion: '1', timeoutSeconds: 300, metadataOnly: true })),
  ];
  for (let count = 0; count < 3; count += 1) {
    const request = await server.next();
    const isOne = request.path.endsWith('/a');
    expect(request.headers.accept).toBe(`application/json;as=PartialObjectMetadata${isOne || request.isWatch ? '' : 'List'};g=meta.k8s.io;v=v1`);
    if (isOne) request.answer(200, partial);
    else if (!request.isWatch) request.list([partial], '1');
    else {
      request.event('ADDED', partial);
      request.bookmark('9');
      request.end();
    }
  }
  expect([await got, (await list).items, (await events).map(({ object }) => object)]).toEqual([secret, [secret], [secret, expect.objectContaining({ metadata: expect.anything() })]]);
});

describe('writes', () => {
  test('create posts the object with its kind filled in', async () => {
    const answer = kube.create(kinds.pods, { metadata: { name: 'a', namespace: 'y' } });
    const request = await server.next();
    expect([request.method, request.path, request.headers['content-type']]).toEqual(['POST', '/api/v1/namespaces/y/pods', 'application/json']);
    expect(request.body).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'y' } });
    request.answer(201, pod('a'));
    await answer;
  });

  test('apply is server-side, takes fields over by default, and reaches the status too', async () => {
    const answer = kube.apply(mediaClusters, { metadata: { name: 'calls' } }, { fieldManager: 'operator' });
    const request = await server.next();
    expect([request.method, request.path]).toEqual(['PATCH', '/apis/mediacluster.dev/v1alpha1/namespaces/x/mediaclusters/calls']);
    expect(request.query).toEqual({ fieldManager: 'operator', force: 'true' });
    expect(request.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(request.body).toEqual({ apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'calls' } });
    request.answer(200, pod('calls'));
    await answer;

    const status = kube.apply(mediaClusters, { metadata: { name: 'calls' } }, { fieldManager: 'operator-status', force: false, subresource: 'status' });
    const second = await server.next();
    expect(second.path).toMatch(/\/mediaclusters\/calls\/status$/);
    expect(second.query['force']).toBe('false');
    second.answer(200, pod('calls'));
    await status;
  });

  test('mergePatch sends the patch as it is', async () => {
    const answer = kube.mergePatch(mediaClusters, 'calls', undefined, { spec: { replicas: 3 } }, { subresource: 'scale' });
    const request = await server.next();
    expect([request.method, request.path, request.headers['content-type']]).toEqual(['PATCH', '/apis/mediacluster.dev/v1alpha1/namespaces/x/mediaclusters/calls/scale', 'application/merge-patch+json']);
    expect(request.body).toEqual({ spec: { replicas: 3 } });
    request.answer(200, pod('calls'));
    await answer;
    const plain = kube.mergePatch(kinds.nodes, 'kube-1', undefined, {});
    const second = await server.next();
    expect(second.path).toBe('/api/v1/nodes/kube-1');
    second.answer(200, pod('kube-1'));
    await plain;
  });

  test('delete carries its preconditions', async () => {
    const answer = kube.delete(kinds.pods, 'a', 'x', { uid: 'u1', resourceVersion: '5', gracePeriodSeconds: 0, propagationPolicy: 'Foreground' });
    const request = await server.next();
    expect(request.method).toBe('DELETE');
    expect(request.body).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1', resourceVersion: '5' }, gracePeriodSeconds: 0, propagationPolicy: 'Foreground' });
    request.answer(200, { kind: 'Status', status: 'Success' });
    expect(await answer).toBeUndefined();

    const plain = kube.delete(kinds.pods, 'a');
    const second = await server.next();
    expect(second.body).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions' });
    second.answer(200); // with an empty body, even
    await plain;
  });
});

describe('failures of a call', () => {
  test('an answer that does not come is given up after the timeout, on the clock that was handed in', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    const request = await server.next();
    clock.advance(10_000);
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_TIMEOUT', retryable: true, message: 'get Pod x/a: no answer within 10000 ms' });
    await request.closed; // and its connection with it
  });

  test('an answer that stops in its middle is given up too', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).write('{"metadata":');
    await clock.pass(ms => ms === 10_000);
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
  });

  test('the caller\'s signal ends the call with the caller\'s reason', async () => {
    const controller = new AbortController();
    const answer = settled(kube.get(kinds.pods, 'a', 'x', { signal: controller.signal }));
    const request = await server.next();
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    await request.closed;
    await expect(kube.get(kinds.pods, 'a', 'x', { signal: controller.signal })).rejects.toThrow('enough');
    expect(clock.delaysMs).toEqual([]);
  });

  test('a broken connection leaves the outcome open: only what may be made twice is retryable', async () => {
    const named = settled(kube.create(kinds.pods, { metadata: { name: 'a' } }));
    (await server.next()).reset();
    await expect(named).rejects.toMatchObject({ code: 'KUBE_CONNECTION_LOST', retryable: true });
    const generated = settled(kube.create(kinds.pods, { metadata: { generateName: 'a-' } } as unknown as KubeObject));
    (await server.next()).hangUp();
    await expect(generated).rejects.toMatchObject({ code: 'KUBE_CONNECTION_LOST', retryable: false, message: expect.stringContaining('create Pod x/a-…') });
  });

  test('a kept connection that has died is no failure for what only reads', async () => {
    const answer = kube.get(kinds.pods, 'a');
    (await server.next()).reset();
    (await server.next()).answer(200, pod('a'));
    expect(await answer).toEqual(pod('a'));
    const twice = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).reset();
    (await server.next()).hangUp();
    await expect(twice).rejects.toMatchObject({ code: 'KUBE_CONNECTION_LOST', retryable: true });
  });

  test('a server that is away is unreachable, and reached again when it comes back', async () => {
    await server.stop();
    await expect(kube.get(kinds.pods, 'a')).rejects.toMatchObject({ code: 'KUBE_UNREACHABLE', retryable: true, message: expect.stringContaining(server.url) });
    await server.resume();
    const answer = kube.get(kinds.pods, 'a');
    (await server.next()).answer(200, pod('a'));
    expect(await answer).toEqual(pod('a'));
  });

  test('an answer that is not JSON names the server', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).answer(200, '<html>login</html>');
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_PROTOCOL', message: expect.stringContaining(`is ${server.url} an API server?`) });
    const empty = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).answer(200);
    await expect(empty).rejects.toMatchObject({ code: 'KUBE_PROTOCOL', message: 'get Pod x/a: the answer is not an object' });
  });

  test('a refusal tells how long to wait', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).refuse(429, 'TooManyRequests', { 'retry-after': '4' });
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_BUSY', retryAfterMs: 4000, retryable: true });
  });

  test('a 401 is asked once more, with credentials read anew, and then believed', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    (await server.next()).refuse(401, 'Unauthorized');
    (await server.next()).refuse(401, 'Unauthorized');
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED' });
    expect(server.unclaimed).toBe(0);
  });
});

describe('connections', () => {
  test('are kept from call to call', async () => {
    for (let i = 0; i < 20; i += 1) {
      const answer = kube.get(kinds.pods, 'a');
      (await server.next()).answer(200, pod('a'));
      await answer;
    }
    expect(server.connections).toBeLessThanOrEqual(2); // undici opens a second one while the first is being handed back
  });

  test('are bounded for calls, and a watch does not take one from them', async () => {
    const watching = new AbortController();
    const watch = collect(kube.watch(kinds.pods, { resourceVersion: '1', timeoutSeconds: 300, signal: watching.signal }));
    (await server.next()).open();
    const answers = Array.from({ length: 100 }, (_, i) => kube.get(kinds.pods, `p${i}`));
    for (let i = 0; i < 100; i += 1) (await server.next()).answer(200, pod('a'));
    await Promise.all(answers);
    expect(server.connections).toBeLessThanOrEqual(17);
    watching.abort();
    await watch;
  });

  test('close() ends what is under way, refuses what comes later, and may be called twice', async () => {
    const answer = settled(kube.get(kinds.pods, 'a'));
    const request = await server.next();
    const watch = settled(collect(kube.watch(kinds.pods, { resourceVersion: '1', timeoutSeconds: 300 })));
    const second = await server.next();
    second.open();
    await kube.close();
    await kube.close();
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_CLOSED' });
    await expect(watch).rejects.toMatchObject({ code: 'KUBE_CLOSED' });
    await expect(kube.get(kinds.pods, 'a')).rejects.toMatchObject({ code: 'KUBE_CLOSED' });
    await Promise.all([request.closed, second.closed]);
    expect(clock.delaysMs).toEqual([]);
  });
});

describe('watch', () => {
  const options = { resourceVersion: '5', timeoutSeconds: 300 };

  test('asks for bookmarks, from the resourceVersion on, with the list\'s selectors', async () => {
    const events = collect(kube.watch(kinds.pods, { ...options, namespace: 'x', labelSelector: 'app=a' }));
    const request = await server.next();
    expect(request.path).toBe('/api/v1/namespaces/x/pods');
    expect(request.query).toEqual({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '5', timeoutSeconds: '300', labelSelector: 'app=a' });
    request.event('ADDED', pod('a', '6'));
    request.bookmark('9');
    request.event('ERROR', { code: 410, reason: 'Expired' });
    request.end();
    expect((await events).map(event => event.type)).toEqual(['ADDED', 'BOOKMARK', 'ERROR']);
  });

  test('hands out each event as it comes, whatever pieces it comes in', async () => {
    const events = kube.watch(kinds.pods, options)[Symbol.asyncIterator]();
    const first = events.next();
    const request = await server.next();
    const line = JSON.stringify({ type: 'ADDED', object: pod('a', '6') });
    request.write(line.slice(0, 20));
    request.write(line.slice(20));
    request.write('\n');
    expect((await first).value).toMatchObject({ type: 'ADDED' });
    await events.return?.();
    await request.closed; // who leaves early hangs up
  });

  test('a refusal is thrown', async () => {
    const events = settled(collect(kube.watch(kinds.pods, options)));
    (await server.next()).refuse(410, 'Expired');
    await expect(events).rejects.toMatchObject({ gone: true });
  });

  test('a beginning that does not come is given up after the timeout', async () => {
    const events = settled(collect(kube.watch(kinds.pods, options)));
    await server.next();
    clock.advance(10_000);
    await expect(events).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
  });

  test('a cut within a line is no end, and what came before it has been handed out', async () => {
    for (const cut of ['end', 'reset', 'hangUp'] as const) {
      const seen: WatchEvent[] = [];
      const watch = kube.watch(kinds.pods, options)[Symbol.asyncIterator]();
      const first = watch.next();
      const request = await server.next();
      request.event('ADDED', pod('a', '6'));
      seen.push((await first).value as WatchEvent);
      request.write('{"type":"MODIFIED","obj');
      const second = settled(watch.next());
      request[cut]();
      await expect(second).rejects.toMatchObject({ code: 'KUBE_CONNECTION_LOST', retryable: true });
      expect(seen).toHaveLength(1);
    }
  });

  test('silence is broken off after 75 seconds, and every byte counts, half a line too', async () => {
    const watch = kube.watch(kinds.pods, options)[Symbol.asyncIterator]();
    const first = watch.next();
    const request = await server.next();
    request.open();
    await clock.armed(ms => ms === 75_000);
    clock.advance(74_000);
    const line = `${JSON.stringify({ type: 'ADDED', object: pod('a', '6') })}\n`;
    request.write(line.slice(0, 10));
    request.write(line.slice(10));
    await first;
    const second = settled(watch.next());
    await clock.armed(ms => ms === 75_000);
    clock.advance(74_000);
    request.bookmark('7');
    await second;
    const third = settled(watch.next());
    await clock.armed(ms => ms === 75_000);
    clock.advance(75_000);
    await expect(third).rejects.toMatchObject({ code: 'KUBE_TIMEOUT', message: 'watch pods in all namespaces: not a byte for 75000 ms' });
    await request.closed;
  });

  test('the time that the reader takes is not silence', async () => {
    const watch = kube.watch(kinds.pods, options)[Symbol.asyncIterator]();
    const first = watch.next();
    const request = await server.next();
    request.event('ADDED', pod('a', '6'));
    await first;
    clock.advance(1_000_000); // the reader thinks
    const second = watch.next();
    request.event('ADDED', pod('b', '7'));
    expect((await second).value).toMatchObject({ object: { metadata: { name: 'b' } } });
    await watch.return?.();
  });

  test('ends without a word when its signal is aborted, before it began too', async () => {
    const controller = new AbortController();
    const events = collect(kube.watch(kinds.pods, { ...options, signal: controller.signal }));
    const request = await server.next();
    request.open();
    controller.abort();
    expect(await events).toEqual([]);
    await request.closed;
    expect(await collect(kube.watch(kinds.pods, { ...options, signal: controller.signal }))).toEqual([]);
  });
});
