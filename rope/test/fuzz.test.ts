import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { encodeBinaryFrame } from '../src/protocol/binary.ts';
import type { Message, Scope } from '../src/protocol/message.ts';
import type { Transport, TransportClose } from '../src/session/transport.ts';
import { chance, clientParams, junk, mutate, pick, serverParams, soundServerParams } from './fuzz.ts';
import { MemoryHarness } from './harness.ts';

/** So many messages to each end. The full form has a million. */
const MESSAGES = Number(process.env.ROPE_FUZZ ?? 100_000) / 2;
const SEED = Number(process.env.ROPE_FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Structures are made once and drawn from, because making them costs more than anything that is done with them. */
const DRAWN = 4_000;

const random = chance(SEED);
const draw = <T>(arbitrary: fc.Arbitrary<T>): (() => T) => {
  const drawn = fc.sample(arbitrary, { numRuns: DRAWN, seed: SEED });
  return () => pick(random, drawn);
};
const anything = draw(junk);
const paramsOfClient = draw(clientParams);
const paramsOfServer = draw(serverParams);
const soundParams = draw(soundServerParams);
const int = (below: number) => Math.floor(random() * below);

const METHODS = [
  'counter.create', 'counter.create', 'counter.add', 'counter.read', 'counter.match', 'counter.fail', 'echo', 'rich', 'circle', 'counter.createLater', 'counter.never',
  'no.such', '__proto__', 'constructor', 'toString', '', 'rope.created',
];
const NOTIFICATIONS = ['counter.poke', 'counter.pokeLater', 'counter.close', 'counter.close', 'counter.keep', 'rope.snapshot', 'no.such', '__proto__'];

const NEWS = ['rope.snapshot', 'rope.created', 'rope.created', 'rope.patch', 'rope.event', 'rope.event', 'rope.closed', 'rope.draining', 'no.such', '__proto__'];

/** A test that fails says how to have it again. */
async function seeded(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`ROPE_FUZZ_SEED=${SEED}: ${(error as Error).message}`, { cause: error });
  }
}

const isCall = (message: unknown) => typeof message === 'object' && message !== null && 'params' in message;

/** Parameters that mostly name objects which are there. */
function aimed({ house }: MemoryHarness): Record<string, unknown> {
  const params = { ...paramsOfClient() };
  if (house.counters.size === 0 || random() < 0.2) return params;
  const objects = [...house.counters.keys()].slice(-40);
  for (const key of ['counter', 'parent']) if (Object.hasOwn(params, key) && random() < 0.8) params[key] = pick(random, objects);
  return params;
}

/** A stranger at the server's door. */
class Stranger {
  readonly transport: Transport;
  readonly answers = new Map<number, number>();
  closed: TransportClose | undefined;
  welcome: { id: string; received: number } | undefined;
  #received: number;

  constructor(harness: MemoryHarness, hello: object, received: number) {
    this.#received = received;
    this.transport = harness.network.connect('memory:');
    this.transport.start({
      open: () => this.transport.send(JSON.stringify({ hello })),
      text: text => this.#hear(JSON.parse(text) as never),
      binary: () => {},
      closed: close => { this.closed = close; },
    });
  }

  get received(): number {
    return this.#received;
  }

  #hear(frame: { welcome?: { session: { id: string; received: number } }; seq?: number; messages?: { id?: number; method?: string }[] }): void {
    if (frame.welcome) this.welcome = frame.welcome.session;
    if (!frame.messages) return;
    this.#received = frame.seq! + frame.messages.length - 1;
    for (const message of frame.messages) {
      if (message.id !== undefined && message.method === undefined) this.answers.set(message.id, (this.answers.get(message.id) ?? 0) + 1);
    }
  }
}

test(`the server bears ${MESSAGES} messages of strangers, answers every call, and keeps nothing`, () => seeded(async () => {
  const harness = new MemoryHarness({ maxObjectsPerSession: 60, maxReplayBytes: 4_096, leaseMs: 500 });
  const friend = await harness.connected({ scope: 'observe' });
  let said = 0;
  let nextId = 1;
  let ended = 0;
  let former: { id: string; received: number; scope: Scope } | undefined;
  while (said < MESSAGES) {
    const again = former && random() < 0.8 ? former : undefined;
    const scope: unknown = again?.scope ?? (random() < 0.9 ? pick<Scope>(random, ['own', 'all', 'observe']) : anything());
    former = undefined;
    const hello = {
      protocol: [1, 1], client: 'stranger', scope, ...(!again && random() < 0.3 && { ownerId: pick(random, ['a', 'b', '__proto__', '']) }),
      ...(again && { session: { id: again.id, received: again.received } }),
    };
    const stranger = new Stranger(harness, random() < 0.95 ? hello : { ...hello, [pick(random, ['protocol', 'client', 'session', 'token', 'ownerId'])]: anything() }, again?.received ?? 0);
    await harness.settle();
    const session = stranger.welcome && harness.server.sessions.get(stranger.welcome.id);
    const tame = random() < 0.5; // keeps to the protocol, and comes back
    const asked: number[] = [];
    const cancelled = new Set<unknown>();
    for (let burst = 0; session && burst < 10 && !stranger.closed; burst += 1) {
      let seq = session.received + 1;
      for (let frame = 0; frame < 4; frame += 1) {
        const messages: Message[] = Array.from({ length: 1 + int(10) }, () => {
          if (random() < 0.03) {
            const id = tame || random() < 0.99 ? nextId - int(20) : anything();
            cancelled.add(id);
            return { method: 'rope.cancel', params: { id } };
          }
          if (random() < 0.3) return { method: pick(random, NOTIFICATIONS), params: aimed(harness) };
          nextId += 1;
          return { id: nextId, method: pick(random, METHODS), params: aimed(harness) };
        });
        const asks = messages.filter(message => 'id' in message && 'method' in message && !['counter.never', 'counter.createLater'].includes(message.method));
        const rare = tame ? 1 : random();
        if (rare < 0.005) messages.push({ id: int(5), result: anything() });
        else if (rare < 0.008) messages.push(anything() as never);
        const text = JSON.stringify({ seq, ack: tame || random() < 0.99 ? stranger.received : int(50), messages });
        const way = random() * (tame ? 0.9 : 1);
        if (way < 0.9) {
          stranger.transport.send(text);
          asked.push(...asks.map(message => (message as { id: number }).id));
        } else if (way < 0.93) {
          const withBytes = messages.filter(isCall).map(message => ({ text: JSON.stringify(message), data: Buffer.alloc(int(40)) }));
          if (withBytes.length === 0) continue;
          const bytes = encodeBinaryFrame(seq, stranger.received, withBytes);
          stranger.transport.send(random() < 0.5 ? bytes : mutate(random, bytes));
          burst = 99; // what the server has made of it, nobody knows
        } else if (way < 0.97) {
          stranger.transport.send(mutate(random, Buffer.from(text)).toString());
          burst = 99;
        } else {
          stranger.transport.send(JSON.stringify(pick(random, [{ ping: anything() }, { pong: 1 }, { ack: anything() }, { hello: {} }, { welcome: {} }, anything()])));
        }
        said += messages.length;
        seq += messages.length;
      }
      await harness.settle();
      if (burst < 99 && !stranger.closed) for (const id of asked) if (!cancelled.has(id)) expect([id, stranger.answers.get(id)]).toEqual([id, 1]);
    }
    if (session && tame && !stranger.closed) former = { id: session.id, received: stranger.received, scope: session.scope };
    if (stranger.closed) ended += 1;
    if (former || random() < 0.5) stranger.transport.terminate();
    else stranger.transport.close(1_000, 'destroy');
    await harness.settle();
    if (random() < 0.2) {
      harness.house.gate.resolve();
      harness.house.gate = Promise.withResolvers<void>();
    }
    if (random() < 0.3) await harness.clock.advance(400);
    harness.network.links.splice(0, harness.network.links.length - 1);
  }
  harness.house.gate.resolve();
  await harness.clock.advance(2_000);
  expect([harness.server.sessions.size, harness.server.registry.size, harness.house.counters.size, harness.server.metrics.pendingRequests]).toEqual([1, 0, 0, 0]);
  expect([friend.client.readyState, friend.client.replica.size, friend.events.length]).toEqual([4, 0, 3]); // it has noticed nothing
  expect([({} as { polluted?: number }).polluted, ended > 5]).toEqual([undefined, true]);
  friend.client.destroy();
  await harness.end();
  await harness.clock.advance(60_000);
  expect(harness.clock.timers).toBe(0);
}), 600_000);

test(`the client bears ${MESSAGES} messages of a server that means no good, and every call ends`, () => seeded(async () => {
  const harness = new MemoryHarness();
  const caller = harness.caller({ requestTimeoutMs: 5_000, backoff: { initialMs: 1, maxMs: 1 } });
  const { client } = caller;
  client.on('error', () => {});
  let server: Transport | undefined;
  let last = 0;
  let ids: number[] = [];
  let received = 0;
  // In the place of the real one.
  harness.server.accept = transport => {
    server = transport;
    transport.start({
      text: text => {
        const frame = JSON.parse(text) as { hello?: { session?: { received: number } }; seq?: number; messages?: { id?: number }[] };
        if (frame.hello) {
          const resume = frame.hello.session ? pick(random, ['new', 'snapshot', 'replay']) : 'new';
          const session = { id: 's', resume, received: resume === 'new' ? 0 : received, leaseMs: 1_000, ...(resume === 'snapshot' && { answering: random() < 0.5 ? [] : [anything()] }) };
          last = resume === 'replay' ? frame.hello.session!.received : resume === 'snapshot' ? last : 0;
          if (resume === 'new') received = 0;
          const welcome = { protocol: 1, node: { id: 'n', name: 'n', epoch: random() < 0.9 ? 'e' : String(random()) }, session, heartbeatMs: 5_000, limits: { maxMessageBytes: 4_096 }, payload: null };
          transport.send(JSON.stringify({ welcome: random() < 0.95 ? welcome : { ...welcome, [pick(random, ['node', 'session', 'limits', 'heartbeatMs'])]: anything() } }));
          if (resume !== 'replay') say([{ method: 'rope.snapshot', params: { objects: [], last: true } }]);
        }
        for (const { id } of frame.messages ?? []) if (id !== undefined) ids.push(id);
        if (frame.messages) received = frame.seq! + frame.messages.length - 1;
      },
      binary: () => {},
      closed: () => {
        if (server === transport) server = undefined;
      },
    });
  };
  function say(messages: unknown[], way = 0): void {
    const text = JSON.stringify({ seq: last + 1, ack: random() < 0.99 ? 0 : int(1_000), messages });
    last += messages.length;
    if (way < 0.8) server?.send(text);
    else if (way < 0.9) server?.send(mutate(random, Buffer.from(text)).toString());
    else {
      const withBytes = messages.filter(isCall).map(message => ({ text: JSON.stringify(message), data: Buffer.alloc(int(40)) }));
      const bytes = encodeBinaryFrame(last, 0, withBytes);
      server?.send(random() < 0.5 ? bytes : mutate(random, bytes));
    }
  }

  let settled = 0;
  let made = 0;
  client.open();
  await harness.settle();
  for (let said = 0; said < MESSAGES;) {
    for (let call = 0; call < 3; call += 1) {
      made += 1;
      void client.request('rich', {}).catch(() => {}).finally(() => { settled += 1; });
      client.notify('counter.poke', { counter: 1 });
    }
    await harness.settle();
    for (let frame = 0; frame < 10; frame += 1) {
      const messages: unknown[] = Array.from({ length: 1 + int(8) }, () => {
        const kind = random();
        if (kind < 0.7) return { method: random() < 0.005 ? 'rope.goodbye' : pick(random, NEWS), params: random() < 0.9 ? soundParams() : paramsOfServer() };
        if (kind < 0.75) return null;
        if (kind < 0.99) return random() < 0.5 ? { id: ids.shift() ?? 1, result: anything() } : { id: ids.shift() ?? 1, error: { code: 1, message: 'm', data: { name: pick(random, ['TypeError', 'x', '__proto__']), details: anything() } } };
        return anything();
      });
      say(messages, random());
      said += messages.length;
    }
    await harness.settle();
    if (random() < 0.05) harness.cut();
    await harness.clock.advance(5); // a broken link is made again
    ids = ids.slice(-50);
    caller.host.take();
    caller.events.splice(0);
    harness.network.links.splice(0, harness.network.links.length - 1);
  }
  await harness.clock.advance(10_000);
  expect([settled, made > 100]).toEqual([made, true]);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  client.destroy();
  await harness.clock.advance(60_000);
  expect([client.replica.size, client.readyState, harness.clock.timers]).toEqual([0, 3, 0]);
}), 600_000);
