import { describe, expect, test } from '@jest/globals';

import { ObjectNotFoundError } from '../errors.ts';
import { Publisher } from '../state/publisher.ts';
import { Registry } from '../state/registry.ts';
import { SessionObjects } from './session-objects.ts';

function objects() {
  const registry = new Registry();
  const publisher = new Publisher(registry, callback => callback());
  const said: string[] = [];
  publisher.snapshot({ id: 's', owner: 'me', scope: 'own', hasRoom: true, send: message => void said.push(message as string) });
  said.length = 0;
  const of = (owner: string, session = 's') => new SessionObjects({ session, owner, scope: 'own', registry, publisher, maxObjects: 10 });
  return { fellow: of('me', 'another'),  mine: of('me'), theirs: of('them'), registry, said };
}

function thing(parent?: number) {
  const made = { type: 't', ...(parent !== undefined && { parent }), entity: {}, state: () => ({ value: 1 }), closes: 0, close: () => void (made.closes += 1) };
  return made;
}

describe('an object whose answer is late', () => {
  test('is told again with everything that others have put below it meanwhile', () => {
    const { mine, fellow, said } = objects();
    const { object } = mine.add(thing());
    const child = fellow.add(thing(object));
    const grandchild = fellow.add(thing(child.object));
    const told = () => said.splice(0).map(text => (JSON.parse(text) as { params: { object: number } }).params.object);
    expect(told()).toEqual([child.object, grandchild.object]); // in vain: it does not know their parent yet
    mine.answered(object);
    expect(told()).toEqual([child.object, grandchild.object]);
  });

  test('is answered as it is by then', () => {
    const { mine } = objects();
    const state = { value: 1 };
    const record = mine.add({ ...thing(), state: () => state });
    expect(mine.current(record.object, record)).toBe(record);
    state.value = 2;
    mine.refresh(record.object, ['value']); // told to a client that does not know the object yet
    expect(mine.current(record.object, record)).toEqual({ ...record, state: { value: 2 } });
  });

  test('is closed when nobody waits for it any more, also by one that throws', () => {
    const { mine, registry } = objects();
    const thrown: (() => void)[] = [];
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = task => void thrown.push(task);
    const { object } = mine.add({ ...thing(), close: () => { throw new Error('a bug'); } });
    mine.discard(object);
    mine.discard(object);
    globalThis.queueMicrotask = queueMicrotask;
    expect([registry.size, thrown.length]).toEqual([0, 1]);
    expect(thrown[0]).toThrow('a bug');
  });
});

describe('an object whose parent was closed while it was made', () => {
  test('is closed, handed to its client, and taken back right behind the answer', () => {
    const { mine, registry, said } = objects();
    const { object: parent } = mine.add(thing());
    mine.closed(parent);
    said.length = 0;
    const late = thing(parent);
    const record = mine.add(late);
    expect(late.closes).toBe(1);
    expect(record).toEqual({ object: parent + 1, type: 't', parent, state: { value: 1 } });
    expect(mine.madeBy(record)).toBe(record.object);
    expect(mine.current(record.object, record)).toBe(record);
    expect(said).toEqual([]);
    mine.answered(record.object);
    expect(said.map(text => JSON.parse(text) as unknown)).toMatchObject([{ method: 'rope.closed', params: { object: record.object } }]);
    expect(registry.size).toBe(0);
    expect(mine.add(thing()).object).toBe(record.object + 1);
  });

  test('cannot be put below what the session does not see', () => {
    const { mine, theirs } = objects();
    const { object } = theirs.add(thing());
    expect(() => mine.add(thing(object))).toThrow(ObjectNotFoundError);
  });
});
