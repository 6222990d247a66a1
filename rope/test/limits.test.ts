import { afterEach, describe, expect, test } from '@jest/globals';

import { LATENCY_BUCKETS_MS } from '../src/server/index.ts';
import type { HandlerContext } from '../src/server/index.ts';
import { MemoryHarness } from './harness.ts';
import { RawClient } from './raw-client.ts';

let harness: MemoryHarness;
const start = (options: ConstructorParameters<typeof MemoryHarness>[0] = {}) => (harness = new MemoryHarness(options));
afterEach(() => harness.end());

const codes = (client: RawClient) => [...client.answers().values()].map(answer => ('error' in answer ? answer.error.data?.code : 'ok'));

describe('a session may have', () => {
  test('so many calls in a second; what has no answer counts too', async () => {
    start({ maxRequestsPerSecond: 10 });
    const client = await RawClient.connected(harness);
    const { object } = (await client.call(harness, 'counter.create')).result as { object: number };
    for (let poke = 0; poke < 4; poke += 1) client.notify('counter.poke', { counter: object });
    for (let call = 0; call < 7; call += 1) client.request('echo');
    client.request('no.such');
    await harness.settle();
    expect(codes(client)).toEqual(['ok', ...Array.from({ length: 5 }, () => 'ok'), ...Array.from({ length: 3 }, () => 'ROPE_TOO_MANY_REQUESTS')]);
    const refused = client.answers().get(7) as { error: { code: number; message: string; data: unknown } };
    expect(refused.error).toEqual({
      code: -32_003, message: 'echo was not done: this session has made more than 10 calls in a second',
      data: { name: 'TooManyRequestsError', code: 'ROPE_TOO_MANY_REQUESTS', details: { retryable: true } },
    });
    expect(harness.house.counters.get(object)!.value).toBe(4); // none of those is lost
    await harness.clock.advance(100);
    expect((await client.call(harness, 'echo', { value: 1 })).result).toBe(1);
    expect((await client.call(harness, 'echo', { value: 1 })).error?.data?.code).toBe('ROPE_TOO_MANY_REQUESTS');
    // Another client has a limit of its own.
    expect((await (await RawClient.connected(harness)).call(harness, 'echo', { value: 1 })).result).toBe(1);
  });

  test('so many calls under way', async () => {
    start({ maxPendingRequests: 3 });
    const client = await RawClient.connected(harness);
    for (let call = 0; call < 4; call += 1) client.request('counter.never');
    await harness.settle();
    expect([codes(client), (await client.call(harness, 'echo')).error?.message]).toEqual([['ROPE_TOO_MANY_REQUESTS'], 'echo was not done: 3 calls of this session are under way']);
  });

  test('so many objects, with all that share its owner', async () => {
    start({ maxObjectsPerSession: 3 });
    const [a, b] = [await RawClient.connected(harness, { ownerId: 'app' }), await RawClient.connected(harness, { ownerId: 'app' })];
    for (const client of [a, b, a]) client.request('counter.create');
    await harness.settle();
    const { error } = await b.call(harness, 'counter.create');
    expect(error).toEqual({
      code: -32_006, message: 'this counter was closed again: its owner has 3 objects, which is the limit; close others',
      data: { name: 'TooManyObjectsError', code: 'ROPE_TOO_MANY_OBJECTS', details: { retryable: true } },
    });
    expect([harness.server.registry.size, harness.house.counters.size]).toEqual([3, 3]);
    a.notify('counter.close', { counter: 1 });
    expect(await b.call(harness, 'counter.create')).toHaveProperty('result');
    expect(await (await RawClient.connected(harness)).call(harness, 'counter.create')).toHaveProperty('result');
  });

  test('so many fellows', async () => {
    start({ maxSessionsPerOwner: 2, maxSessionsPerPrincipal: 3, leaseMs: 1_000 });
    const [first] = [await RawClient.connected(harness, { ownerId: 'app' }), await RawClient.connected(harness, { ownerId: 'app' })];
    const third = await RawClient.connected(harness, { ownerId: 'app' });
    expect([third.closed?.code, third.reject?.code, third.reject?.data?.code]).toEqual([4_429, -32_007, 'ROPE_TOO_MANY_SESSIONS']);
    await RawClient.connected(harness);
    const fourth = await RawClient.connected(harness);
    expect([fourth.closed?.code, fourth.reject?.message]).toEqual([4_429, 'anonymous has 3 sessions, which is the limit: end others, or wait for their leases']);
    first.vanish();
    await harness.clock.advance(1_000);
    expect((await RawClient.connected(harness, { ownerId: 'app' })).welcome?.session.resume).toBe('new');
    expect(harness.server.metrics).toMatchObject({ sessions: 3, rejections: { ROPE_TOO_MANY_SESSIONS: 2 } });
  });
});

describe('what a client sends', () => {
  test('is checked before the handler sees it', async () => {
    const checked: unknown[] = [];
    start({
      check: (method, params) => {
        checked.push([method, structuredClone(params)]);
        if (typeof params.counter !== 'number' && method !== 'counter.match') throw new TypeError(`counter of ${method} must be a number`);
      },
    });
    const client = await RawClient.connected(harness);
    expect((await client.call(harness, 'counter.read', { counter: 'x' })).error).toEqual({
      code: -32_602, message: 'counter of counter.read must be a number', data: { name: 'TypeError' },
    });
    client.notify('counter.poke', {});
    await client.call(harness, 'counter.match', { options: { table: { $rope: ['def', 1, [1]] } } });
    await client.call(harness, 'no.such', {});
    expect(checked).toEqual([['counter.read', { counter: 'x' }], ['counter.poke', {}], ['counter.match', { options: { table: [1] } }]]);
    expect(harness.server.metrics.requests).toContainEqual({ method: 'counter.read', outcome: 'refused', count: 1 });
  });

  test('is not taken when it is too deep, and cannot poison anything', async () => {
    start();
    const client = await RawClient.connected(harness);
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect((await client.call(harness, 'echo', { value: nested(31) })).result).toEqual(nested(31));
    expect((await client.call(harness, 'echo', { value: nested(32) })).error?.message).toBe('the parameters of echo stand more than 32 deep in one another; send flatter ones');
    client.notify('counter.poke', { counter: nested(1_000) });
    const poison = '{"constructor":{"prototype":{"bad":1}},"__proto__":{"bad":1},"value":{"__proto__":{"bad":1},"fine":1}}';
    client.say(`{"seq":${client.last + 1},"ack":0,"messages":[{"id":99,"method":"echo","params":${poison}}]}`);
    await harness.settle();
    expect(JSON.stringify(client.answers().get(99))).toBe('{"id":99,"result":{"fine":1}}');
    expect([({} as { bad?: number }).bad, client.closed]).toEqual([undefined, undefined]);
  });

  test('to be kept with an object is kept when it is small, and an object', async () => {
    start();
    const client = await RawClient.connected(harness);
    const kept = async (appData: unknown) => {
      const { object } = (await client.call(harness, 'counter.create', { appData: { former: 1 } })).result as { object: number };
      client.notify('counter.keep', { counter: object, appData });
      await harness.settle();
      return harness.server.registry.get(object)!.appData;
    };
    expect([await kept({ room: 1 }), await kept({})]).toEqual([{ room: 1 }, {}]);
    for (const appData of [{ long: 'x'.repeat(65_536) }, [1], 'text', null, undefined]) expect(await kept(appData)).toBeUndefined();
  });

  test('once stands for all later calls, over links too', async () => {
    start();
    const client = await RawClient.connected(harness);
    const table = { codecs: [1, 2, 3] };
    const match = (said: unknown) => ({ options: { table: said } });
    expect((await client.call(harness, 'counter.match', match({ $rope: ['def', 1, table] }))).result).toEqual(table);
    expect((await client.call(harness, 'counter.match', match({ $rope: ['ref', 1] }))).result).toEqual(table);
    client.vanish();
    await harness.settle();
    const again = await RawClient.connected(harness, { session: { id: client.welcome!.session.id, received: client.received } }, client.last);
    expect(again.welcome?.session.resume).toBe('replay');
    again.tell({ id: 50, method: 'counter.match', params: match({ $rope: ['ref', 1] }) });
    await harness.settle();
    expect(again.answers().get(50)).toEqual({ id: 50, result: table });
    again.tell({ id: 51, method: 'counter.match', params: match({ $rope: ['ref', 2] }) });
    await harness.settle();
    expect([again.closed?.code, again.closed?.reason]).toEqual([4_400, 'a value was named by a number that nobody has given it']);
  });

  test('once counts though its call was refused', async () => {
    start({ maxRequestsPerSecond: 1 });
    const client = await RawClient.connected(harness);
    client.request('echo');
    client.request('counter.match', { options: { table: { $rope: ['def', 1, [1]] } } });
    await harness.clock.advance(1_000);
    expect(codes(client)).toEqual(['ok', 'ROPE_TOO_MANY_REQUESTS']);
    expect((await client.call(harness, 'counter.match', { options: { table: { $rope: ['ref', 1] } } })).result).toEqual([1]);
  });

  test('twice under one number of a request ends its session', async () => {
    start();
    const client = await RawClient.connected(harness);
    client.request('counter.never');
    client.tell({ id: 1, method: 'echo', params: {} });
    await harness.settle();
    expect([client.closed?.code, client.closed?.reason, harness.server.sessions.size]).toEqual([4_400, 'request 1 is under way already', 0]);
  });
});

test('a handler that looks late sees that its caller has given up', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: boolean[] = [];
  start({ handlers: { 'counter.never': async (_: unknown, context: HandlerContext) => {
    await gate.promise;
    seen.push(context.signal.aborted);
  } } as never });
  const client = await RawClient.connected(harness);
  const id = client.request('counter.never');
  client.notify('rope.cancel', { id });
  await harness.settle();
  gate.resolve();
  await harness.settle();
  expect([seen, client.answers().size]).toEqual([[true], 0]);
});

describe('a server', () => {
  test('tells one session what concerns it alone', async () => {
    start();
    const [a, b] = [await RawClient.connected(harness, { scope: 'all' }), await RawClient.connected(harness, { scope: 'all' })];
    for (const client of [a, b]) client.takeNews();
    harness.server.sessions.get(a.welcome!.session.id)!.notify('counter.log', { line: 'hello' });
    await harness.settle();
    expect([a.takeNews(), b.takeNews()]).toEqual([[['counter.log', { line: 'hello' }]], []]);
  });

  test('counts what it does', async () => {
    start();
    const client = await RawClient.connected(harness, { scope: 'all' });
    await client.call(harness, 'counter.create');
    client.request('counter.never');
    client.request('counter.createLater');
    await harness.clock.advance(40);
    harness.house.gate.resolve();
    await harness.settle();
    const { metrics } = harness.server;
    expect(metrics).toMatchObject({
      sessions: 1, connected: 1, objects: 2, pendingRequests: 1, resumes: { new: 1, snapshot: 0, replay: 0 }, rejections: {},
      requests: [{ method: 'counter.create', outcome: 'ok', count: 1 }, { method: 'counter.createLater', outcome: 'ok', count: 1 }],
    });
    expect(metrics.latencies.map(({ method, count, sumMs, buckets }) => [method, count, sumMs, buckets.findIndex(n => n > 0)])).toEqual([
      ['counter.create', 1, 0, 0], ['counter.createLater', 1, 40, LATENCY_BUCKETS_MS.indexOf(50)],
    ]);
    expect([metrics.bytesIn > 100, metrics.bytesOut > 100, metrics.queuedBytes > 0]).toEqual([true, true, true]);
    const before = metrics;
    client.transport.close(1_000, 'destroy');
    await harness.settle();
    const after = harness.server.metrics;
    expect([after.sessions, after.bytesIn, after.bytesOut >= before.bytesOut]).toEqual([0, before.bytesIn, true]);
  });

  test('shows how a session stands, without its secrets', async () => {
    start();
    const client = await RawClient.connected(harness, { ownerId: 'app', token: 'secret-token' });
    await client.call(harness, 'counter.create');
    client.request('counter.never');
    await harness.clock.advance(70);
    const { id } = client.welcome!.session;
    const shown = harness.server.inspect(id)!;
    expect(shown).toMatchObject({
      client: 'raw', principal: 'anonymous', scope: 'own', ownerId: 'app', state: 'linked', objects: 1, received: 2, links: { new: 1, replay: 0, snapshot: 0 },
      working: [{ id: 2, method: 'counter.never', ageMs: 70 }],
    });
    expect(JSON.stringify(shown)).not.toMatch(new RegExp(`secret-token|${id}`));
    expect(structuredClone(shown)).toEqual(shown);
    expect(harness.server.inspect('nobody')).toBeUndefined();
  });
});
