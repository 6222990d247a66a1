import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RemoteMediasoupClient } from '@mediacluster/sdk';

import { makeCall } from '../../client-sdk/test/call.ts';
import { local } from '../src/manager/local.ts';
import { Authority } from './certificates.ts';
import { connect, cuttable, endAll, startSocketNode, told } from './node-on-socket.ts';

afterEach(endAll);

/** Nothing is made at once again: the state stays until the test says so. */
const LATER = { initialMs: 600_000, maxMs: 600_000 };

/** A client whose link has broken, which has not come back. */
async function disconnected(): Promise<{ client: RemoteMediasoupClient; events: string[] }> {
  const { url } = await startSocketNode();
  const { WebSocket, cut } = cuttable();
  const client = await connect(url, { WebSocket, backoff: LATER });
  const events: string[] = [];
  for (const event of ['open', 'websocketOpen', 'mediasoup', 'connected', 'disconnected', 'websocketClose', 'close', 'error', 'lost'] as const) client.on(event, () => events.push(event));
  cut();
  await told(client, 'websocketClose');
  return { client, events };
}

// The other states: client-states.test.ts.
describe('a client whose link has broken', () => {
  test('says so, keeps its mediasoup, and cannot tell the load', async () => {
    const { client, events } = await disconnected();
    expect(events).toEqual(['disconnected', 'websocketClose']);
    expect(client).toMatchObject({ readyState: 0, connected: false, destroyed: false, node: { name: 'node-a' } });
    expect(client.mediasoup!.version).toMatch(/^3\./);
    await expect(client.getStats()).resolves.toBeUndefined();
    expect([...client.workers]).toEqual([]);
    expect(client.inspect()).toMatchObject({ readyState: 0, resumes: { new: 1, replay: 0, snapshot: 0 }, objects: 0 });
  });

  test.each(['open', 'openUrl'] as const)('%s: throws, since it is open already', async way => {
    const { client } = await disconnected();
    expect(() => client.open(way === 'openUrl' ? 'ws://127.0.0.1:1' : undefined)).toThrow(/open already/);
  });

  test.each(['close', 'destroy'] as const)('%s(): the mediasoup goes, and nobody says again that the link is gone', async call => {
    const { client, events } = await disconnected();
    events.splice(0);
    client[call]();
    client[call]();
    await told(client, 'close');
    expect(events).toEqual(['mediasoup', 'close']);
    expect(client).toMatchObject({ readyState: 3, mediasoup: undefined, destroyed: call === 'destroy' });
  });

  test('rejects what waits when it is closed', async () => {
    const { client } = await disconnected();
    const waiting = client.mediasoup!.createWorker();
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ROPE_NOT_CONNECTED' });
  });
});

describe('what a client knows of a node', () => {
  test('its workers, and what is below each object, in the order of creation', async () => {
    const { url } = await startSocketNode();
    const client = await connect(url);
    const { worker, server, router, t1, t2, pipe, p, dp, c, dc } = await makeCall(client.mediasoup);
    const other = await client.mediasoup.createWorker();
    expect([...client.workers]).toEqual([worker, other]);
    const levels = await router.createAudioLevelObserver();
    expect(client.childrenOf(worker)).toEqual([server, router]);
    expect(client.childrenOf(router)).toEqual([t1, t2, pipe, levels]);
    expect(client.childrenOf(t1)).toEqual([p, dp]);
    expect(client.childrenOf(t2)).toEqual([c, dc]);
    expect(client.childrenOf(p)).toEqual([]);
    p.close();
    expect(client.childrenOf(t1)).toEqual([dp]);
    worker.close();
    expect([...client.workers]).toEqual([other]);
    expect(client.childrenOf(worker)).toEqual([]);
  });

  test('nothing of what is another client\'s', async () => {
    const { url } = await startSocketNode();
    const [one, two] = [await connect(url), await connect(url, { scope: 'all' })];
    const { router } = await makeCall(one.mediasoup);
    expect(two.childrenOf(router)).toEqual([]);
    expect(two.childrenOf({} as never)).toEqual([]);
    const [itsWorker] = two.workers;
    expect(two.childrenOf(itsWorker!)).toHaveLength(2);
    expect([...one.workers][0]).not.toBe(itsWorker);
  });

  test('what an owner\'s other session has made, with its shared appData', async () => {
    const { url } = await startSocketNode();
    const first = await connect(url, { ownerId: 'studio' });
    const made = await makeCall(first.mediasoup);
    made.router.appData = { room: 'blue', call: () => {} };
    made.p.appData = { peer: 'Ada' };
    const second = await connect(url, { ownerId: 'studio' });
    const stranger = await connect(url);
    expect([...stranger.workers]).toEqual([]);
    const [worker] = second.workers;
    const [, router] = second.childrenOf(worker!) as [unknown, typeof made.router];
    const [t1] = second.childrenOf(router) as [typeof made.t1];
    const [p] = second.childrenOf(t1) as [typeof made.p];
    expect([router.id, router.appData, p.id, p.appData]).toEqual([made.router.id, {}, made.p.id, { peer: 'Ada' }]);
    made.p.appData = { peer: 'Grace' };
    const closed = once(p.observer, 'close');
    made.p.close();
    await closed;
    expect(p.appData).toEqual({ peer: 'Grace' });
    // The first one leaves, and nothing of what it made with it.
    first.destroy();
    await told(first, 'close');
    expect((await router.dump()).id).toBe(made.router.id);
    expect(router.closed).toBe(false);
  });

  test('how its session stands, and what it has counted, as plain data', async () => {
    const { url } = await startSocketNode();
    const client = await connect(url);
    await makeCall(client.mediasoup);
    expect(client.inspect()).toMatchObject({ url, readyState: 4, node: { name: 'node-a' }, resumes: { new: 1 }, objects: 10 });
    const { calls, objects, bytesSent } = client.metrics;
    expect(calls).toContainEqual(expect.objectContaining({ method: 'router.createWebRtcTransport', count: 2 }));
    expect(objects).toBe(10);
    expect(bytesSent).toBeGreaterThan(0);
    expect(structuredClone(client.inspect())).toEqual(client.inspect());
  });
});

test('mediasoup\'s log lines arrive, also in a new session, until the app wants no more of them', async () => {
  const first = await startSocketNode();
  const client = await connect(first.url);
  const lines: string[] = [];
  let heard = () => {};
  const next = (): Promise<void> => new Promise(resolve => { heard = resolve; });
  client.mediasoup.setLogEventListeners({ ondebug: (namespace, line) => { lines.push(`${namespace} ${line}`); heard(); } });
  const one = next();
  await client.mediasoup.createWorker();
  await one;
  expect(lines.some(line => line.startsWith('mediasoup'))).toBe(true);
  const back = told(client, 'connected');
  await first.crash();
  await startSocketNode({ port: first.port });
  await back;
  lines.splice(0);
  const two = next();
  await client.mediasoup.createWorker();
  await two;
  client.mediasoup.setLogEventListeners();
  await client.mediasoup.createWorker();
  lines.splice(0);
  await client.mediasoup.createWorker();
  expect(lines).toEqual([]);
});

describe('the load of a node', () => {
  test('is not told by a client that closes meanwhile', async () => {
    const client = await connect((await startSocketNode()).url);
    expect(client.draining).toBe(false);
    const stats = client.getStats();
    await new Promise(setImmediate); // it is on its way
    client.close();
    await expect(stats).resolves.toBeUndefined();
  });

  test('rejects when the node cannot tell it', async () => {
    const manager = local();
    const { url } = await startSocketNode({ manager: { mediasoup: manager.mediasoup, getStats: () => Promise.reject(new Error('no /proc here')) } });
    const client = await connect(url);
    await expect(client.getStats()).rejects.toThrow('no /proc here');
  });
});

describe('over TLS', () => {
  let authority: Authority;
  beforeAll(() => { authority = new Authority(); });
  afterAll(() => authority.remove());

  test('a client trusts whom it is told to trust, and no other', async () => {
    const { cert, key } = authority.sign('/CN=127.0.0.1');
    const { server } = await startSocketNode();
    const https = createServer({ cert, key });
    server.attach(https);
    https.listen(0, '127.0.0.1');
    await once(https, 'listening');
    const url = `wss://127.0.0.1:${(https.address() as AddressInfo).port}`;
    const client = await connect(url, { tls: { ca: authority.ca.cert } });
    expect((await client.mediasoup.createWorker()).pid).toBeGreaterThan(0);
    const distrustful = new RemoteMediasoupClient(url, { backoff: LATER });
    const [error] = await told(distrustful, 'error');
    expect((error as Error).message).toMatch(/self.signed|unable to (get local issuer|verify)/);
    distrustful.destroy();
    client.destroy();
    https.close();
  });
});
