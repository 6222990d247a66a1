import { describe, expect, test } from '@jest/globals';

import { ObjectNotFoundError } from '../errors.ts';
import { Publisher } from '../state/publisher.ts';
import { Registry } from '../state/registry.ts';
import { SessionObjects } from './session-objects.ts';

function objects() {
  const registry = new Registry();
  const publisher = new Publisher(registry, callback => callback());
  const said: string[] = [];
  publisher.snapshot({ id: 's', owner: 'me', scope: 'own', hasRoom: true, send: message => void said.push(String(message)) });
  said.length = 0;
  const of = (owner: string) => new SessionObjects({ session: 's', owner, scope: 'own', registry, publisher, maxObjects: 10 });
  return { mine: of('me'), theirs: of('them'), registry, said };
}

function thing(parent?: number) {
  const made = { type: 't', ...(parent !== undefined && { parent }), entity: {}, state: () => ({ value: 1 }), closes: 0, close: () => void (made.closes += 1) };
  return made;
}

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
