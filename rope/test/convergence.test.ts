import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { ObjectRecord } from '../src/protocol/message.ts';
import { MemoryHarness } from './harness.ts';
import type { Caller } from './harness.ts';

/** One thing that happens; `at` chooses among the objects that are there. */
type Op =
  | { readonly op: 'create' | 'createLater' | 'add' | 'poke' | 'closeHere' | 'closeThere' | 'makeThere' | 'label'; readonly at: number }
  | { readonly op: 'settle' | 'cut' | 'openGate' }
  | { readonly op: 'cutAfter'; readonly frames: number }
  | { readonly op: 'wait'; readonly ms: number };

const at = fc.nat(20);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ op: fc.constantFrom('create', 'createLater', 'add', 'poke', 'closeHere', 'closeThere', 'makeThere', 'label'), at }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('cut', 'openGate') }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cutAfter' as const), frames: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
);

function pick<T>(list: Iterable<T>, index: number): T | undefined {
  const all = [...list];
  return all[index % all.length];
}

/** What the app knows: the objects that it holds, and those that it has closed itself. */
class App {
  readonly caller: Caller;
  readonly harness: MemoryHarness;
  readonly adopted = new Set<number>();
  readonly closedHere = new Set<number>();

  constructor(harness: MemoryHarness, caller: Caller) {
    this.harness = harness;
    this.caller = caller;
  }

  #held(index: number): number | undefined {
    const { replica } = this.caller.client;
    const subtree = (object: number): number[] => [object, ...[...replica.children(object)].flatMap(child => subtree(child.object))];
    return pick(replica.roots().flatMap(({ object }) => subtree(object)), index);
  }

  run(step: Op): unknown {
    const { client } = this.caller;
    const { harness } = this;
    const adopt = (record: ObjectRecord) => {
      this.adopted.add(record.object);
      return client.replica.adopt(record);
    };
    switch (step.op) {
      case 'create':
      case 'createLater':
        client.request(`counter.${step.op}`, { parent: step.at % 3 === 0 ? undefined : this.#held(step.at) }, { onResult: adopt }).catch(() => {});
        return;
      case 'add': {
        const counter = this.#held(step.at);
        if (counter !== undefined) client.request('counter.add', { counter, by: 1 }).catch(() => {});
        return;
      }
      case 'poke': {
        const counter = pick(harness.house.counters.values(), step.at);
        return counter?.poke();
      }
      case 'closeHere': {
        const counter = this.#held(step.at);
        if (counter === undefined) return;
        this.closedHere.add(counter);
        client.replica.forget(counter);
        return client.notify('counter.close', { counter });
      }
      case 'closeThere':
        return pick(harness.house.counters.values(), step.at)?.close();
      case 'makeThere': {
        const session = pick(harness.server.sessions.values(), 0);
        const parent = pick(harness.house.counters.keys(), step.at);
        return session && harness.house.make({ objects: session.objects }, parent, 0, true);
      }
      case 'label': {
        const entry = pick(harness.house.counters, step.at);
        const session = pick(harness.server.sessions.values(), 0);
        if (!entry || !session) return;
        const [object, counter] = entry;
        counter.label = counter.label === undefined ? 'labelled' : undefined;
        return session.objects.refresh(object, ['label']);
      }
      case 'openGate':
        harness.house.gate.resolve();
        harness.house.gate = Promise.withResolvers<void>();
        return;
      case 'cut':
        return harness.cut();
      case 'cutAfter':
        harness.network.link.traits.framesUntilCut = step.frames;
        return;
      case 'wait':
        return harness.clock.advance(step.ms);
      case 'settle':
        return harness.settle();
    }
  }
}

describe('after any sequence of operations and cuts within the lease', () => {
  test('the replica is the server\'s state, and nothing was told twice', async () => {
    await fc.assert(fc.asyncProperty(fc.array(op, { maxLength: 40 }), async ops => {
      const harness = new MemoryHarness();
      const app = new App(harness, await harness.connected());
      const { client, host } = app.caller;
      for (const step of ops) await app.run(step);
      harness.house.gate.resolve();
      for (const link of harness.network.links) link.traits.framesUntilCut = Infinity;
      await harness.clock.advance(20_000);

      expect(client.readyState).toBe(4);
      const there = [...harness.server.registry.entries()].map(({ object, parent, state }) => ({ object, parent, state: state() })).toSorted((a, b) => a.object - b.object);
      const here = there.map(({ object }) => client.replica.get(object)).map(record => record && { object: record.object, parent: record.parent, state: record.state });
      expect(here).toEqual(there);
      expect(client.replica.size).toBe(there.length);

      const heard = host.take() as [string, number, unknown[]][];
      for (const word of ['created', 'closed']) {
        const objects = heard.filter(([said]) => said === word).map(([, object]) => object);
        expect(objects).toEqual([...new Set(objects)]);
        for (const object of objects) expect((word === 'created' ? app.adopted : app.closedHere).has(object)).toBe(false);
      }
      const last = new Map<number, number>();
      for (const [, object, args] of heard.filter(([said]) => said === 'poke')) {
        const [value] = args as [number];
        expect(value).toBeGreaterThan(last.get(object) ?? 0);
        last.set(object, value);
      }
      client.destroy();
      await harness.end();
      expect(harness.house.counters.size).toBe(0);
      await harness.clock.advance(30_000);
      expect(harness.clock.timers).toBe(0);
    }), { numRuns: 300 });
  }, 60_000);
});
