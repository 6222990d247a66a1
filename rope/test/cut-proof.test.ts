/**
 * What an app does over a link that loses whole connections has the same outcome as over one that does not: results, events
 * in their order, final state. ROPE_CUTS tells how many cuts to make in all (default 1,000).
 */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { ObjectRecord } from '../src/protocol/message.ts';
import { MemoryHarness } from './harness.ts';
import type { Caller } from './harness.ts';

const CUTS = Number(process.env.ROPE_CUTS ?? 1_000);

/**
 * What the app does. `at` chooses among the objects that it had when it last waited: how soon it gets them is no part of
 * the outcome. For the same reason no handler that it calls depends on what comes in the same packet.
 */
type Step =
  | { readonly does: 'create' | 'createLater' | 'increase' | 'fail' | 'poke' | 'close' | 'echo' | 'bytes'; readonly at: number }
  | { readonly does: 'wait' };
/** What the link does meanwhile; the run without cuts leaves it out. */
type Trouble =
  | { readonly link: 'cut' | 'pause' | 'resume' }
  /** This link breaks after so many frames more; with `flaky` the ones after it do so too. */
  | { readonly link: 'cutAfter' | 'flaky'; readonly frames: number }
  | { readonly link: 'delay'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('create', 'createLater', 'increase', 'fail', 'poke', 'close', 'echo', 'bytes'), at: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.constant({ does: 'wait' as const }) },
);
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ link: fc.constant('cutAfter' as const), frames: fc.integer({ min: 1, max: 6 }) }) },
  // A hello, a welcome and one more: less would never end.
  { weight: 2, arbitrary: fc.record({ link: fc.constant('flaky' as const), frames: fc.integer({ min: 3, max: 8 }) }) },
  { weight: 3, arbitrary: fc.constant({ link: 'cut' as const }) },
  { weight: 1, arbitrary: fc.record({ link: fc.constantFrom('pause', 'resume') }) },
  { weight: 1, arbitrary: fc.record({ link: fc.constant('delay' as const), ms: fc.nat(200) }) },
);
const script = fc.array(fc.record({ step, trouble: fc.option(trouble, { freq: 2 }) }), { minLength: 10, maxLength: 60 });
type Script = readonly { readonly step: Step; readonly trouble: Trouble | null }[];

/** The outcome of a run: what a caller could tell apart. */
interface Outcome {
  readonly results: readonly unknown[];
  readonly events: readonly unknown[];
  readonly replica: readonly unknown[];
  readonly server: readonly unknown[];
  readonly calls: readonly string[];
}

class App {
  readonly #caller: Caller;
  readonly #harness: MemoryHarness;
  #held: number[] = [];
  readonly #made: number[] = [];
  readonly results: Promise<unknown>[] = [];

  constructor(caller: Caller, harness: MemoryHarness) {
    this.#caller = caller;
    this.#harness = harness;
  }

  do(step: Step): unknown {
    if (step.does === 'wait') return this.wait();
    const { client } = this.#caller;
    const { does, at } = step;
    const counter = this.#held.length === 0 ? 0 : this.#held[at % this.#held.length]!;
    switch (does) {
      case 'create':
      case 'createLater':
        return this.#note(client.request(`counter.${does}`, { value: at, parent: counter === 0 || at % 2 === 0 ? undefined : counter }, {
          onResult: (record: ObjectRecord) => {
            client.replica.adopt(record);
            this.#made.push(record.object);
            return record.object;
          },
        }));
      case 'increase':
        return this.#note(client.request('counter.increase', { counter, by: at }));
      case 'fail':
        return this.#note(client.request('counter.fail', { how: at % 2 === 0 ? 'sync' : 'async', code: `E${at}` }));
      case 'echo':
        return this.#note(client.request('echo', { value: 'x'.repeat(at * 400) }).then(value => (value as string).length));
      case 'bytes':
        return this.#note(client.request('counter.bytes', { counter, data: Buffer.alloc(at * 40, at) }));
      case 'poke':
        return client.notify('counter.poke', { counter });
      case 'close':
        // By the server, so that the app hears of it.
        return client.notify('counter.close', { counter });
    }
  }

  /** Until everything asked so far is answered. */
  async wait(): Promise<void> {
    const { house } = this.#harness;
    await this.#until(this.#caller.client.request('echo', {})); // so all that was said before has been heard
    house.gate.resolve();
    house.gate = Promise.withResolvers<void>();
    await this.#until(Promise.all(this.results));
    this.#held = [...this.#made];
  }

  async #until(promise: Promise<unknown>): Promise<void> {
    let settled = false;
    void promise.then(() => (settled = true));
    for (let rounds = 0; !settled; rounds += 1) {
      if (rounds === 3_000) throw new Error(`nothing comes any more: ${JSON.stringify(this.#caller.client.inspect())}`);
      this.#harness.network.link.resume();
      await this.#harness.clock.advance(10);
    }
  }

  #note(call: Promise<unknown>): void {
    this.results.push(call.catch((error: { code?: string; name: string }) => `${error.name} ${error.code}`));
  }
}

/** Runs it, with the troubles of the link or without. Returns the outcome, and how many links were lost. */
async function run(script: Script, troubled: boolean): Promise<Outcome & { cuts: number }> {
  const harness = new MemoryHarness();
  const { clock } = harness;
  // A deadline is no outcome: cuts only cost time.
  const caller = await harness.connected({ requestTimeoutMs: 10_000_000, backoff: { initialMs: 1, maxMs: 50 } });
  const app = new App(caller, harness);
  for (const { step, trouble } of script) {
    if (troubled && trouble) {
      const { network } = harness;
      const { link } = network;
      network.traits = trouble.link === 'flaky' ? { framesUntilCut: trouble.frames } : {};
      if (trouble.link === 'cut') link.cut();
      else if (trouble.link === 'pause') link.pause();
      else if (trouble.link === 'resume') link.resume();
      else if (trouble.link === 'delay') link.traits.delayMs = trouble.ms;
      else if ('frames' in trouble) link.traits.framesUntilCut = trouble.frames;
      await clock.advance(trouble.link === 'pause' ? 0 : 3);
    }
    await app.do(step);
    await clock.settle();
  }
  await app.wait();
  harness.network.traits = {};
  for (const link of harness.network.links) Object.assign(link.traits, { framesUntilCut: Infinity, delayMs: 0 });
  await clock.advance(1_000);
  const { client, host } = caller;
  const server = [...harness.server.registry.entries()].map(({ object, parent, state }) => ({ object, parent, state: state() }));
  const outcome = {
    results: await Promise.all(app.results),
    events: host.take(),
    replica: server.map(({ object }) => client.replica.get(object)).map(record => record && { object: record.object, parent: record.parent, state: record.state }),
    server,
    calls: harness.house.calls,
    cuts: client.metrics.resumes.replay,
  };
  expect(client.metrics.resumes).toMatchObject({ new: 1, snapshot: 0 });
  expect(client.replica.size).toBe(server.length);
  client.destroy();
  await harness.end();
  return outcome;
}

describe('an app that lives through cuts', () => {
  test(`cannot tell the outcome of ${CUTS} cuts from that of none`, async () => {
    let cuts = 0;
    let seed = 1;
    while (cuts < CUTS) {
      await fc.assert(fc.asyncProperty(script, async script => {
        const { cuts: none, ...expected } = await run(script, false);
        const { cuts: some, ...outcome } = await run(script, true);
        expect(none).toBe(0);
        expect(outcome).toEqual(expected);
        cuts += some;
      }), { numRuns: 10, seed });
      seed += 1;
    }
  }, 60_000 + CUTS * 100);
});
