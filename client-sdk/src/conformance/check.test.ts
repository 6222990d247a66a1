import { EventEmitter } from 'node:events';

import { describe, expect, test } from '@jest/globals';

import { frozen, rejects, same, throws } from './check.ts';
import { byObject, Journal } from './journal.ts';

describe('a check', () => {
  test('takes absent and undefined for one, at any depth', () => {
    same({ a: [{ b: undefined, c: 1 }], d: null }, { a: [{ c: 1 }], d: null });
    expect(() => same({ a: null }, {})).toThrow();
  });

  test('wants a rejection of the class and the words, and neither a throw nor a result', async () => {
    await rejects(() => Promise.reject(new TypeError('the words')), TypeError, /^the words$/);
    await expect(rejects(() => Promise.reject(new TypeError('the words')), Error, /words/)).rejects.toThrow(/the name of TypeError/);
    await expect(rejects(() => Promise.reject(new TypeError('others')), TypeError, /words/)).rejects.toThrow(/words/);
    await expect(rejects(() => Promise.reject('no error'), Error, /./)).rejects.toThrow(/got no error/);
    await expect(rejects(() => Promise.resolve(7), Error, /./)).rejects.toThrow(/but it resolved/);
    const throwing = (): never => {
      throw new Error('at once');
    };
    await expect(rejects(throwing, Error, /./)).rejects.toThrow(/expected a rejection, but it threw Error: at once/);
  });

  test('wants a throw', () => {
    throws(() => JSON.parse('{'), SyntaxError, /./);
    expect(() => throws(() => 7, Error, /./)).toThrow(/got undefined/);
  });

  test('freezes all the way down', () => {
    const value = frozen({ a: [{ b: 1 }] });
    expect([value, value.a, value.a[0]].every(Object.isFrozen)).toBe(true);
  });
});

describe('a journal', () => {
  test('marks a closing event of what does not say that it is closed', () => {
    const object = Object.assign(new EventEmitter(), { closed: false, observer: new EventEmitter() });
    const journal = new Journal().follow('one', object);
    object.emit('transportclose');
    object.closed = true;
    object.observer.emit('close', object);
    journal.note('and then');
    expect(journal.take()).toEqual(['one!transportclose?', 'one°close one', 'and then']);
    expect(journal.take()).toEqual([]);
  });

  test('brings together what is of one object', () => {
    expect(byObject(['b!x', 'a!y', 'b°x', 'a°y'])).toEqual(['a!y', 'a°y', 'b!x', 'b°x']);
  });
});
