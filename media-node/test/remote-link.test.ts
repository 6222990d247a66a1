import { once } from 'node:events';

import { afterEach, describe, expect, it } from '@jest/globals';
import { NotConnectedError } from '@mediacluster/rope';
import type { Worker } from 'mediasoup/types';

import { makeCall } from '../../client-sdk/test/call.ts';
import { EventLog } from '../../client-sdk/test/event-log.ts';
import { connect, cuttable, endAll, startSocketNode, told } from './node-on-socket.ts';

afterEach(endAll);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('a link that breaks and returns', () => {
  it('leaves objects, state and observers as they are, and calls made meanwhile are answered', async () => {
    const { url } = await startSocketNode();
    const { WebSocket, cut } = cuttable();
    const client = await connect(url, { WebSocket });
    const { mediasoup } = client;
    const call = await makeCall(mediasoup);
    const log = new EventLog();
    for (const [name, object] of Object.entries(call)) log.follow(name, object);
    const events: string[] = [];
    for (const event of ['disconnected', 'websocketClose', 'websocketOpen', 'mediasoup', 'connected', 'lost', 'close'] as const) client.on(event, () => events.push(event));
    cut();
    await told(client, 'disconnected');
    expect(client).toMatchObject({ connected: false, mediasoup, node: { name: 'node-a' } });
    await expect(client.getStats()).resolves.toBeUndefined();
    expect(call.p.rtpParameters.codecs).toHaveLength(1);
    const dump = call.router.dump();
    const produced = call.t1.produceData({ sctpStreamParameters: { streamId: 9 } });
    await told(client, 'connected');
    expect((await dump).id).toBe(call.router.id);
    expect((await produced).closed).toBe(false);
    expect(events).toEqual(['disconnected', 'websocketClose', 'websocketOpen', 'connected']);
    expect(log.take()).toEqual(['t1°newdataproducer']);
    expect(await client.getStats()).toMatchObject({ process: { hrtime: expect.any(BigInt) } });
  });

  it('completes the calls that were under way, and each appears once', async () => {
    const { url } = await startSocketNode();
    const { WebSocket, cut } = cuttable();
    const client = await connect(url, { WebSocket });
    const seen: Worker[] = [];
    client.mediasoup.observer.on('newworker', worker => seen.push(worker));
    const created = client.mediasoup.createWorker();
    await new Promise(setImmediate); // it is on its way
    cut();
    const worker = await created;
    await worker.dump();
    expect(seen).toEqual([worker]);
  });

  it('tells what was missed, once', async () => {
    const { url, server } = await startSocketNode();
    const { WebSocket, cut } = cuttable();
    const client = await connect(url, { WebSocket, backoff: { initialMs: 200, maxMs: 200 } });
    const call = await makeCall(client.mediasoup);
    const other = await client.mediasoup.createWorker();
    const log = new EventLog().follow('other', other).follow('c', call.c).follow('worker', call.worker);
    cut();
    await told(client, 'disconnected');
    call.p.close(); // told to the node when the link is back
    process.kill(other.pid, 'SIGKILL');
    await until(() => server.workerCount === 1);
    expect(other.closed).toBe(false);
    await told(client, 'connected');
    await once(call.c, 'producerclose');
    await call.worker.dump();
    expect(log.take()).toEqual(['other!died', 'other!subprocessclose', 'other°close', 'c!producerclose', 'c°close']);
    expect(other).toMatchObject({ closed: true, died: true });
  });
});

describe('a node that is gone', () => {
  it('emits died at once when its address refuses, and its next process is used', async () => {
    const first = await startSocketNode();
    const client = await connect(first.url);
    const worker = await client.mediasoup.createWorker();
    const epoch = client.node?.epoch;
    const log = new EventLog().follow('worker', worker);
    const lost = told(client, 'lost');
    const died = once(worker, 'died');
    await first.crash();
    expect((await died)[0].message).toMatch(/^node node-a is lost \[pid:\d+, reason:/);
    expect(log.take()).toEqual(['worker!died', 'worker!subprocessclose', 'worker°close']);
    await lost;
    await startSocketNode({ port: first.port });
    await told(client, 'connected');
    expect(client.node?.epoch).not.toBe(epoch);
    const next = await client.mediasoup.createWorker();
    expect(next.closed).toBe(false);
  });

  it('emits died when its lease has passed', async () => {
    const { url } = await startSocketNode({ leaseMs: 30 });
    const { WebSocket, cut } = cuttable();
    const client = await connect(url, { WebSocket, backoff: { initialMs: 300, maxMs: 300 } });
    const worker = await client.mediasoup.createWorker();
    const lost = told(client, 'lost');
    cut();
    expect(await lost).toEqual(['lease']);
    expect(worker.died).toBe(true);
  });

  it('emits died at once when discovery has dropped it too', async () => {
    const { url } = await startSocketNode();
    const { WebSocket, cut } = cuttable();
    const client = await connect(url, { WebSocket });
    const worker = await client.mediasoup.createWorker();
    client.unlisted();
    client.listed();
    client.unlisted();
    expect(worker.closed).toBe(false);
    const lost = told(client, 'lost');
    cut();
    expect(await lost).toEqual(['unlisted']);
    expect(worker.died).toBe(true);
  });

  it('closes quietly when it says goodbye', async () => {
    const { url, server } = await startSocketNode();
    const client = await connect(url);
    const call = await makeCall(client.mediasoup);
    const log = new EventLog().follow('worker', call.worker).follow('router', call.router);
    const goodbye = told(client, 'goodbye');
    const gone = server.goodbye('drained');
    expect(await goodbye).toEqual(['drained']);
    expect(log.take()).toEqual(['router!workerclose', 'router°close', 'worker°close']);
    expect(call.worker).toMatchObject({ closed: true, died: false });
    await gone;
    expect(server.workerCount).toBe(0);
  });
});

describe('the client', () => {
  it('emits open, websocketOpen, mediasoup and connected in this order, after the constructor has returned', async () => {
    const { url } = await startSocketNode();
    const events: string[] = [];
    const connecting = connect(url);
    const client = await connecting;
    client.close();
    await told(client, 'close');
    for (const event of ['open', 'websocketOpen', 'mediasoup', 'connected', 'disconnected', 'websocketClose', 'close'] as const) {
      client.on(event, (...args: unknown[]) => events.push(`${event}${args.length > 0 ? ' with' : ''}`));
    }
    expect(client.open()).toBe(client);
    expect(() => client.open()).toThrow(/open already/);
    expect(events).toEqual([]);
    await told(client, 'connected');
    expect(client.readyState).toBe(4);
    client.close();
    expect(client).toMatchObject({ readyState: 3, connected: false });
    await told(client, 'close');
    expect(events).toEqual(['open', 'websocketOpen', 'mediasoup with', 'connected', 'mediasoup', 'close']);
    expect(client.mediasoup).toBeUndefined();
  });

  it('closes what it made, on both sides, when it closes, and leaves others alone', async () => {
    const { url, server } = await startSocketNode();
    const [mine, theirs] = [await connect(url), await connect(url)];
    const [worker, other] = [await mine.mediasoup.createWorker(), await theirs.mediasoup.createWorker()];
    const log = new EventLog().follow('worker', worker).follow('other', other);
    const { mediasoup } = mine;
    mine.close();
    expect(log.take()).toEqual(['worker°close']);
    await until(() => server.workerCount === 1);
    expect(other.closed).toBe(false);
    await expect(other.dump()).resolves.toMatchObject({ pid: other.pid });
    await expect(mediasoup.createWorker()).rejects.toThrow(NotConnectedError);
    expect(mediasoup.version).toBe('3.27.1');
  });

  it('is finished after destroy(), which may be called twice', async () => {
    const { url } = await startSocketNode();
    const client = await connect({ url } as never);
    const closed = told(client, 'close');
    client.destroy();
    client.destroy();
    await closed;
    expect(client).toMatchObject({ destroyed: true, readyState: 3, mediasoup: undefined });
    expect(() => client.open()).toThrow(expect.objectContaining({ code: 'SDK_DESTROYED' }));
    await expect(client.getStats()).resolves.toBeUndefined();
  });

  it('goes on trying when nobody answers, and ends no app that does not listen for errors', async () => {
    const gone = await startSocketNode();
    await gone.crash();
    const connecting = connect(gone.url);
    await startSocketNode({ port: gone.port });
    expect((await connecting).url).toBe(gone.url);
  });
});
