import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { decodeBinaryFrame, encodeBinaryFrame } from '../src/protocol/binary.ts';
import { CLOSE } from '../src/protocol/close-codes.ts';
import { decodeFrame } from '../src/protocol/codec.ts';
import { encodeError } from '../src/protocol/error-mapping.ts';
import { MethodNotFoundError, ObjectNotFoundError, ProtocolError, TooManyRequestsError, VersionError } from '../src/errors.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The JSON values of all examples, several to a block. */
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].flatMap(([, block]) => {
  const values: Record<string, unknown>[] = [];
  let text = '';
  for (const part of block!.split(/(?<=\})/)) {
    text += part;
    try {
      values.push(JSON.parse(text) as Record<string, unknown>);
      text = '';
    } catch {
      // goes on behind the next bracket
    }
  }
  expect(text.trim()).toBe('');
  return values;
});

describe('docs/protocol.md', () => {
  test.each(examples.map(example => [JSON.stringify(example).slice(0, 60), example] as const))('shows what can be read: %s', (_, example) => {
    if ('object' in example) return expect(Object.keys(example)).toEqual(['object', 'type', 'parent', 'state']);
    if (typeof example.code === 'number') return void decodeFrame(JSON.stringify({ reject: example }));
    const isMessage = 'method' in example || 'id' in example;
    expect(() => decodeFrame(JSON.stringify(isMessage ? { seq: 1, ack: 0, messages: [example] } : example))).not.toThrow();
  });

  test('names every close code and every number of an error', () => {
    for (const code of Object.values(CLOSE)) expect(page).toMatch(new RegExp(`^\\| ${code}[ ,|]`, 'm'));
    for (const Class of [ProtocolError, MethodNotFoundError, VersionError, ObjectNotFoundError, TooManyRequestsError]) {
      const { code, data } = encodeError(new Class('x'));
      expect(page).toMatch(new RegExp(`^\\| ${code} \\|.*${data!.code}`, 'm'));
    }
  });

  test('shows a binary frame as it is', () => {
    const [, hex] = /```hex\n(.*?)```/s.exec(page)!;
    const bytes = Buffer.from(hex!.replaceAll(/\s/g, ''), 'hex');
    expect(decodeBinaryFrame(bytes)).toEqual({ seq: 3, ack: 9, messages: [{ method: 'producer.send', params: { producer: 5, data: Buffer.from([0x80, 0x60, 0, 1]) } }] });
    expect(encodeBinaryFrame(3, 9, [{ text: '{"method":"producer.send","params":{"producer":5}}', data: Buffer.from([0x80, 0x60, 0, 1]) }])).toEqual(bytes);
  });

  test('names every notification of the protocol', () => {
    const source = readFileSync(new URL('../src/protocol/message.ts', import.meta.url), 'utf8');
    const names = [...source.matchAll(/'(rope\.[a-z]+)':/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(7);
    for (const name of names) expect(page).toContain(`| \`${name}\` |`);
  });
});
