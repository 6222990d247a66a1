import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { decodeRich, encodeRich } from './rich.ts';

const travel = (value: unknown) => decodeRich(JSON.parse(JSON.stringify(encodeRich(value))));
const leaf = fc.oneof(
  fc.string(), fc.boolean(), fc.double().filter(number => !Object.is(number, -0)), fc.constant(null), fc.constant(undefined), fc.bigInt(),
  fc.date({ noInvalidDate: true }), fc.uint8Array().map(bytes => Buffer.from(bytes)),
);
const { value } = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('$rope')).filter(key => key !== '__proto__'), tie('value'), { maxKeys: 4, noNullPrototype: true })),
}));

describe('rich values', () => {
  test('arrive as they left', () => {
    fc.assert(fc.property(value, sent => expect(travel(sent)).toStrictEqual(sent)));
  });

  test('need not be finite', () => {
    expect(travel([Infinity, -Infinity, NaN])).toEqual([Infinity, -Infinity, NaN]);
  });

  test('show what they are on the wire', () => {
    expect(encodeRich({ a: 1n, b: new Date(5), c: Buffer.from('hi'), d: Infinity, e: undefined, f: [1n], $rope: 1 })).toEqual({
      $rope: ['object', {
        a: { $rope: ['bigint', '1'] }, b: { $rope: ['date', 5] }, c: { $rope: ['bytes', 'aGk='] }, d: { $rope: ['number', 'Infinity'] },
        e: { $rope: ['undefined'] }, f: [{ $rope: ['bigint', '1'] }], $rope: 1,
      }],
    });
  });

  test('leave an object alone whose $rope is no tag', () => {
    expect(decodeRich({ $rope: 5 })).toEqual({ $rope: 5 });
  });

  test('of a kind that is not known here are undefined', () => {
    expect(decodeRich({ later: { $rope: ['set', [1]] } })).toEqual({ later: undefined });
  });

  describe('in a browser', () => {
    const { Buffer: nodeBuffer } = globalThis;
    afterEach(() => {
      globalThis.Buffer = nodeBuffer;
    });

    test('bytes are a Uint8Array', () => {
      const wire = encodeRich(new Uint8Array([1, 255]));
      Reflect.deleteProperty(globalThis, 'Buffer');
      const bytes = decodeRich(wire);
      globalThis.Buffer = nodeBuffer;
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect(nodeBuffer.isBuffer(bytes)).toBe(false);
      expect(bytes).toEqual(new Uint8Array([1, 255]));
    });
  });
});
