import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { LineParser } from './line-parser.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (name: string): object => ({ type: 'ADDED', object: { metadata: { name, resourceVersion: '1' } } });
const parser = (): LineParser => new LineParser('watch pods');

describe('LineParser', () => {
  test('finds the same events however the bytes are cut, within a character too', () => {
    const events = ['a', 'grün', '日本', '🎥'].map(event);
    const whole = bytes(events.map(one => `${JSON.stringify(one)}\n`).join(''));
    fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), cuts => {
      const lines = parser();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const found = edges.slice(1).flatMap((edge, i) => lines.push(whole.subarray(edges[i], edge)));
      lines.end();
      expect(found).toEqual(events);
    }));
  });

  test('passes over empty lines and Windows line ends', () => {
    expect(parser().push(bytes(`\n\r\n${JSON.stringify(event('a'))}\r\n`))).toEqual([event('a')]);
  });

  test('takes a bookmark and an error, which have no name', () => {
    const lines = parser();
    expect(lines.push(bytes('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n'))).toHaveLength(1);
    expect(lines.push(bytes('{"type":"ERROR","object":{"code":410}}\n'))).toHaveLength(1);
  });

  test.each([
    ['half an object', '{"type":"ADDED"\n', 'is not JSON'],
    ['a page of a proxy', '<html>\n', 'is not JSON'],
    ['null', 'null\n', 'not an event'],
    ['another type', '{"type":"MOVED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}\n', 'not an event'],
    ['no object', '{"type":"ADDED","object":null}\n', 'not an event'],
    ['no name', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n', 'not an event'],
    ['no resourceVersion', '{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}\n', 'not an event'],
  ])('refuses %s', (_, line, message) => {
    expect(() => parser().push(bytes(line))).toThrow(expect.objectContaining({ code: 'KUBE_PROTOCOL', message: expect.stringContaining(message) }));
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(() => parser().push(Uint8Array.of(0xff, 0x0a))).toThrow('the stream is not UTF-8');
  });

  test('tells a stream that ended within a line from one that ended after it', () => {
    const lines = parser();
    lines.push(bytes('{"type":"ADD'));
    expect(() => lines.end()).toThrow(expect.objectContaining({ code: 'KUBE_CONNECTION_LOST', retryable: true }));
    const whole = parser();
    whole.push(bytes(`${JSON.stringify(event('a'))}\n `));
    expect(() => whole.end()).not.toThrow();
  });

  test('does not collect a line without end', () => {
    const lines = parser();
    const megabyte = bytes('x'.repeat(1024 * 1024));
    expect(() => { for (let i = 0; i < 17; i += 1) lines.push(megabyte); }).toThrow('a line is longer than 16777216 bytes');
  });
});
