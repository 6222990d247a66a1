import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ConnectionLostError, MethodNotFoundError, NotConnectedError, ObjectNotFoundError, RequestTimeoutError } from '../src/errors.ts';
import type { ObjectRecord } from '../src/protocol/message.ts';
import type { Caller, Harness } from './harness.ts';
import { MemoryHarness, SocketHarness } from './harness.ts';

describe.each([
  ['in memory', async (): Promise<Harness> => new MemoryHarness()],
  ['over a WebSocket', (): Promise<Harness> => SocketHarness.start()],
])('a conversation %s', (_, start) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await start();
  });
  afterEach(() => harness.end());

  /** Answers of memory come when it settles; those of a socket by themselves. */
  async function result<T>(promise: Promise<T>): Promise<T> {
    await Promise.race([promise.catch(() => {}), harness.settle()]);
    return promise;
  }
  const create = ({ client }: Caller, parent?: number) =>
    result(client.request('counter.create', { parent }, { onResult: (record: ObjectRecord) => client.replica.adopt(record) }));

  test('begins in the order open, websocketOpen, connected, all after open() has returned', async () => {
    const { client, events } = harness.caller();
    expect([client.readyState, client.node, client.payload]).toEqual([3, undefined, undefined]);
    expect(client.open()).toBe(client);
    expect([client.readyState, events]).toEqual([0, []]);
    await harness.settle();
    expect(events).toEqual([['open'], ['websocketOpen'], ['connected', { resume: 'new' }]]);
    expect([client.readyState, client.node, client.payload]).toEqual([4, { id: 'node-1', name: 'node', epoch: 'epoch-1' }, { version: 7 }]);
  });

  test('answers calls, also with undefined and with values that JSON has no word for', async () => {
    const { client } = await harness.connected();
    expect(await result(client.request('echo', { value: { a: [1, 'ü', null] } }))).toEqual({ a: [1, 'ü', null] });
    expect(await result(client.request('echo', {}))).toBeUndefined();
    expect(await result(client.request('rich', {}))).toEqual({ big: 12n, bytes: Buffer.from('hi') });
  });

  test('keeps the class and code of an error, and lives on after it', async () => {
    const { client } = await harness.connected();
    for (const how of ['sync', 'async'] as const) {
      const error = await result(client.request('counter.fail', { how, code: 'E_ASKED' })).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: 'as asked', code: 'E_ASKED' });
    }
    await expect(result(client.request('counter.nothing' as 'echo', {}))).rejects.toThrow(MethodNotFoundError);
    await expect(result(client.request('counter.poke' as 'echo', {}))).rejects.toThrow(MethodNotFoundError); // a notification
    await expect(result(client.request('toString' as 'echo', {}))).rejects.toThrow('no method toString here');
    await expect(result(client.request('counter.add', { counter: 99, by: 1 }))).rejects.toThrow(ObjectNotFoundError);
    await expect(result(client.request('circle', {}))).rejects.toThrow(TypeError);
    expect(await result(client.request('echo', { value: 1 }))).toBe(1);
  });

  test('changes state before the answer, and tells of it before the event', async () => {
    const caller = await harness.connected();
    const { client, host } = caller;
    const { object } = await create(caller);
    expect(client.replica.get(object)!.state).toEqual({ value: 0, label: undefined });
    const add = client.request('counter.add', { counter: object, by: 5 });
    expect(await result(add.then(value => [value, client.replica.get(object)!.state.value]))).toEqual([5, 5]);
    client.notify('counter.poke', { counter: object });
    await harness.settle();
    expect(host.take()).toEqual([
      ['patched', object, { value: 5, label: undefined }, { value: 0 }],
      ['poke', object, [6], { value: 6, label: undefined }, { value: 5 }],
    ]);
    await result(client.request('counter.add', { counter: object, by: 0 }));
    expect(host.take()).toEqual([]); // nothing has changed
  });

  test('runs everything synchronous after an await before the next event', async () => {
    const caller = await harness.connected();
    const { client, host } = caller;
    const order: string[] = [];
    host.onWord = word => order.push(word);
    const first = await create(caller);
    const answered = client.request('echo', {});
    client.notify('counter.poke', { counter: first.object });
    await result((async () => {
      await (async () => {
        await answered;
      })();
      order.push('awaited');
    })());
    await harness.settle();
    expect(order).toEqual(['awaited', 'poke']);
  });

  test('handles calls in the order in which they were made', async () => {
    const caller = await harness.connected();
    const { object } = await create(caller);
    const results = Array.from({ length: 200 }, (_, by) => caller.client.request('counter.add', { counter: object, by }));
    await result(Promise.all(results));
    expect(harness.house.calls).toEqual(Array.from({ length: 200 }, (_, by) => `add ${by}`));
  });

  test('closes on this side at once, and swallows the echo', async () => {
    const caller = await harness.connected();
    const { client, host } = caller;
    const top = await create(caller);
    const child = await create(caller, top.object);
    client.replica.forget(top.object);
    client.notify('counter.close', { counter: top.object });
    expect([client.replica.size, client.replica.get(child.object)]).toEqual([0, undefined]);
    await harness.settle();
    expect(harness.server.registry.size).toBe(0);
    expect(host.take()).toEqual([]);
  });

  test('tells of the top of a cascade alone, with its children still there', async () => {
    const caller = await harness.connected();
    const { client, host } = caller;
    const top = await create(caller);
    const child = await create(caller, top.object);
    const seen: unknown[] = [];
    host.onWord = (_, record) => seen.push([...client.replica.children(record.object)].map(({ object }) => object));
    harness.house.counters.get(top.object)!.close();
    await harness.settle();
    expect(host.take()).toEqual([['closed', top.object]]);
    expect(seen).toEqual([[child.object]]);
    expect(client.replica.size).toBe(0);
  });

  test('tells of objects that no answer brings', async () => {
    const caller = await harness.connected();
    const { object } = await create(caller);
    const [session] = harness.server.sessions.values();
    const record = harness.house.make({ objects: session!.objects }, object, 3, true);
    await harness.settle();
    expect(caller.host.take()).toEqual([['created', record.object, { value: 3, label: undefined }]]);
    expect(caller.client.replica.get(record.object)!.parent).toBe(object);
  });

  test('hides the objects of one session from another', async () => {
    const a = await harness.connected();
    const b = await harness.connected();
    const { object } = await create(a);
    await expect(result(b.client.request('counter.add', { counter: object, by: 1 }))).rejects.toThrow(ObjectNotFoundError);
    await expect(create(b, object)).rejects.toThrow(ObjectNotFoundError);
    const [ofA, ofB] = [...harness.server.sessions.values()].map(({ objects }) => objects);
    const entity = harness.house.counters.get(object)!;
    expect([ofA!.idOf(entity), ofB!.idOf(entity), ofB!.idOf({})]).toEqual([object, undefined, undefined]);
    expect(() => ofA!.get('worker', object)).toThrow(`object ${object} is a counter, not a worker`);
    expect(() => ofA!.get(['worker', 'router'], object)).toThrow('not a worker or router');
    expect([a.client.replica.size, b.client.replica.size, b.host.take()]).toEqual([1, 0, []]);
    const other = await create(b);
    expect(other.object).not.toBe(object);
  });

  test('takes notifications that fail for what they are', async () => {
    const caller = await harness.connected();
    const { client } = caller;
    client.notify('counter.close', { counter: 99 });
    client.notify('counter.pokeLater', { counter: 99 });
    client.notify('counter.nothing' as 'counter.close', { counter: 99 });
    client.notify('echo' as 'counter.close', { counter: 99 }); // a request
    expect(await result(client.request('echo', { value: 1 }))).toBe(1);
  });

  test('goes on after a cut: what was missed becomes events in their order, calls in flight complete, others wait', async () => {
    const caller = await harness.connected();
    const { client, host, events } = caller;
    const kept = await create(caller);
    const closedMeanwhile = await create(caller);
    const below = await create(caller, closedMeanwhile.object);
    const inFlight = client.request('counter.createLater', { parent: kept.object }, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
    await harness.settle();
    host.take();
    events.splice(0);
    harness.cut();
    const { counters } = harness.house;
    counters.get(closedMeanwhile.object)!.close();
    counters.get(kept.object)!.poke();
    const [session] = harness.server.sessions.values();
    const made = harness.house.make({ objects: session!.objects }, kept.object, 8, true);
    harness.house.gate.resolve();
    const add = () => client.request('counter.add', { counter: kept.object, by: 1 });
    if (harness instanceof MemoryHarness) {
      await harness.settle();
      expect(client.readyState).toBe(0);
      expect(client.replica.get(kept.object)!.state.value).toBe(0); // reads go on
      const waiting = add();
      await harness.clock.advance(100);
      expect(await waiting).toBe(2);
    } else {
      await once(client as never, 'connected');
      expect(await add()).toBe(2);
    }
    await harness.settle();
    expect(client.replica.get((await inFlight).object)!.parent).toBe(kept.object);
    expect(events.filter(([name]) => name !== 'websocketClose')).toEqual([['disconnected'], ['websocketOpen'], ['connected', { resume: 'replay' }]]);
    expect(events).toContainEqual(['websocketClose', false]);
    expect(host.take()).toEqual([
      ['closed', closedMeanwhile.object],
      ['poke', kept.object, [1], { value: 1, label: undefined }, { value: 0 }],
      ['created', made.object, { value: 8, label: undefined }],
      ['patched', kept.object, { value: 2, label: undefined }, { value: 1 }],
    ]);
    expect(client.replica.get(below.object)).toBeUndefined();
    expect(harness.server.sessions.size).toBe(1);
    expect(client.metrics.resumes).toEqual({ new: 1, snapshot: 0, replay: 1 });
  });

  test('ends with destroy(): the server closes what was made, nothing has died', async () => {
    const caller = await harness.connected();
    const { client, host, events } = caller;
    const { object } = await create(caller);
    const counter = harness.house.counters.get(object)!;
    const ended = once(harness.server as never, 'sessionEnd');
    const waiting = client.request('counter.never', {}).catch((error: unknown) => error);
    events.splice(0);
    client.destroy();
    expect([client.readyState, client.replica.size, events]).toEqual([3, 0, []]);
    expect(await waiting).toBeInstanceOf(ConnectionLostError);
    await Promise.race([ended, harness.settle()]);
    expect((await ended)[1]).toBe('closed');
    expect(counter.closed).toBe(true);
    expect(host.take()).toEqual([['left', [object], 'closed']]);
    expect(events).toEqual([['close']]);
    await expect(client.request('echo', {})).rejects.toThrow(NotConnectedError);
    client.notify('counter.poke', { counter: object });
    expect(() => client.open()).toThrow('this client is destroyed');
    client.destroy();
  });

  test('can be closed and opened again', async () => {
    const { client, events } = await harness.connected();
    expect(() => client.open()).toThrow('open already');
    client.close();
    client.close();
    client.open();
    await harness.settle();
    expect(client.readyState).toBe(4);
    expect(events.slice(3)).toEqual([['close'], ['open'], ['websocketOpen'], ['connected', { resume: 'new' }]]);
  });

  test('can be closed while it connects', async () => {
    const { client, events } = harness.caller();
    client.open();
    client.close();
    await harness.settle();
    expect([client.readyState, events.map(([name]) => name)]).toEqual([3, ['open', 'close']]);
    expect(harness.server.sessions.size).toBe(0);
  });

  test('hears a goodbye: objects leave quietly', async () => {
    const caller = await harness.connected();
    const { client, host, events } = caller;
    const { object } = await create(caller);
    const counter = harness.house.counters.get(object)!;
    const inFlight = client.request('counter.never', {}).catch((error: unknown) => error);
    events.splice(0);
    const said = once(client as never, 'goodbye');
    const goodbye = harness.server.goodbye('scale-in');
    await Promise.race([said, harness.settle()]);
    await said;
    await Promise.race([goodbye, harness.settle()]);
    await goodbye;
    expect(host.take()).toEqual([['left', [object], 'scale-in']]);
    expect(events.slice(0, 3)).toEqual([['goodbye', 'scale-in'], ['disconnected'], ['websocketClose', true]]);
    expect(counter.closed).toBe(true);
    expect(await inFlight).toBeInstanceOf(ConnectionLostError);
    expect([harness.server.sessions.size, harness.server.metrics.connected]).toEqual([0, 0]);
    client.destroy();
  });

  test('hears of draining, also when it comes later', async () => {
    const early = await harness.connected();
    harness.server.setDraining(true);
    harness.server.setDraining(true);
    await harness.settle();
    const late = await harness.connected();
    await harness.settle();
    expect([harness.server.draining, early.client.draining, late.client.draining]).toEqual([true, true, true]);
    harness.server.setDraining(false);
    await harness.settle();
    expect(early.events.filter(([name]) => name === 'draining')).toEqual([['draining', true], ['draining', false]]);
  });

  test('gives a call up when its signal says so, and undoes what it makes', async () => {
    const { client } = await harness.connected();
    const controller = new AbortController();
    const never = client.request('counter.never', {}, { signal: controller.signal });
    const later = client.request('counter.createLater', {}, { signal: controller.signal });
    await harness.settle();
    controller.abort(new Error('not needed'));
    await expect(never).rejects.toThrow('not needed');
    await expect(later).rejects.toThrow('not needed');
    await expect(client.request('echo', {}, { signal: controller.signal })).rejects.toThrow('not needed');
    await harness.settle();
    expect(harness.house.signals[0]!.aborted).toBe(true);
    harness.house.gate.resolve();
    await harness.settle();
    expect([harness.server.registry.size, harness.house.counters.size]).toEqual([0, 0]);
  });

  test('closes an object whose answer crosses with the giving up', async () => {
    const { client } = await harness.connected();
    const controller = new AbortController();
    const create = client.request('counter.create', {}, { signal: controller.signal });
    create.catch(() => {});
    // As soon as it is made: the answer is on its way, the word of giving up is still to come.
    const { registry } = harness.server;
    const add = registry.add.bind(registry);
    registry.add = (owner, entry) => {
      queueMicrotask(() => controller.abort(new Error('not needed')));
      return add(owner, entry);
    };
    await harness.settle();
    await expect(create).rejects.toThrow('not needed');
    expect(harness.house.counters.size).toBe(0);
    expect([harness.server.registry.size, harness.house.counters.size]).toEqual([0, 0]);
  });

  test('lets a call end at its deadline', async () => {
    const { client } = await harness.connected();
    const call = client.request('counter.never', {}, { timeoutMs: 20 });
    const failed = expect(call).rejects.toThrow(RequestTimeoutError);
    if (harness instanceof MemoryHarness) await harness.clock.advance(20);
    await failed;
    await harness.settle();
    expect(harness.house.signals[0]!.aborted).toBe(true);
  });

  test('is counted', async () => {
    const caller = await harness.connected();
    const { object } = await create(caller);
    await create(caller, object);
    await expect(result(caller.client.request('counter.fail', { how: 'sync' }))).rejects.toThrow('as asked');
    void caller.client.request('counter.never', {}).catch(() => {});
    await harness.settle();
    const { requests, ...rest } = harness.server.metrics;
    expect(rest).toMatchObject({ sessions: 1, connected: 1, objects: 2, pendingRequests: 1 });
    expect(requests).toContainEqual({ method: 'counter.create', outcome: 'ok', count: 2 });
    expect(requests).toContainEqual({ method: 'counter.fail', outcome: 'error', count: 1 });
  });
});
