import { runInNewContext } from 'node:vm';

import { describe, expect, test } from '@jest/globals';

import { sharedAppData } from './app-data.ts';

const nested = (depth: number): unknown => (depth === 0 ? {} : { below: nested(depth - 1) });

describe('what others may see of an appData', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['plain data', { text: 'a', number: 1.5, yes: true, no: false, nothing: null, list: [1, [2], { three: 3 }] }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['an object of another realm', runInNewContext('({ a: { b: [1] } })')],
    ['what is 8 deep', nested(7)],
    ['1,000 values', { list: Array.from({ length: 998 }, () => 0) }],
    ['16 KiB', { text: 'x'.repeat(16 * 1_024 - '{"text":""}'.length) }],
  ])('%s: a copy of it', (_what, value) => {
    const shared = sharedAppData(value);
    expect(JSON.stringify(shared)).toBe(JSON.stringify(value));
    expect(shared).not.toBe(value);
  });

  test('fields that are undefined or not enumerable are left out', () => {
    const value = Object.defineProperty({ a: 1, b: undefined }, 'hidden', { value: () => {}, enumerable: false });
    expect(sharedAppData(value)).toStrictEqual({ a: 1 });
  });

  class Peer {
    readonly id = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;

  test.each<[string, unknown]>([
    ['no object', 'text'],
    ['nothing at all', undefined],
    ['null', null],
    ['a list', [1]],
    ['a function', { call() {} }],
    ['a symbol', { symbol: Symbol('s') }],
    ['a bigint', { big: 1n }],
    ['a number that JSON does not know', { number: Number.NaN }],
    ['an object of a class', { peer: new Peer() }],
    ['a Date', { at: new Date(0) }],
    ['bytes', { bytes: Buffer.alloc(1) }],
    ['one of these in a list', { list: [new Peer()] }],
    ['a getter', { get now() { return 1; } }],
    ['a prototype in disguise', JSON.parse('{ "__proto__": { "admin": true } }')],
    ['a constructor', { constructor: 1 }],
    ['a circle', circle],
    ['what is 9 deep', nested(8)],
    ['1,001 values', { list: Array.from({ length: 999 }, () => 0) }],
    ['a text over 16 KiB', { text: 'x'.repeat(16 * 1_024 + 1) }],
    ['over 16 KiB in all', { text: 'é'.repeat(9_000) }],
  ])('%s: nothing', (_what, value) => {
    expect(sharedAppData(value)).toBeUndefined();
  });
});
