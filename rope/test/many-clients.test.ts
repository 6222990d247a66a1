import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { ObjectRecord } from '../src/protocol/message.ts';
import { MemoryHarness } from './harness.ts';
import type { Caller } from './harness.ts';

const RUNS = Number(process.env.ROPE_RUNS ?? 200);

type View = Record<number, { parent: number | undefined; state: Record<string, unknown>; appData: unknown }>;

/** The server's own registry, as a client should see it. */
function dump({ server }: MemoryHarness): View {
  return Object.fromEntries([...server.registry.entries()].map(({ object, parent, state, appData }) => [object, { parent, state: state(), appData: appData ?? {} }]));
}

function viewOf({ client: { replica } }: Caller): View {
  const below = (objects: Iterable<{ object: number }>): number[] => [...objects].flatMap(({ object }) => [object, ...below(replica.children(object))]);
  return Object.fromEntries(below(replica.roots()).map(object => {
    const { parent, state, appData } = replica.get(object)!;
    return [object, { parent, state, appData: appData ?? {} }];
  }));
}

const create = ({ client }: Caller, params: { parent?: number; value?: number; appData?: Record<string, unknown> } = {}) =>
  client.request('counter.create', params, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });

describe('many clients', () => {
  let harness: MemoryHarness;
  beforeEach(() => { harness = new MemoryHarness(); });
  afterEach(() => harness.end());

  test('what A creates, B sees with all its fields before A has its answer', async () => {
    const [a, b] = [await harness.connected(), await harness.connected({ scope: 'all' })];
    const order: unknown[] = [];
    b.host.onWord = (word, { type, state, appData }) => order.push(['b', word, type, { ...state }, appData]);
    const made = create(a, { value: 7, appData: { room: 'blue' } }).then(({ object }) => order.push(['a', object]));
    await harness.settle();
    await made;
    expect(order).toContainEqual(['b', 'created', 'counter', { value: 7, label: undefined }, { room: 'blue' }]);
    expect(order).toHaveLength(2);
    expect(viewOf(b)).toEqual(dump(harness));
  });

  test('50 of them with 20,000 objects, each with its own and three with all', async () => {
    const callers = await Promise.all(Array.from({ length: 47 }, () => harness.connected()));
    const watchers = [await harness.connected({ scope: 'all' }), await harness.connected({ scope: 'observe' })];
    const perClient = 425;
    for (const caller of callers) {
      const { object } = await (async () => {
        const root = create(caller);
        await harness.settle();
        return root;
      })();
      for (let made = 1; made < perClient; made += 1) void create(caller, { parent: object, value: made });
    }
    await harness.settle();
    const total = callers.length * perClient;
    expect([harness.server.registry.size, callers.map(({ client }) => client.replica.size), watchers.map(({ client }) => client.replica.size)])
      .toEqual([total, callers.map(() => perClient), [total, total]]);

    // A late one gets it in parts, while the others go on.
    const late = harness.caller({ scope: 'all' });
    late.client.open();
    const settled = harness.settle();
    for (let turn = 0; late.client.readyState !== 4; turn += 1) {
      await new Promise(resolve => setImmediate(resolve));
      if (turn % 10 === 0) bustle(callers[(turn / 10) % callers.length]!, turn);
    }
    await settled;
    await harness.settle();
    const there = JSON.stringify(dump(harness)); // as texts: 60,000 objects take Jest's comparison seconds
    expect(harness.server.registry.size).not.toBe(total);
    for (const caller of [...watchers, late]) expect(JSON.stringify(viewOf(caller)) === there).toBe(true);

    for (const { client } of callers) client.destroy();
    await harness.settle();
    expect([harness.server.registry.size, watchers[0]!.client.replica.size, late.client.replica.size, harness.house.counters.size]).toEqual([0, 0, 0, 0]);
  }, 60_000);
});

/** A little of everything. */
function bustle(caller: Caller, turn: number): void {
  const { client } = caller;
  const { object } = client.replica.roots()[0]!;
  void client.request('counter.add', { counter: object, by: 1 });
  if (turn % 30 === 0) void create(caller, { parent: object });
  if (turn % 50 !== 0) return;
  const [child] = client.replica.children(object);
  client.replica.forget(child!.object);
  client.notify('counter.close', { counter: child!.object });
}

/** One thing that one of two clients does, or that happens to both; `at` chooses among the objects that are there. */
type Op =
  | { readonly op: 'create' | 'createLater' | 'add' | 'poke' | 'close' | 'keep' | 'closeThere' | 'pokeThere'; readonly who: number; readonly at: number }
  | { readonly op: 'settle' | 'openGate' | 'bulk' }
  | { readonly op: 'cut' | 'restart'; readonly who: number }
  | { readonly op: 'wait'; readonly ms: number };

const who = fc.nat(1);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ op: fc.constantFrom('create', 'createLater', 'add', 'poke', 'close', 'keep', 'closeThere', 'pokeThere'), who, at: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('settle' as const, 'settle' as const, 'openGate' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('bulk' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('cut', 'restart'), who }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
);

const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length];

async function run(harness: MemoryHarness, callers: Caller[], step: Op): Promise<void> {
  const { house } = harness;
  switch (step.op) {
    case 'settle':
      return harness.settle();
    case 'wait':
      return harness.clock.advance(step.ms);
    case 'openGate':
      house.gate.resolve();
      house.gate = Promise.withResolvers<void>();
      return;
    case 'bulk': { // more than one part of a snapshot
      const { objects } = [...harness.server.sessions.values()][0]!;
      const { object } = house.make({ objects }, undefined, 0, true);
      for (let made = 0; made < 150; made += 1) house.make({ objects }, object, made, true);
      return;
    }
    case 'cut':
      return harness.network.links.filter((_, index) => index % 2 === step.who).forEach(link => link.cut());
    case 'restart': { // a new process of the same owner
      const former = callers[step.who]!;
      former.client.destroy();
      callers[step.who] = harness.caller({ scope: 'all', ownerId: 'app' });
      callers[step.who]!.client.open();
      return;
    }
    default: {
      const { client } = callers[step.who]!;
      const counter = pick(Object.keys(viewOf(callers[step.who]!)).map(Number), step.at);
      if (step.op === 'create' || step.op === 'createLater') {
        const parent = step.at % 3 === 0 ? undefined : counter;
        const appData = step.at % 2 === 0 ? { at: step.at } : undefined;
        return void client.request(`counter.${step.op}`, { parent, appData }, { onResult: record => client.replica.adopt(record) }).catch(() => {});
      }
      const there = pick([...house.counters.values()], step.at);
      if (step.op === 'closeThere') return there?.close();
      if (step.op === 'pokeThere') return there?.poke();
      if (counter === undefined) return;
      if (step.op === 'add') return void client.request('counter.add', { counter, by: 1 }).catch(() => {});
      if (step.op === 'poke') return client.notify('counter.poke', { counter });
      if (step.op === 'keep') {
        const appData = { kept: step.at };
        client.replica.keep(counter, appData);
        return client.notify('counter.keep', { counter, appData });
      }
      client.replica.forget(counter);
      client.notify('counter.close', { counter });
    }
  }
}

test('after any sequence by two clients that see all, both replicas are the server\'s registry', async () => {
  await fc.assert(fc.asyncProperty(fc.array(op, { maxLength: 40 }), async ops => {
    const harness = new MemoryHarness();
    const callers = [await harness.connected({ scope: 'all', ownerId: 'app' }), await harness.connected({ scope: 'all' })];
    for (const step of ops) {
      if (harness.server.sessions.size > 0) await run(harness, callers, step);
    }
    harness.house.gate.resolve();
    await harness.clock.advance(20_000);
    const there = dump(harness);
    for (const caller of callers) {
      expect(caller.client.readyState).toBe(4);
      expect(viewOf(caller)).toEqual(there);
      const created = caller.host.take().filter(([word]) => word === 'created').map(([, object]) => object);
      expect(created).toEqual([...new Set(created)]);
    }
    for (const { client } of callers) client.destroy();
    await harness.end();
    await harness.clock.advance(30_000);
    expect([harness.house.counters.size, harness.server.registry.size, harness.clock.timers]).toEqual([0, 0, 0]);
  }), { numRuns: RUNS });
}, 60_000 + RUNS * 100);
