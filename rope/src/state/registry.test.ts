import { describe, expect, test } from '@jest/globals';

import { ObjectNotFoundError } from '../errors.ts';
import type { RopeNotifications } from '../protocol/message.ts';
import { Publisher } from './publisher.ts';
import { Registry } from './registry.ts';

const entity = (state: Record<string, unknown> = {}, parent?: number) => ({ type: 't', ...(parent !== undefined && { parent }), entity: {}, state: () => state, close: () => {} });

function partOf(params: object): unknown[] {
  const { objects, last } = params as RopeNotifications['rope.snapshot'];
  return [objects.map(({ object }) => object), last];
}

describe('Registry', () => {
  test('numbers objects, keeps them in a tree, and never uses a number twice', () => {
    const registry = new Registry();
    const a = registry.add('s', entity());
    const b = registry.add('s', entity({}, a.object));
    const c = registry.add('s', entity({}, b.object));
    const d = registry.add('other', entity());
    expect([a.object, b.object, c.object, d.object, registry.size]).toEqual([1, 2, 3, 4, 4]);
    expect([...registry.all('s')].map(({ object }) => object)).toEqual([1, 2, 3]);
    expect(registry.roots('s')).toEqual([a]);
    expect(registry.remove(b.object).map(({ object }) => object)).toEqual([2, 3]);
    expect(registry.remove(b.object)).toEqual([]);
    expect([registry.get(3), registry.idOf(c.entity), registry.idOf(a.entity), a.children.size]).toEqual([undefined, undefined, 1, 0]);
    registry.remove(a.object);
    expect([registry.roots('s'), [...registry.all('s')], registry.add('s', entity()).object]).toEqual([[], [], 5]);
  });

  test('takes nothing below what is closed, and no entity twice', () => {
    const registry = new Registry();
    expect(() => registry.add('s', entity({}, 7))).toThrow(ObjectNotFoundError);
    const one = entity();
    registry.add('s', one);
    expect(() => registry.add('s', one)).toThrow('this t is object 1 already');
  });

  test('tells each change once, also of an object that is changed in place', () => {
    const registry = new Registry();
    const state: Record<string, unknown> = { paused: false, dtls: { role: 'auto' }, layers: undefined };
    const { object } = registry.add('s', entity(state));
    expect(registry.record(registry.get(object)!)).toEqual({ object, type: 't', state: { paused: false, dtls: { role: 'auto' }, layers: null } });
    expect(registry.changes(object, ['paused', 'layers'])).toBeUndefined();
    state.paused = true;
    state.layers = { spatialLayer: 1 };
    (state.dtls as { role: string }).role = 'server';
    expect(registry.changes(object, ['paused', 'dtls', 'layers'])).toEqual({ paused: true, dtls: { role: 'server' }, layers: { spatialLayer: 1 } });
    expect(registry.changes(object, ['paused', 'dtls', 'layers'])).toBeUndefined();
    state.layers = { spatialLayer: 1 }; // another object, the same value
    expect(registry.changes(object, ['layers'])).toBeUndefined();
    state.layers = undefined;
    expect(registry.changes(object, ['layers'])).toEqual({ layers: null });
    expect(registry.changes(99, ['layers'])).toBeUndefined();
  });

  test('counts what an event carries as told', () => {
    const registry = new Registry();
    const state: Record<string, unknown> = { score: [1], paused: false };
    const { object } = registry.add('s', entity(state));
    registry.record(registry.get(object)!);
    state.score = [2];
    state.paused = true;
    registry.changes(object, ['score']);
    expect(registry.sent(object, { score: [3], paused: true, gone: undefined })).toEqual({ score: [3], paused: true, gone: null });
    state.score = [3];
    expect(registry.changes(object, ['paused', 'score'])).toBeUndefined();
    expect(registry.get(object)!.told).toBe(true);
    expect(registry.sent(99, { score: 1 })).toEqual({ score: 1 });
  });
});

describe('Publisher', () => {
  test('cuts a snapshot into parts, parents first', () => {
    const registry = new Registry();
    const publisher = new Publisher(registry);
    const root = registry.add('s', entity());
    for (let child = 0; child < 250; child += 1) registry.add('s', entity({}, root.object));
    registry.add('other', entity());
    const parts: unknown[][] = [];
    publisher.snapshot({ id: 's', notify: (method, params) => parts.push([method, ...partOf(params)]) });
    expect(parts.map(([method, objects, last]) => [method, (objects as number[]).length, last])).toEqual([['rope.snapshot', 100, false], ['rope.snapshot', 100, false], ['rope.snapshot', 51, true]]);
    expect(parts.flatMap(([, objects]) => objects)).toEqual(Array.from({ length: 251 }, (_, index) => index + 1));
  });

  test('tells nobody of what nobody may see, or what is gone', () => {
    const registry = new Registry();
    const publisher = new Publisher(registry);
    const heard: unknown[] = [];
    publisher.subscribe({ id: 's', notify: (...word) => heard.push(word) });
    const { object } = registry.add('other', entity({ value: 1 }));
    publisher.event(object, 'e', []);
    publisher.refresh(object, ['value']);
    publisher.closed(object, 'died', []);
    for (const gone of [object, 99]) {
      publisher.event(gone, 'e', []);
      publisher.refresh(gone, ['value']);
      publisher.closed(gone);
    }
    publisher.gone('nobody', object);
    expect(heard).toEqual([]);
    const own = registry.add('s', entity({ value: 1 }));
    publisher.closed(own.object, 'died', ['why']);
    expect(heard).toEqual([['rope.closed', { object: own.object, event: 'died', args: ['why'] }]]);
    publisher.unsubscribe('s');
  });
});
