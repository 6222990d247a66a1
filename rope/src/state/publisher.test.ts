import { describe, expect, test } from '@jest/globals';

import type { Encoded } from '../protocol/codec.ts';
import type { ObjectRecord, Scope } from '../protocol/message.ts';
import { FakeClock } from '../testing/index.ts';
import { Publisher } from './publisher.ts';
import type { Subscriber } from './publisher.ts';
import { Registry } from './registry.ts';

const entity = (state: Record<string, unknown> = { value: 1 }, parent?: number) =>
  ({ type: 't', ...(parent !== undefined && { parent }), entity: {}, state: () => state, close: () => {} });

interface Said { readonly method: string; readonly params: Record<string, unknown>; readonly data?: Uint8Array; readonly media: boolean }

/** Somebody who writes down what is said. */
class Listener implements Subscriber {
  readonly id: string;
  readonly owner: string;
  readonly scope: Scope;
  hasRoom = true;
  readonly messages: Encoded[] = [];
  #said: Said[] = [];

  constructor(id: string, scope: Scope = 'own', owner = id) {
    this.id = id;
    this.scope = scope;
    this.owner = owner;
  }

  send(message: Encoded, media: boolean): void {
    this.messages.push(message);
    const { text, data } = typeof message === 'string' ? { text: message, data: undefined } : message;
    this.#said.push({ ...(JSON.parse(text) as Pick<Said, 'method' | 'params'>), ...(data && { data }), media });
  }

  /** What was said since the last time. */
  take(): Said[] {
    return this.#said.splice(0);
  }

  /** The same in short: the word and the object, or the objects of a part and whether it is the last. */
  short(): unknown[] {
    return this.take().map(({ method, params }) => {
      const { object, objects, last } = params as { object: number; objects?: ObjectRecord[]; last?: boolean };
      return objects ? [method.slice(5), objects.map(record => record.object), last] : [method.slice(5), object];
    });
  }
}

function start() {
  const clock = new FakeClock();
  const registry = new Registry();
  const publisher = new Publisher(registry, callback => clock.immediate(callback));
  const listener = (...args: ConstructorParameters<typeof Listener>): Listener => {
    const it = new Listener(...args);
    publisher.snapshot(it);
    it.take();
    return it;
  };
  /** As a session would make it that answers with the record. */
  const make = (owner: string, { parent, except }: { parent?: number; except?: string } = {}) => {
    const entry = registry.add(owner, entity({ value: 1 }, parent));
    publisher.created(entry, registry.firstRecord(entry), except);
    return entry;
  };
  return { clock, registry, publisher, listener, make };
}

describe('who is told', () => {
  test('of an object: its owner\'s sessions and those that see everything, but not who made it', () => {
    const { publisher, listener, make } = start();
    const maker = listener('maker', 'own', 'us');
    const [fellow, all, observer, stranger] = [listener('fellow', 'own', 'us'), listener('all', 'all'), listener('observer', 'observe'), listener('stranger')];
    const { object } = make('us', { except: 'maker' });
    const created = [{ method: 'rope.created', params: { object, type: 't', state: { value: 1 } }, media: false }];
    expect([maker.take(), fellow.take(), all.take(), observer.take(), stranger.take()]).toEqual([[], created, created, created, []]);
    publisher.met('maker', object);
    publisher.event(object, 'e', [1]);
    publisher.closed(object, 'died', ['why']);
    const after = [
      { method: 'rope.event', params: { object, event: 'e', args: [1] }, media: false },
      { method: 'rope.closed', params: { object, event: 'died', args: ['why'] }, media: false },
    ];
    expect([maker.take(), fellow.take(), all.take(), observer.take(), stranger.take()]).toEqual([after, after, after, after, []]);
  });

  test('nobody of what is below somebody else\'s object, but those who see everything', () => {
    const { publisher, listener, make } = start();
    const [a, b, all] = [listener('a'), listener('b'), listener('all', 'all')];
    const { object: top } = make('a');
    const { object } = make('b', { parent: top });
    publisher.event(object, 'e', []);
    expect([a.short(), b.short(), all.short()]).toEqual([[['created', top]], [], [['created', top], ['created', object], ['event', object]]]);
    const again = new Listener('again', 'own', 'b');
    publisher.snapshot(again);
    expect(again.short()).toEqual([['snapshot', [], true]]);
  });

  test('of a change: everybody once, by the same text', () => {
    const { registry, publisher, listener } = start();
    const both = [listener('a', 'all'), listener('b', 'observe')];
    const state = { value: 1 };
    const { object } = registry.add('x', entity(state));
    publisher.refresh(object, ['value']);
    state.value = 2;
    publisher.refresh(object, ['value']);
    publisher.refresh(object, ['value']);
    const sent = new Uint8Array([7]);
    publisher.event(object, 'rtp', [sent, 5], { value: 3 }, true);
    const [patch, event, ...rest] = both[0]!.take();
    expect([patch, rest]).toEqual([{ method: 'rope.patch', params: { object, state: { value: 2 } }, media: false }, []]);
    expect(event).toEqual({ method: 'rope.event', params: { object, event: 'rtp', args: [5], state: { value: 3 } }, data: sent, media: true });
    expect(both[1]!.messages.at(-1)).toBe(both[0]!.messages.at(-1));
    expect(both[1]!.take().slice(1)).toEqual([event]);
  });

  test('of what an app keeps with an object: everybody, and that app that it did so', () => {
    const { publisher, listener, make } = start();
    const [app, other] = [listener('app', 'all'), listener('other', 'all')];
    const { object } = make('app', { except: 'app' });
    other.take();
    publisher.setAppData(object, { room: 1 }, 'app');
    publisher.setAppData(object, undefined, 'gone meanwhile');
    publisher.setAppData(99, { room: 1 });
    expect(app.take().map(({ params }) => params)).toEqual([{ object, state: {}, appData: { room: 1 }, own: true }, { object, state: {}, appData: {} }]);
    expect(other.take().map(({ params }) => params)).toEqual([{ object, state: {}, appData: { room: 1 } }, { object, state: {}, appData: {} }]);
  });

  test('nobody of what is gone, or by who is no longer there', () => {
    const { publisher, listener, make } = start();
    const it = listener('it');
    const { object } = make('nobody');
    for (const gone of [object, 99]) {
      publisher.event(gone, 'e', []);
      publisher.closed(gone, 'died');
      publisher.closed(gone);
      publisher.refresh(gone, ['value']);
    }
    publisher.gone('nobody', object);
    publisher.met('nobody', object);
    publisher.proceed({ id: 'nobody' } as Subscriber);
    expect(it.take()).toEqual([]);
    publisher.gone('it', object);
    expect(it.short()).toEqual([['closed', object]]);
    const entry = make('it');
    publisher.mute(it);
    publisher.mute(it);
    publisher.introduce('it', entry);
    publisher.event(entry.object, 'e', []);
    expect([it.short(), publisher.isComplete(it)]).toEqual([[['created', entry.object]], false]);
  });

  test('one alone, of what it may not know yet', () => {
    const { publisher, listener, make } = start();
    const [it, other] = [listener('it'), listener('other')];
    const mine = make('it', { except: 'it' });
    publisher.introduce('it', mine);
    publisher.introduce('other', mine);
    expect([it.short(), other.short()]).toEqual([[['created', mine.object]], []]);
  });
});

describe('a snapshot', () => {
  const many = (count: number, owner = 'it') => {
    const all = start();
    const objects = Array.from({ length: count }, () => all.make(owner).object);
    return { ...all, objects, it: new Listener('it') };
  };

  test('comes in parts of 100 objects, parents first, one in a macrotask', async () => {
    const { registry, publisher, it, clock } = many(1);
    for (let child = 0; child < 250; child += 1) registry.add('it', entity({}, 1));
    registry.add('other', entity());
    publisher.snapshot(it);
    expect([it.take().map(({ params }) => (params.objects as unknown[]).length), publisher.isComplete(it)]).toEqual([[100], false]);
    await clock.settle();
    const parts = it.take();
    expect(parts.map(({ method, params }) => [method, (params.objects as unknown[]).length, params.last])).toEqual([['rope.snapshot', 100, false], ['rope.snapshot', 51, true]]);
    expect(publisher.isComplete(it)).toBe(true);
  });

  test('comes in parts of 256 KiB at most', async () => {
    const { registry, publisher, clock } = start();
    const it = new Listener('it');
    for (let object = 0; object < 20; object += 1) registry.add('it', { ...entity(), appData: { text: 'x'.repeat(60_000) } });
    publisher.snapshot(it);
    await clock.settle();
    const sizes = it.messages.map(message => (message as string).length);
    expect(Math.max(...sizes)).toBeLessThan(256 * 1_024);
    expect(it.short().flatMap(part => (part as [string, number[]])[1])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('waits for room, and goes on when there is some', async () => {
    const { publisher, it, clock } = many(250);
    it.hasRoom = false;
    publisher.snapshot(it);
    await clock.settle();
    expect(it.take()).toHaveLength(1);
    it.hasRoom = true;
    publisher.proceed(it);
    publisher.proceed(it);
    await clock.settle();
    expect(it.take()).toHaveLength(2);
    publisher.proceed(it);
    await clock.settle();
    expect(it.take()).toEqual([]);
  });

  test('that begins anew makes the former one void', async () => {
    const { publisher, it, clock } = many(250);
    publisher.snapshot(it);
    publisher.snapshot(it);
    await clock.settle();
    expect(it.take().map(({ params }) => (params.objects as unknown[]).length)).toEqual([100, 100, 100, 50]);
    publisher.snapshot(it);
    publisher.mute(it);
    await clock.settle();
    expect(it.take()).toHaveLength(1);
  });

  test('holds everything as it is when it goes out, and nothing is said of it before', async () => {
    const { registry, publisher, it, clock, objects } = many(150);
    publisher.snapshot(it);
    it.take();
    const [sent, unsent, gone] = [objects[0]!, objects[120]!, objects[140]!];
    publisher.event(sent, 'e', [], { value: 2 });
    publisher.event(unsent, 'e', [], { value: 2 });
    publisher.setAppData(unsent, { room: 1 });
    publisher.closed(gone);
    publisher.closed(objects[1]!);
    expect(it.short()).toEqual([['event', sent], ['closed', gone], ['closed', objects[1]]]);
    await clock.settle();
    const [part] = it.take();
    const records = part!.params.objects as ObjectRecord[];
    expect([records.length, records.find(({ object }) => object === unsent)?.appData, records.some(({ object }) => object === gone)]).toEqual([49, { room: 1 }, false]);
    expect(registry.size).toBe(148);
    publisher.event(unsent, 'e', []);
    expect(it.short()).toEqual([['event', unsent]]);
  });

  test('lets a session know ahead what it made itself, or was told when it was made', async () => {
    const { publisher, it, clock, objects, make } = many(150);
    publisher.snapshot(it);
    it.take();
    const own = make('it', { except: 'it' });
    publisher.event(own.object, 'too early', []);
    publisher.met('it', own.object);
    const root = make('it');
    const early = make('it', { parent: objects[0]! });
    const late = make('it', { parent: objects[120]! });
    const below = make('it', { parent: root.object });
    for (const { object } of [own, root, early, late, below]) publisher.event(object, 'e', []);
    expect(it.short()).toEqual([
      ['created', root.object], ['created', early.object], ['created', below.object],
      ...[own, root, early, below].map(({ object }) => ['event', object]),
    ]);
    await clock.settle();
    expect(it.short()).toEqual([['snapshot', [...objects.slice(100), own.object, root.object, early.object, late.object, below.object], true]]);
  });
});
