import { afterEach, describe, expect, test } from '@jest/globals';

import { ConnectionLostError, MessageTooLargeError, NotConnectedError, ProtocolError, RequestTimeoutError, TooManyRequestsError, VersionError } from '../src/errors.ts';
import type { ObjectRecord } from '../src/protocol/message.ts';
import type { Caller } from './harness.ts';
import { MemoryHarness } from './harness.ts';

let harness: MemoryHarness;
const start = (options: ConstructorParameters<typeof MemoryHarness>[0] = {}) => (harness = new MemoryHarness(options));
afterEach(() => harness.end());

const settled = async <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  await harness.settle();
  return promise;
};
const create = ({ client }: Caller, parent?: number) =>
  settled(client.request('counter.create', { parent }, { onResult: (record: ObjectRecord) => client.replica.adopt(record) }));
const say = (frame: string) => harness.network.link.server.send(frame);
const caught = (promise: Promise<unknown>) => promise.then(() => 'no error', (error: unknown) => error);

describe('a node is gone', () => {
  test('when another epoch answers: everything is lost, then it is connected to what is new', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    const { client, host, events } = caller;
    const inFlight = caught(client.request('counter.never', {}));
    await harness.settle();
    harness.restart();
    await harness.settle();
    const waiting = caught(client.request('counter.add', { counter: object, by: 1 }));
    client.notify('counter.close', { counter: object });
    await harness.clock.advance(100);
    expect(host.take()).toEqual([['lost', [object], 'epoch']]);
    expect(events.slice(3)).toEqual([['disconnected'], ['websocketClose', false], ['websocketOpen'], ['lost', 'epoch'], ['connected', { resume: 'new' }]]);
    expect([client.replica.size, client.node?.epoch, client.readyState]).toEqual([0, 'epoch-2', 4]);
    expect(await inFlight).toBeInstanceOf(ConnectionLostError);
    // Numbers of objects start anew over there: nothing that waited may reach a stranger.
    expect(await waiting).toMatchObject({ code: 'ROPE_NOT_CONNECTED', retryable: true });
    expect(harness.house.calls).toEqual([]);
  });

  test('when its address refuses the connection', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    harness.network.refusing = true;
    harness.cut();
    await harness.settle();
    expect(caller.host.take()).toEqual([]);
    await harness.clock.advance(100);
    expect(caller.host.take()).toEqual([['lost', [object], 'refused']]);
    expect(caller.events.filter(([name]) => name === 'error')).toEqual([['error', 'connect ECONNREFUSED']]);
    // A call that is made now waits for a node to come back.
    const call = caller.client.request('echo', { value: 1 });
    await harness.clock.advance(10_000);
    harness.network.refusing = false;
    await harness.clock.advance(5_000);
    expect(await call).toBe(1);
    expect(caller.host.take()).toEqual([]);
    expect(caller.events.at(-1)).toEqual(['connected', { resume: 'new' }]);
  });

  test('when the link is broken and the endpoint unlisted, whichever comes first', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    harness.network.unreachable = true;
    caller.client.unlisted();
    expect(caller.host.take()).toEqual([]); // the connection does not say so yet
    caller.client.listed();
    harness.cut();
    await harness.settle();
    expect(caller.host.take()).toEqual([]);
    caller.client.unlisted();
    expect(caller.host.take()).toEqual([['lost', [object], 'unlisted']]);
    caller.client.unlisted();
    expect(caller.host.take()).toEqual([]);

    harness.network.unreachable = false;
    await harness.clock.advance(30_000);
    expect(caller.client.readyState).toBe(4);
    const second = await create(caller);
    harness.network.unreachable = true;
    harness.cut();
    await harness.settle();
    expect(caller.host.take()).toEqual([['lost', [second.object], 'unlisted']]);
  });

  test('when the lease is over, on both sides', async () => {
    start({ leaseMs: 8_000 });
    const caller = await harness.connected();
    const { object } = await create(caller);
    const counter = harness.house.counters.get(object)!;
    const ends: unknown[] = [];
    harness.server.on('sessionEnd', (_, reason) => ends.push(reason));
    harness.network.unreachable = true;
    harness.cut();
    await harness.clock.advance(7_999);
    expect([counter.closed, caller.host.take(), harness.server.sessions.size]).toEqual([false, [], 1]);
    await harness.clock.advance(1);
    expect([counter.closed, ends, harness.server.registry.size]).toEqual([true, ['lease'], 0]);
    expect(caller.host.take()).toEqual([['lost', [object], 'lease']]);
  });

  test('when the server has forgotten the session though the client has not', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    harness.network.unreachable = true;
    harness.cut();
    await harness.clock.advance(29_000);
    const [session] = harness.server.sessions.values();
    session!.end(); // its clock runs faster than ours
    (harness.server.sessions as Map<string, unknown>).clear();
    harness.network.unreachable = false;
    harness.network.link.client.terminate();
    await harness.clock.advance(5_000);
    expect(caller.host.take()).toEqual([['lost', [object], 'lease']]);
    expect(caller.events.slice(-2)).toEqual([['lost', 'lease'], ['connected', { resume: 'new' }]]);
  });
});

describe('the link', () => {
  test('is broken after 10 s of silence, on both sides', async () => {
    start();
    const caller = await harness.connected();
    await create(caller);
    await harness.clock.advance(60_000);
    expect(caller.client.readyState).toBe(4);
    harness.network.link.traits.dropping = true;
    harness.network.unreachable = true;
    await harness.clock.advance(5_000);
    expect([caller.client.readyState, harness.server.metrics.connected]).toEqual([4, 1]);
    await harness.clock.advance(5_000);
    expect([caller.client.readyState, harness.server.metrics.connected]).toEqual([0, 0]);
    expect(caller.events.slice(-2)).toEqual([['disconnected'], ['websocketClose', false]]);
  });

  test('is dropped when its client does not read, and made again when it does', async () => {
    start({ maxBufferedBytes: 1_000 });
    const caller = await harness.connected();
    const { object } = await create(caller);
    const counter = harness.house.counters.get(object)!;
    const { link } = harness.network;
    const closes: unknown[] = [];
    caller.client.on('websocketClose', wasClean => closes.push(wasClean));
    link.traits.deaf = true;
    for (let poke = 0; poke < 9; poke += 1) counter.poke();
    await harness.settle();
    expect(harness.server.metrics.connected).toBe(1);
    for (let poke = 0; poke < 11; poke += 1) counter.poke();
    await harness.settle();
    expect(harness.server.metrics.connected).toBe(0);
    expect([...harness.server.sessions.values()][0]!.inspect()).toMatchObject({ state: 'unlinked, to be sent a snapshot', keptBytes: 0 });
    link.traits.deaf = false;
    link.client.arrive(); // it reads again: first what was said, then why the link is closed
    await harness.clock.advance(5_200);
    expect([caller.client.readyState, caller.client.replica.get(object)!.state.value, closes]).toEqual([4, 20, [true]]);
    expect(caller.events.at(-1)).toEqual(['connected', { resume: 'snapshot' }]);
  });

  test('is dropped when its client asks on and on, and does not read', async () => {
    start({ maxBufferedBytes: 1_000 });
    await harness.connected();
    const { link } = harness.network;
    link.traits.deaf = true;
    for (let ping = 1; ping < 200; ping += 1) link.client.send(`{"ping":${ping}}`);
    await harness.settle();
    expect([harness.server.metrics.connected, link.client.unread < 1_200]).toEqual([0, true]);
  });

  test('survives that this process stands still', async () => {
    start();
    const caller = await harness.connected();
    await harness.clock.stall(25_000);
    await harness.clock.advance(5_000);
    expect([caller.client.readyState, harness.network.links.length]).toEqual([4, 1]);
  });

  test('is taken over by a newer one of the same session, though the server believes in the old one', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    const old = harness.network.link;
    old.traits.dropping = true;
    old.client.break();
    await harness.settle();
    expect(harness.server.metrics.connected).toBe(1);
    await harness.clock.advance(100);
    expect(caller.events.at(-1)).toEqual(['connected', { resume: 'replay' }]);
    expect([caller.host.take(), harness.server.sessions.size, harness.server.metrics.connected]).toEqual([[], 1, 1]);
    await harness.clock.advance(60_000);
    expect(await settled(caller.client.request('counter.add', { counter: object, by: 2 }))).toBe(2);
  });

  test('is tried again at growing pauses', async () => {
    start();
    harness.network.refusing = true;
    const { client, events } = harness.caller();
    client.open();
    const at: number[] = [];
    client.on('error', () => at.push(harness.clock.nowMs()));
    await harness.clock.advance(12_000);
    expect(at).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300]);
    expect(events.filter(([name]) => name === 'lost')).toEqual([]); // there was nothing to lose
    client.destroy();
    await harness.clock.advance(60_000);
    expect([at.length, harness.clock.timers]).toEqual([8, 0]);
  });

  test('is given up when it does not come up in time', async () => {
    start();
    harness.network.unreachable = true;
    const { client } = await harness.connected({ connectTimeoutMs: 3_000 });
    await harness.clock.advance(3_100);
    expect(harness.network.links.length).toBe(2);
    harness.network.unreachable = false;
    await harness.clock.advance(4_000);
    expect(client.readyState).toBe(4);
  });

  test('to an address that cannot be one is an error, again and again', async () => {
    start();
    const { events, client } = await harness.connected({ connect: () => {
      throw new SyntaxError('no url');
    } });
    await harness.clock.advance(100);
    expect(events).toEqual([['open'], ['error', 'no url'], ['error', 'no url']]);
    client.close();
  });

  test('to nowhere cannot be opened', () => {
    start();
    const { client } = harness.caller({ url: undefined });
    expect(() => client.open()).toThrow('no url to open');
    expect(client.open('memory:').url).toBe('memory:');
    client.close();
  });

  test('that never says hello is closed', async () => {
    start();
    const link = harness.network.connect('memory:');
    const closes: unknown[] = [];
    link.start({ text: () => {}, binary: () => {}, closed: close => closes.push(close.code) });
    await harness.clock.advance(5_000);
    expect(closes).toEqual([4_408]);
  });

  test('that was closed leaves no timer behind once the peer has answered', async () => {
    start();
    const { client } = await harness.connected();
    client.destroy();
    await harness.settle();
    expect([client.readyState, harness.clock.timers]).toEqual([3, 0]);
  });

  test('whose peer does not answer a close frame is dropped', async () => {
    start();
    const caller = await harness.connected();
    harness.network.link.traits.dropping = true;
    const closed = harness.server.goodbye('scale-in');
    caller.client.destroy();
    await harness.clock.advance(5_000);
    await closed;
    expect(harness.clock.timers).toBe(0);
  });
});

describe('calls without a connection', () => {
  test('wait for it until their deadline, and then were never sent', async () => {
    start();
    harness.network.refusing = true;
    const { client } = await harness.connected({ requestTimeoutMs: 1_000 });
    const early = caught(client.request('echo', { value: 1 }));
    const patient = client.request('echo', { value: 2 }, { timeoutMs: 10_000 });
    const controller = new AbortController();
    const aborted = caught(client.request('echo', { value: 3 }, { timeoutMs: 2_000, signal: controller.signal }));
    await harness.clock.advance(1_000);
    expect(await early).toBeInstanceOf(NotConnectedError);
    controller.abort(new Error('not needed'));
    expect(await aborted).toEqual(new Error('not needed'));
    harness.network.refusing = false;
    await harness.clock.advance(5_000);
    expect(await patient).toBe(2);
    expect(harness.server.metrics.requests).toEqual([{ method: 'echo', outcome: 'ok', count: 1 }]);
  });

  test('reject at once when the client is closed', async () => {
    start();
    const { client } = await harness.connected({ url: 'memory:' });
    harness.cut();
    await harness.settle();
    const waiting = caught(client.request('echo', {}));
    client.close();
    expect(await waiting).toMatchObject({ code: 'ROPE_NOT_CONNECTED', message: 'the client was closed' });
    expect(await caught(client.request('echo', {}))).toBeInstanceOf(NotConnectedError);
  });

  test('and closes in between keep their order', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    harness.cut();
    await harness.settle();
    const first = caller.client.request('counter.add', { counter: object, by: 1 });
    caller.client.notify('counter.close', { counter: object });
    caller.client.replica.forget(object);
    const second = caught(caller.client.request('counter.add', { counter: object, by: 2 }));
    await harness.clock.advance(100);
    expect([await first, await second]).toEqual([1, expect.objectContaining({ code: 'ROPE_OBJECT_NOT_FOUND' })]);
    expect([harness.server.registry.size, caller.host.take()]).toEqual([0, []]);
  });
});

describe('a close that was said into a link that breaks', () => {
  test('is said again, and the object does not come back', async () => {
    start();
    const caller = await harness.connected();
    const { client, host } = caller;
    const top = await create(caller);
    const child = await create(caller, top.object);
    const sibling = await create(caller);
    client.notify('counter.poke', { counter: sibling.object });
    await harness.settle();
    host.take();
    harness.network.link.traits.dropping = true;
    client.replica.forget(child.object);
    client.notify('counter.close', { counter: child.object });
    client.replica.forget(top.object);
    client.notify('counter.close', { counter: top.object });
    await harness.settle();
    harness.cut();
    await harness.clock.advance(100);
    await harness.settle();
    expect(host.take()).toEqual([]);
    expect([...harness.house.counters.keys()]).toEqual([sibling.object]);
    expect(client.replica.size).toBe(1);
    // The poke had been acknowledged, so it is not said again.
    expect(harness.house.counters.get(sibling.object)!.value).toBe(1);
  });

  test('is acknowledged with the next heartbeat when there is nothing else to say', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    harness.house.counters.get(object)!.on('poke', () => {});
    caller.client.notify('counter.close', { counter: 12_345 }); // no echo: there is no such object
    await harness.clock.advance(5_000);
    harness.cut();
    await harness.clock.advance(100);
    await harness.settle();
    expect(caller.client.readyState).toBe(4);
    expect(harness.house.counters.size).toBe(1);
  });
});

describe('a creation whose caller is gone', () => {
  test('is answered over the next link, by a snapshot too', async () => {
    start({ maxReplayBytes: 500 });
    const caller = await harness.connected();
    const { client, host } = caller;
    const { object } = await create(caller);
    const later = client.request('counter.createLater', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
    await harness.settle();
    harness.network.unreachable = true;
    harness.cut();
    await harness.settle();
    for (let poke = 0; poke < 10; poke += 1) harness.house.counters.get(object)!.poke(); // more than is kept
    harness.network.unreachable = false;
    await harness.clock.advance(11_000);
    expect(caller.events.at(-1)).toEqual(['connected', { resume: 'snapshot' }]);
    expect(host.take()).toEqual([['patched', object, { value: 10, label: undefined }, { value: 0 }]]);
    harness.house.gate.resolve();
    expect((await settled(later)).object).toBe(2);
    expect([host.take(), client.replica.size]).toEqual([[], 2]);
  });

  test('rejects when its answer is lost, and is in the snapshot', async () => {
    start({ maxReplayBytes: 500 });
    const caller = await harness.connected();
    const { client, host } = caller;
    const { object } = await create(caller);
    const lost = caught(client.request('counter.createLater', {}));
    const never = caught(client.request('counter.never', {}, { timeoutMs: 20_000 }));
    await harness.settle();
    harness.network.unreachable = true;
    harness.cut();
    harness.house.gate.resolve();
    await harness.settle();
    for (let poke = 0; poke < 10; poke += 1) harness.house.counters.get(object)!.poke();
    const waiting = client.request('echo', { value: 'sent later' });
    harness.network.unreachable = false;
    await harness.clock.advance(11_000);
    expect(await lost).toMatchObject({ code: 'ROPE_CONNECTION_LOST', message: 'the connection was lost before counter.createLater was answered; whether it happened is unknown' });
    expect(await waiting).toBe('sent later');
    expect(host.take()).toEqual([
      ['patched', object, { value: 10, label: undefined }, { value: 0 }],
      ['created', 2, { value: 0, label: undefined }],
    ]);
    await harness.clock.advance(10_000);
    expect(await never).toBeInstanceOf(RequestTimeoutError); // it was still being worked on
  });

  test('is undone when its session has ended', async () => {
    start();
    const { client } = await harness.connected();
    void caught(client.request('counter.createLater', {}));
    await harness.settle();
    client.destroy();
    await harness.settle();
    expect(harness.server.sessions.size).toBe(0);
    harness.house.gate.resolve();
    await harness.settle();
    expect([harness.server.registry.size, harness.house.counters.size]).toEqual([0, 0]);
  });

  test('fails where it fails, over whatever link', async () => {
    start();
    const caller = await harness.connected();
    const parent = await create(caller);
    const later = caught(caller.client.request('counter.createLater', { parent: parent.object }));
    await harness.settle();
    harness.cut();
    await harness.clock.advance(100);
    harness.house.counters.get(parent.object)!.close();
    harness.house.gate.resolve();
    await harness.settle();
    expect(await later).toMatchObject({ code: 'ROPE_OBJECT_NOT_FOUND' });
    expect(caller.host.take()).toEqual([['closed', parent.object]]);
  });

  test('a deadline that passes on a link that is slow does not leave it behind', async () => {
    start();
    const { client } = await harness.connected();
    harness.network.link.traits.delayMs = 600;
    const create = caught(client.request('counter.create', {}, { timeoutMs: 1_000 }));
    await harness.clock.advance(1_000);
    expect(await create).toBeInstanceOf(RequestTimeoutError);
    expect(harness.server.registry.size).toBe(1);
    await harness.clock.advance(2_000);
    expect([harness.server.registry.size, harness.house.counters.size, client.replica.size]).toEqual([0, 0, 0]);
  });
});

describe('limits', () => {
  test('a message that is too long is not sent', async () => {
    start({ maxMessageBytes: 1_000 });
    const { client } = await harness.connected();
    expect(await caught(client.request('echo', { value: 'x'.repeat(1_000) }))).toBeInstanceOf(MessageTooLargeError);
    expect(await caught(client.request('echo', { value: '😀'.repeat(300) }))).toBeInstanceOf(MessageTooLargeError);
    expect(() => client.notify('counter.poke', { counter: 1, more: 'x'.repeat(1_000) } as never)).toThrow('more than the 1000 bytes');
    expect(await settled(client.request('echo', { value: 'ä'.repeat(400) }))).toBe('ä'.repeat(400));
  });

  test('a message that waited and turns out too long is not sent either', async () => {
    start({ maxMessageBytes: 1_000 });
    harness.network.refusing = true;
    const { client } = await harness.connected();
    const long = caught(client.request('echo', { value: 'x'.repeat(1_000) }));
    const short = client.request('echo', { value: 'x' });
    harness.network.refusing = false;
    await harness.clock.advance(1_000);
    expect(await long).toBeInstanceOf(MessageTooLargeError);
    expect(await short).toBe('x');
  });

  test('more calls under way than are allowed fail fast, and may be made again', async () => {
    start({ maxPendingRequests: 2 });
    const { client } = await harness.connected();
    void caught(client.request('counter.never', {}));
    void caught(client.request('counter.never', {}));
    const error = await caught(settled(client.request('counter.never', {})));
    expect(error).toBeInstanceOf(TooManyRequestsError);
    expect(error).toMatchObject({ retryable: true });
    expect(harness.server.metrics.requests).toEqual([{ method: 'counter.never', outcome: 'refused', count: 1 }]);
  });
});

describe('a peer that is too new or too old', () => {
  test('is told so; calls fail with the reason', async () => {
    start();
    const accept = harness.server.accept.bind(harness.server);
    harness.server.accept = transport => accept({
      start: handlers => transport.start({ ...handlers, text: text => handlers.text(text.replace('"protocol":[1,1]', '"protocol":[7,9]')) }),
      send: text => transport.send(text),
      sendAll: texts => transport.sendAll(texts),
      close: (code, reason) => transport.close(code, reason),
      terminate: () => transport.terminate(),
      pause: () => {},
      resume: () => {},
      bufferedBytes: 0,
    });
    const { client, events } = harness.caller();
    client.open();
    const call = caught(client.request('echo', {}));
    await harness.settle();
    expect(await call).toBeInstanceOf(VersionError);
    expect(events).toEqual([['open'], ['websocketOpen'], ['error', 'ROPE_VERSION'], ['websocketClose', true]]);
    client.destroy();
  });
});

describe('a server that breaks the protocol', () => {
  test.each([
    ['garbage', '{'],
    ['a hello', '{"hello":{"protocol":[1,1],"client":"c","scope":"own"}}'],
    ['a gap in the numbers', '{"seq":9,"ack":0,"messages":[{"method":"later","params":{}}]}'],
    ['an acknowledgement of what was not sent', '{"ack":9}'],
    ['a request', '{"seq":2,"ack":0,"messages":[{"id":1,"method":"m","params":{}}]}'],
    ['a snapshot of nothing', '{"seq":2,"ack":0,"messages":[{"method":"rope.snapshot","params":{}}]}'],
  ])('by %s: the link is dropped and made again', async (_, frame) => {
    start();
    const caller = await harness.connected();
    await create(caller);
    say(frame.replace('"seq":2', '"seq":3'));
    await harness.settle();
    expect(caller.events.slice(3)).toEqual([['error', 'ROPE_PROTOCOL'], ['disconnected'], ['websocketClose', false]]);
    await harness.clock.advance(200);
    expect(caller.client.readyState).toBe(4);
  });

  test('before its welcome: likewise', async () => {
    start();
    harness.network.traits = { paused: true };
    const caller = await harness.connected();
    harness.network.traits = {};
    harness.network.link.resume();
    harness.network.link.server.send('{"ping":1}');
    await harness.settle();
    expect(caller.events.slice(2)).toEqual([['error', 'ROPE_PROTOCOL'], ['websocketClose', false]]);
    await harness.clock.advance(200);
    expect(caller.client.readyState).toBe(4);
  });

  test('does not trouble a listener that closes the client', async () => {
    start();
    const caller = await harness.connected();
    caller.client.on('error', () => caller.client.close());
    say('{');
    await harness.settle();
    expect([caller.client.readyState, caller.events.slice(3)]).toEqual([3, [['error', 'ROPE_PROTOCOL'], ['close']]]);
  });

  test('words that are not known here are let pass', async () => {
    start();
    const caller = await harness.connected();
    say('{"seq":2,"ack":0,"messages":[{"method":"rope.later","params":{}},{"id":99,"result":1}]}');
    say('{"pong":7}');
    say('{"ack":0}');
    await harness.settle();
    expect([caller.client.readyState, caller.events.length]).toEqual([4, 3]);
  });
});

describe('a client that breaks the protocol', () => {
  const frames: [string, string][] = [
    ['garbage', 'garbage'],
    ['a second hello', '{"hello":{"protocol":[1,1],"client":"c","scope":"own"}}'],
    ['a number that was there', '{"seq":1,"ack":0,"messages":[{"method":"later","params":{}}]}'],
    ['an acknowledgement of what was not sent', '{"ack":99}'],
    ['a cancel of nothing', '{"seq":2,"ack":0,"messages":[{"method":"rope.cancel","params":{}}]}'],
    ['the same request twice', '{"seq":2,"ack":0,"messages":[{"id":7,"method":"counter.never","params":{}},{"id":7,"method":"counter.never","params":{}}]}'],
  ];
  test.each(frames)('by %s: its session ends, no other is harmed', async (_, frame) => {
    start();
    const bad = await harness.connected();
    await create(bad);
    const link = harness.network.link;
    const good = await harness.connected();
    const kept = await create(good);
    const ends: unknown[] = [];
    harness.server.on('sessionEnd', (_session, reason) => ends.push(reason));
    link.client.send(frame);
    await harness.settle();
    expect([ends, [...harness.house.counters.keys()]]).toEqual([['protocol'], [kept.object]]);
    expect(bad.events.slice(3)).toEqual([['disconnected'], ['websocketClose', true]]);
    expect(await settled(good.client.request('counter.add', { counter: kept.object, by: 1 }))).toBe(1);
    await harness.clock.advance(200);
    expect(bad.host.take()).toEqual([['lost', [1], 'lease']]);
    expect(bad.client.readyState).toBe(4);
  });

  test.each([
    ['garbage', '[', -32_600, 'a frame must be JSON'],
    ['a frame too early', '{"ack":0}', -32_600, 'the first frame must be a hello'],
    ['a scope that is not known', '{"hello":{"protocol":[1,1],"client":"c","scope":"some"}}', -32_600, 'scope "some" is not known here, only own, all, observe'],
    ['no version in common', '{"hello":{"protocol":[2,3],"client":"c","scope":"own"}}', -32_001, 'this node speaks protocol 1 to 1, the client 2 to 3: upgrade one of them'],
  ])('by %s at the door: it is told why', async (_, frame, code, message) => {
    start();
    const transport = harness.network.connect('memory:');
    const heard: unknown[] = [];
    transport.start({ open: () => transport.send(frame), text: text => heard.push(JSON.parse(text)), binary: () => {}, closed: close => heard.push([close.code, close.reason]) });
    await harness.settle();
    expect(heard).toEqual([{ reject: expect.objectContaining({ code, message }) }, [code === -32_001 ? 4_406 : 4_400, message]]);
    expect(harness.server.sessions.size).toBe(0);
  });

  test('by talking on while it is asked who it is, over a link that cannot be paused: it is told so', async () => {
    start({ authenticate: () => new Promise(() => {}) });
    const accept = harness.server.accept.bind(harness.server);
    harness.server.accept = transport => accept(Object.assign(transport, { pause: () => {} }));
    const transport = harness.network.connect('memory:');
    const closes: unknown[] = [];
    transport.start({
      open: () => {
        transport.send('{"hello":{"protocol":[1,1],"client":"c","scope":"own"}}');
        transport.send('{"ack":0}');
      },
      text: () => {}, binary: () => {}, closed: ({ code, reason }) => closes.push([code, reason]),
    });
    await harness.settle();
    expect(closes).toEqual([[4_400, 'nothing may follow the hello before the welcome']]);
  });

  test('is an error of the class ProtocolError', () => {
    start();
    expect(new ProtocolError('x')).toMatchObject({ code: 'ROPE_PROTOCOL', retryable: false, name: 'ProtocolError' });
  });
});
