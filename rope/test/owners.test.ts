import { afterEach, describe, expect, test } from '@jest/globals';

import { MemoryHarness } from './harness.ts';
import { RawClient } from './raw-client.ts';

const CRASHES = Number(process.env.CRASHES ?? 50);

let harness: MemoryHarness;
const start = (options: ConstructorParameters<typeof MemoryHarness>[0] = {}) => (harness = new MemoryHarness({ leaseMs: 10_000, ...options }));
afterEach(() => harness.end());

const create = async (client: RawClient, params: Record<string, unknown> = {}) => ((await client.call(harness, 'counter.create', params)).result as { object: number }).object;
const objects = () => [...harness.server.registry.entries()].map(({ object }) => object);

describe('an owner with an id', () => {
  test('is taken over by the next process, which finds all in its first snapshot', async () => {
    start();
    const first = await RawClient.connected(harness, { ownerId: 'app' });
    const object = await create(first, { value: 5, appData: { room: 1 } });
    first.vanish();
    await harness.clock.advance(9_000);
    const second = await RawClient.connected(harness, { ownerId: 'app' });
    expect([second.welcome?.session.resume, second.takeNews()]).toEqual(['new', [
      ['snapshot', { objects: [{ object, type: 'counter', state: { value: 5, label: null }, appData: { room: 1 } }], last: true }],
    ]]);
    await RawClient.pass(harness, 60_000, second);
    expect([objects(), harness.server.sessions.size]).toEqual([[object], 1]);
    expect((await second.call(harness, 'counter.add', { counter: object, by: 1 })).result).toBe(6);
  });

  test('keeps its objects until the last of its sessions ends', async () => {
    start();
    const [a, b] = [await RawClient.connected(harness, { ownerId: 'app' }), await RawClient.connected(harness, { ownerId: 'app' })];
    const made = [await create(a), await create(b)];
    a.transport.close(1_000, 'destroy');
    await harness.settle();
    expect(objects()).toEqual(made);
    b.vanish();
    await harness.clock.advance(9_999);
    expect(objects()).toEqual(made);
    await harness.clock.advance(1);
    expect([objects(), harness.server.sessions.size]).toEqual([[], 0]);
  });

  test('tells its sessions of each other\'s objects, and lets each use them', async () => {
    start();
    const [a, b, other] = [await RawClient.connected(harness, { ownerId: 'app' }), await RawClient.connected(harness, { ownerId: 'app' }), await RawClient.connected(harness, { ownerId: 'other' })];
    for (const client of [a, b, other]) client.takeNews();
    const object = await create(a);
    const child = await create(b, { parent: object });
    expect([a.takeNews().map(([word]) => word), b.takeNews().map(([word]) => word), other.takeNews()]).toEqual([['created'], ['created'], []]);
    b.notify('counter.close', { counter: object });
    await harness.settle();
    expect([a.takeNews(), objects(), child]).toEqual([[['closed', { object }]], [], object + 1]);
  });

  test('of another principal is another one', async () => {
    start({ authenticate: ({ token }) => ({ name: token!, scopes: ['own'] }) });
    const a = await RawClient.connected(harness, { token: 'a', ownerId: 'app' });
    await create(a);
    const b = await RawClient.connected(harness, { token: 'b', ownerId: 'app' });
    expect(b.takeNews()).toEqual([['snapshot', { objects: [], last: true }]]);
  });

  test('cannot be reached by naming the key of a session', async () => {
    start();
    const a = await RawClient.connected(harness);
    await create(a);
    const b = await RawClient.connected(harness, { ownerId: a.welcome!.session.id });
    expect(b.takeNews()).toEqual([['snapshot', { objects: [], last: true }]]);
  });

  test('ends with the server\'s goodbye, as all do', async () => {
    start();
    await create(await RawClient.connected(harness, { ownerId: 'app' }));
    await create(await RawClient.connected(harness, { ownerId: 'app' }));
    const gone = harness.server.goodbye('scale-in');
    await harness.settle();
    await gone;
    expect([objects(), harness.house.counters.size, harness.server.sessions.size]).toEqual([[], 0, 0]);
  });
});

describe('the node forgets', () => {
  test(`everything of ${CRASHES} apps that crash in a row`, async () => {
    start();
    const watcher = await RawClient.connected(harness, { scope: 'all' });
    for (let crash = 0; crash < CRASHES; crash += 1) {
      const app = await RawClient.connected(harness, crash % 2 === 0 ? {} : { ownerId: `app-${crash % 5}` });
      for (let made = 0; made < 5; made += 1) {
        const parent = await create(app);
        app.request('counter.create', { parent });
        app.request('counter.createLater', { parent });
        app.request('counter.never');
      }
      if (crash % 3 !== 0) await harness.settle();
      app.vanish();
      await RawClient.pass(harness, crash % 7 === 0 ? 12_000 : 500, watcher);
    }
    harness.house.gate.resolve();
    await RawClient.pass(harness, 20_000, watcher);
    expect([objects(), harness.house.counters.size, harness.server.sessions.size]).toEqual([[], 0, 1]);
    expect(harness.house.signals.every(({ aborted }) => aborted)).toBe(true);
    // What one who saw it all is left with is nothing too.
    const known = new Set<number>();
    for (const [word, params] of watcher.takeNews()) {
      if (word === 'created') known.add((params as { object: number }).object);
    }
    expect(known.size).toBeGreaterThan(CRASHES * 8);
    watcher.vanish();
    await harness.clock.advance(10_000);
    expect([harness.server.sessions.size, harness.clock.timers, harness.server.metrics.pendingRequests]).toEqual([0, 0, 0]);
  }, 30_000 + CRASHES * 500);

  test('an object that is made when its session has ended already', async () => {
    start();
    const app = await RawClient.connected(harness);
    app.request('counter.createLater');
    await harness.settle();
    app.transport.close(1_000, 'destroy');
    await harness.settle();
    harness.house.gate.resolve();
    await harness.settle();
    expect([objects(), harness.house.counters.size]).toEqual([[], 0]);
  });
});
