import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KubeObject } from '../object.ts';
import { Store } from './store.ts';

const object = (name: string, labels: Record<string, string> = {}, namespace = 'x'): KubeObject => ({ metadata: { name, namespace, labels } });
const byApp = { app: (one: KubeObject) => [one.metadata.labels?.['app'] ?? ''] };

describe('Store', () => {
  test('finds objects by key and by index', () => {
    const store = new Store(byApp);
    store.put(object('a', { app: 'one' }));
    store.put(object('b', { app: 'two' }));
    store.put(object('c', { app: 'one' }));
    expect(store.get('x/b')?.metadata.name).toBe('b');
    expect(store.byIndex('app', 'one').map(one => one.metadata.name)).toEqual(['a', 'c']);
    expect(store.byIndex('app', 'none')).toEqual([]);
    expect(store.size).toBe(3);
  });

  test('moves an object within the index when its value changes, and takes it out with the object', () => {
    const store = new Store(byApp);
    store.put(object('a', { app: 'one' }));
    store.put(object('a', { app: 'two' }));
    expect(store.byIndex('app', 'one')).toEqual([]);
    expect(store.byIndex('app', 'two')).toHaveLength(1);
    store.delete('x/a');
    store.delete('x/a');
    expect(store.byIndex('app', 'two')).toEqual([]);
    expect(store.list()).toEqual([]);
  });

  test('freezes what it holds, to its depth', () => {
    const store = new Store();
    store.put(object('a', { app: 'one' }));
    const stored = store.get('x/a') as KubeObject;
    expect(() => { (stored.metadata.labels as Record<string, string>)['app'] = 'two'; }).toThrow(TypeError);
    expect(structuredClone(stored)).toEqual(object('a', { app: 'one' }));
  });

  test('names the indexes it has when asked for another', () => {
    expect(() => new Store(byApp).byIndex('owner', 'u1')).toThrow('the store has no index "owner"; it has app');
    expect(() => new Store().byIndex('owner', 'u1')).toThrow('it has none');
  });

  test('its indexes agree with its objects after any sequence of changes', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), app: fc.constantFrom('one', 'two'), remove: fc.boolean() });
    fc.assert(fc.property(fc.array(step), steps => {
      const store = new Store(byApp);
      for (const { name, app, remove } of steps) {
        if (remove) store.delete(`x/${name}`);
        else store.put(object(name, { app }));
      }
      for (const app of ['one', 'two']) {
        const expected = store.list().filter(one => one.metadata.labels?.['app'] === app);
        expect(new Set(store.byIndex('app', app))).toEqual(new Set(expected));
      }
    }));
  });
});
