import { describe, expect, test } from '@jest/globals';

import { bufferOf, messageOf } from './bytes.ts';

describe('bytes for mediasoup', () => {
  test('are a Buffer over the same memory', () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    const part = bufferOf(whole.subarray(1, 3));
    expect([Buffer.isBuffer(part), [...part]]).toEqual([true, [2, 3]]);
    whole[1] = 9;
    expect(part[0]).toBe(9);
    const buffer = Buffer.from('x');
    expect(bufferOf(buffer)).toBe(buffer);
  });

  test('or text, which stays text', () => {
    expect(messageOf({ text: '' })).toBe('');
    expect(messageOf({ data: new Uint8Array([7]) })).toEqual(Buffer.from([7]));
    expect(messageOf({})).toBeUndefined();
  });
});
