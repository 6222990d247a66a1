import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { ProtocolError } from '../errors.ts';
import { decodeBinaryFrame, encodeBinaryFrame } from './binary.ts';
import { encodeMessage, sizeOf } from './codec.ts';
import type { EncodedBytes } from './codec.ts';
import type { Message } from './message.ts';

interface WithBytes { readonly params: { readonly data: Uint8Array } }

const params = fc.record({ object: fc.nat(), text: fc.string({ unit: 'grapheme' }), data: fc.uint8Array({ maxLength: 2_000 }) });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ method: fc.string(), params }),
  fc.record({ id: fc.integer({ min: 1 }), method: fc.string(), params }),
);
const encode = (messages: Message[]) => messages.map(each => encodeMessage(each) as EncodedBytes);
const entry = (text: string): EncodedBytes => ({ text, data: Uint8Array.of(1) });

/** Runs it as in a browser. */
function withoutBuffer<T>(run: () => T): T {
  const { Buffer: nodeBuffer } = globalThis;
  Reflect.deleteProperty(globalThis, 'Buffer');
  try {
    return run();
  } finally {
    globalThis.Buffer = nodeBuffer;
  }
}

describe('a binary frame', () => {
  test('is read as it was written, with or without Buffer at either end', () => {
    const here = <T>(run: () => T) => run();
    fc.assert(fc.property(fc.integer({ min: 1 }), fc.nat(), fc.array(message, { minLength: 1 }), (seq, ack, messages) => {
      for (const writes of [here, withoutBuffer]) {
        for (const reads of [here, withoutBuffer]) {
          const frame = writes(() => encodeBinaryFrame(seq, ack, encode(messages)));
          const read = reads(() => decodeBinaryFrame(new Uint8Array(frame)));
          const plain = (read.messages as unknown as WithBytes[]).map(each => ({ ...each, params: { ...each.params, data: new Uint8Array(each.params.data) } }));
          expect({ ...read, messages: plain }).toEqual({ seq, ack, messages });
        }
      }
    }));
  });

  test('hands out Buffers where there are any', () => {
    const frame = encodeBinaryFrame(1, 0, [entry('{"method":"m","params":{}}')]);
    const data = (bytes: Uint8Array) => (decodeBinaryFrame(bytes).messages as unknown as WithBytes[])[0]!.params.data;
    expect([Buffer.isBuffer(data(frame)), Buffer.isBuffer(data(new Uint8Array(frame)))]).toEqual([true, true]);
    expect(withoutBuffer(() => data(new Uint8Array(frame))).constructor).toBe(Uint8Array);
  });

  test('is counted by its text and its bytes', () => {
    expect([sizeOf('abc'), sizeOf({ text: 'abc', data: new Uint8Array(7) })]).toEqual([3, 10]);
  });

  const good = encodeBinaryFrame(1, 0, [entry('{"method":"m","params":{}}')]);
  const numbered = (seq: number, ack: number) => encodeBinaryFrame(seq, ack, [entry('{"method":"m","params":{}}')]);
  test.each([
    ['empty', new Uint8Array(), 'a binary frame of an unknown kind'],
    ['of a header that is cut', good.subarray(0, 16), 'a binary frame of an unknown kind'],
    ['of another kind', Uint8Array.of(2, ...good.subarray(1)), 'a binary frame of an unknown kind'],
    ['of a seq of 0', numbered(0, 0), 'a frame with a bad seq'],
    ['of a seq that is no number', numbered(NaN, 0), 'a frame with a bad seq'],
    ['of a huge seq', numbered(2 ** 60, 0), 'a frame with a bad seq'],
    ['of a negative ack', numbered(1, -1), 'a frame with a bad ack'],
    ['of a broken ack', numbered(1, 0.5), 'a frame with a bad ack'],
    ['without messages', encodeBinaryFrame(1, 0, []), 'a frame without messages'],
    ['of lengths that are cut', good.subarray(0, 20), 'a binary frame that ends too early'],
    ['of bytes that are cut', good.subarray(0, -1), 'a binary frame that ends too early'],
    ['of text that is no JSON', encodeBinaryFrame(1, 0, [entry('{')]), 'a binary frame must hold JSON'],
    ['of an answer', encodeBinaryFrame(1, 0, [entry('{"id":1,"result":1}')]), 'a frame with a malformed message'],
    ['of no message', encodeBinaryFrame(1, 0, [entry('[]')]), 'a frame with a malformed message'],
  ])('%s is refused', (_, frame, reason) => {
    expect(() => decodeBinaryFrame(frame)).toThrow(new ProtocolError(reason));
  });

  test('of any bytes is read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      for (const frame of [bytes, Uint8Array.of(...good.subarray(0, 17), ...bytes), Uint8Array.of(...good, ...bytes)]) {
        try {
          decodeBinaryFrame(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }
    }));
  });
});
