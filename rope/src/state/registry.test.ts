import { describe, expect, test } from '@jest/globals';

import { ObjectNotFoundError } from '../errors.ts';
import { Registry } from './registry.ts';

const entity = (state: Record<string, unknown> = {}, parent?: number) => ({ type: 't', ...(parent !== undefined && { parent }), entity: {}, state: () => state, close: () => {} });
const numbers = (entries: Iterable<{ object: number }>) => [...entries].map(({ object }) => object);

describe('Registry', () => {
  test('numbers objects, keeps them in a tree, and never uses a number twice', () => {
    const registry = new Registry();
    const a = registry.add('s', entity());
    const b = registry.add('s', entity({}, a.object));
    const c = registry.add('s', entity({}, b.object));
    const d = registry.add('other', entity());
    expect([a.object, b.object, c.object, d.object, registry.size]).toEqual([1, 2, 3, 4, 4]);
    expect([numbers(registry.of('s')), registry.count('s'), numbers(registry.tops('s'))]).toEqual([[1, 2, 3], 3, [1]]);
    expect(numbers(registry.remove(b.object))).toEqual([2, 3]);
    expect(registry.remove(b.object)).toEqual([]);
    expect([registry.get(3), registry.idOf(c.entity), registry.idOf(a.entity), a.children.size]).toEqual([undefined, undefined, 1, 0]);
    registry.remove(a.object);
    expect([numbers(registry.tops('s')), numbers(registry.of('s')), registry.count('s'), registry.add('s', entity()).object]).toEqual([[], [], 0, 5]);
  });

  test('knows what an owner has below the objects of others, and what others have below its own', () => {
    const registry = new Registry();
    const mine = registry.add('me', entity());
    const theirs = registry.add('them', entity({}, mine.object));
    const again = registry.add('me', entity({}, theirs.object));
    const below = registry.add('me', entity({}, again.object));
    expect([mine, theirs, again, below].map(({ apart }) => apart)).toEqual([true, false, false, false]);
    expect([numbers(registry.tops('me')), numbers(registry.tops('them'))]).toEqual([[1, 3], [2]]);
    registry.remove(theirs.object);
    expect([numbers(registry.entries()), registry.count('me'), registry.count('them'), mine.children.size]).toEqual([[1], 1, 0, 0]);
  });

  test('a walk goes on over what comes and goes meanwhile', () => {
    const registry = new Registry();
    for (let object = 1; object <= 3; object += 1) registry.add('s', entity());
    const walk = registry.entries();
    walk.next();
    registry.remove(1);
    registry.remove(2);
    registry.add('s', entity());
    expect(numbers(walk)).toEqual([3, 4]);
  });

  test('removes a tree of any depth', () => {
    const registry = new Registry();
    let parent: number | undefined;
    for (let depth = 0; depth < 20_000; depth += 1) parent = registry.add('s', entity({}, parent)).object;
    expect(registry.remove(1)).toHaveLength(20_000);
    expect(registry.size).toBe(0);
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
    state.score = [2];
    state.paused = true;
    registry.changes(object, ['score']);
    expect(registry.sent(object, { score: [3], paused: true, gone: undefined })).toEqual({ score: [3], paused: true, gone: null });
    state.score = [3];
    expect(registry.changes(object, ['paused', 'score'])).toBeUndefined();
    expect(registry.get(object)!.told).toBe(true);
    expect(registry.sent(99, { score: 1 })).toEqual({ score: 1 });
  });

  test('forgets nothing that others have not been told, when one is shown what an object is now', () => {
    const registry = new Registry();
    const state: Record<string, unknown> = { paused: false, list: [1] };
    const entry = registry.add('s', entity(state));
    state.paused = true;
    (state.list as number[]).push(2);
    expect(registry.record(entry).state).toEqual({ paused: true, list: [1, 2] });
    expect(registry.changes(entry.object, ['paused', 'list'])).toEqual({ paused: true, list: [1, 2] });
    state.paused = false;
    expect(registry.record(entry).state.paused).toBe(false);
    state.paused = true; // as everybody else was told, but not the one that has just been shown it
    expect(registry.changes(entry.object, ['paused'])).toEqual({ paused: true });
    expect(registry.changes(entry.object, ['paused'])).toBeUndefined();
  });

  test('keeps with an object what its app does', () => {
    const registry = new Registry();
    const entry = registry.add('s', { ...entity(), appData: { room: 1 } });
    expect(registry.firstRecord(entry)).toEqual({ object: 1, type: 't', state: {}, appData: { room: 1 } });
    expect([registry.setAppData(1, { room: 2 }), registry.record(entry).appData, entry.told]).toEqual([true, { room: 2 }, true]);
    expect([registry.setAppData(1, undefined), registry.record(entry).appData, registry.setAppData(99, {})]).toEqual([true, undefined, false]);
  });
});
