import { describe, expect, test } from '@jest/globals';

import { ProtocolError } from '../errors.ts';
import { MAX_SHARED_CHARS, SharedValues } from './shared-values.ts';

const paths = [['options', 'large'], ['flat']];
const word = (...said: unknown[]) => ({ $rope: said });
const large = (said: unknown) => ({ options: { large: said, other: 1 } });

describe('a value that is sent once', () => {
  test('stands in the place of its number from then on', () => {
    const values = new SharedValues();
    const value = { codecs: [1, 2] };
    const [first, second, third] = [large(word('def', 7, value)), large(word('ref', 7)), { flat: word('ref', 7) }];
    for (const params of [first, second, third]) values.resolve(params, paths);
    expect([first, second, third]).toEqual([large(value), large(value), { flat: value }]);
    const another = large(word('def', 7, 'another'));
    values.resolve(another, paths);
    expect(another).toEqual(large('another'));
  });

  test.each([
    ['no such field', { options: { other: 1 } }],
    ['nothing where it would be', { options: null }],
    ['no object where it would be', { options: 5 }],
    ['nothing at all', {}],
    ['a plain value', large({ codecs: [] })],
    ['null', large(null)],
    ['something else under our word', large({ $rope: 'x' })],
    ['an inherited field', Object.create({ options: large(word('ref', 1)) }) as Record<string, unknown>],
  ])('leaves alone what has %s', (_, params) => {
    const before = JSON.stringify(params);
    new SharedValues().resolve(params, paths);
    expect(JSON.stringify(params)).toBe(before);
  });

  test.each([
    ['an unknown number', word('ref', 1)],
    ['an unknown word', word('say', 1, 2)],
    ['no word', word()],
    ['the number 0', word('def', 0, 1)],
    ['a number past the last', word('def', 257, 1)],
    ['no number', word('def', '__proto__', 1)],
    ['no value', word('def', 1)],
    ['a long value', word('def', 1, 'x'.repeat(MAX_SHARED_CHARS))],
    ['a deep value', word('def', 1, JSON.parse('['.repeat(40) + ']'.repeat(40)))],
  ])('ends the session over %s', (_, said) => {
    expect(() => new SharedValues().resolve(large(said), paths)).toThrow(ProtocolError);
  });
});
