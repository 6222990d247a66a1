import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import type { ObjectRecord } from '../src/protocol/message.ts';
import { MemoryHarness, SocketHarness } from './harness.ts';
import type { Caller } from './harness.ts';

const HELLO = '{"hello":{"protocol":[1,1],"client":"hostile","scope":"all"}}';
const MB = 1_024 * 1_024;

/** In a thread of its own: a client that asks as fast as it can, and reads. */
const FLOODER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { WebSocket } = require('ws');
  const socket = new WebSocket(workerData.url, ['rope']);
  let sent = 0;
  let received = 0;
  const flood = () => {
    if (socket.bufferedAmount < 4_000_000) {
      let messages = '';
      for (let id = sent + 1; id <= sent + 1_000; id += 1) messages += ',{"id":' + id + ',"method":"echo","params":{"value":"xxxxxxxxxxxxxxxxxxxx"}}';
      socket.send('{"seq":' + (sent + 1) + ',"ack":' + received + ',"messages":[' + messages.slice(1) + ']}');
      sent += 1_000;
    }
    setImmediate(flood);
  };
  socket.on('open', () => socket.send(workerData.hello));
  socket.on('message', text => {
    const frame = JSON.parse(text);
    if (frame.welcome) {
      flood();
      parentPort.postMessage('it begins');
    }
    if (frame.messages) received = frame.seq + frame.messages.length - 1;
  });
`;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('one client under which others must not suffer', () => {
  let harness: SocketHarness;
  let bystander: Caller;
  beforeEach(async () => {
    harness = await SocketHarness.start({ maxBufferedBytes: 4 * MB, maxRequestsPerSecond: Infinity });
    bystander = await harness.connected();
  });
  afterEach(() => harness.end());

  async function hostile(): Promise<WebSocket> {
    const socket = new WebSocket(harness.url, ['rope']);
    socket.on('error', () => {});
    await once(socket, 'open');
    socket.send(HELLO);
    await once(socket, 'message');
    return socket;
  }

  test('never reads: what waits for it is bounded, then its link is ended with a reason', async () => {
    const { client } = bystander;
    const { object } = await client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
    const socket = await hostile();
    socket.pause();
    const [, session] = [...harness.server.sessions.values()];
    const counter = harness.house.counters.get(object)!;
    counter.label = 'x'.repeat(50_000);
    // Kernels buffer some megabytes before anything waits here.
    let most = 0;
    for (let event = 0; event < 2_000 && session!.connected; event += 1) {
      session!.objects.event(object, 'news', ['x'.repeat(50_000)]);
      if (event % 20 === 0) await client.request('echo', {}); // others are answered all the while
      most = Math.max(most, session!.inspect().keptBytes);
    }
    expect([session!.connected, session!.inspect().state]).toEqual([false, 'unlinked, to be sent a snapshot']);
    expect(most).toBeLessThan(4.2 * MB);
    const closed = once(socket, 'close');
    socket.resume();
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4_413, 'too much is left unread']);
    expect([bystander.events.length, client.replica.get(object)!.state]).toEqual([3, { value: 0, label: undefined }]);
  });

  test('talks without end: between a call of the others and its answer few of its own are done', async () => {
    const flooder = new Worker(FLOODER, { eval: true, workerData: { url: harness.url, hello: HELLO } });
    await once(flooder, 'message');
    const session = [...harness.server.sessions.values()].find(({ client }) => client === 'hostile')!;
    const handled = () => session.received - session.inspect().unhandled;
    const between: number[] = [];
    for (let call = 0; call < 100; call += 1) {
      const before = handled();
      await bystander.client.request('echo', {});
      between.push(handled() - before);
    }
    expect(session.inspect().unhandled).toBeLessThan(10_000);
    // It wants more than this of the server at once; a turn is 200 messages, and a call takes a few turns to come in and go out.
    while (session.received < 5_000) await bystander.client.request('echo', {});
    await flooder.terminate();
    expect(median(between)).toBeLessThanOrEqual(1_000);
  });
});

describe('media to a reader that is behind', () => {
  test('are dropped, the oldest first, and nothing else is', async () => {
    const harness = new MemoryHarness();
    const caller = await harness.connected();
    const { client, host } = caller;
    const made = client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
    await harness.settle();
    const { object } = await made;
    const [session] = harness.server.sessions.values();
    const { link } = harness.network;
    link.traits.deaf = true;
    for (let packet = 1; packet <= 6_000; packet += 1) {
      session!.objects.event(object, 'rtp', [Buffer.alloc(1_000, packet % 256), packet], undefined, { media: true });
      if (packet % 1_000 === 0) session!.objects.event(object, 'mark', [packet]);
    }
    await harness.settle();
    expect([session!.connected, session!.inspect().keptBytes < 3 * MB]).toEqual([true, true]);
    link.traits.deaf = false;
    link.client.arrive();
    await harness.settle();
    const heard = host.take() as [string, number, [unknown, number]][];
    const packets = heard.filter(([word]) => word === 'rtp').map(([, , args]) => args[1]);
    expect(heard.filter(([word]) => word === 'mark').map(([, , [mark]]) => mark)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    expect(packets).toEqual(packets.toSorted((a, b) => a - b));
    expect([packets.length > 2_000, packets.length < 5_000, packets.at(-1)]).toEqual([true, true, 6_000]);
    expect(harness.server.metrics.resumes).toEqual({ new: 1, snapshot: 0, replay: 0 });
    client.destroy();
    await harness.end();
  });
});

describe('without a link', () => {
  test('a server keeps so much for all of its clients together', async () => {
    const harness = new MemoryHarness({ maxReplayBytes: 4_000, maxReplayBytesInSum: 5_000 });
    const [first, second] = [await harness.connected(), await harness.connected()];
    const objects = [];
    for (const { client } of [first, second]) {
      const made = client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
      await harness.settle();
      objects.push((await made).object);
    }
    harness.network.unreachable = true;
    harness.cut();
    await harness.settle();
    for (const [index, session] of [...harness.server.sessions.values()].entries()) {
      for (let event = 0; event < 3; event += 1) session.objects.event(objects[index]!, 'news', ['x'.repeat(1_000)]);
    }
    harness.network.unreachable = false;
    await harness.clock.advance(11_000);
    expect([first, second].map(({ events }) => events.at(-1))).toEqual([['connected', { resume: 'replay' }], ['connected', { resume: 'snapshot' }]]);
    expect([first, second].map(({ host }) => host.take().length)).toEqual([3, 0]);
    await harness.end();
  });

  test('a client lets calls fail once too much waits, and gives the session up when it cannot say what it must', async () => {
    const harness = new MemoryHarness();
    const caller = await harness.connected({ maxQueueBytes: 1_000 });
    const { client, host, events } = caller;
    const made = client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
    await harness.settle();
    const { object } = await made;
    harness.network.unreachable = true;
    harness.cut();
    await harness.settle();
    events.splice(0);
    const waiting = client.request('echo', { value: 'x'.repeat(500) });
    const full = client.request('echo', { value: 'x'.repeat(500) });
    await expect(full).rejects.toMatchObject({ code: 'ROPE_QUEUE_FULL', retryable: true });
    const pokes = () => {
      for (let poke = 0; poke < 12; poke += 1) client.notify('counter.poke', { counter: object });
    };
    pokes();
    await harness.settle();
    expect([events, client.metrics.queuedMessages]).toEqual([[], 13]);
    waiting.catch(() => {});
    pokes();
    pokes();
    expect(events).toEqual([]); // never in the midst of a call of the app's
    await harness.settle();
    await expect(waiting).rejects.toMatchObject({ code: 'ROPE_NOT_CONNECTED' });
    expect([events, host.take()]).toEqual([[['lost', 'queue']], [['lost', [object], 'queue']]]);
    harness.network.unreachable = false;
    await harness.clock.advance(11_000);
    expect(client.readyState).toBe(4);
    await harness.end();
  });

  test('or with one that does not read', async () => {
    const harness = new MemoryHarness();
    const { client, events } = await harness.connected({ maxQueueBytes: 1_000 });
    harness.network.link.pause();
    for (let poke = 0; poke < 60; poke += 1) client.notify('counter.poke', { counter: 1 });
    await harness.settle();
    expect(events.slice(3)).toEqual([['lost', 'queue'], ['disconnected'], ['websocketClose', false]]);
    await harness.clock.advance(200);
    expect([client.readyState, events.at(-1)]).toEqual([4, ['connected', { resume: 'new' }]]);
    client.destroy();
    await harness.end();
  });
});
