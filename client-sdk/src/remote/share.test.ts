import { describe, expect, test } from '@jest/globals';

import { Shared, shareParts } from './share.ts';

const codecs = (payloadType: number): object[] => [
  { mimeType: 'video/VP8', payloadType, rtcpFeedback: [{ type: 'nack', parameter: '' }], parameters: {} },
  { mimeType: 'video/rtx', payloadType: 102, parameters: { apt: payloadType } },
];
const copy = <T>(value: T): T => structuredClone(value);

describe('equal values', () => {
  test.each<[string, unknown, unknown]>([
    ['a list', codecs(1), codecs(2)],
    ['an object', { cname: 'a', mux: true }, { cname: 'b', mux: true }],
    ['an object, one with more', { cname: 'a' }, { cname: 'a', list: [] }],
    ['an object, one with less', { cname: 'a', list: [] }, { cname: 'a' }],
    ['lists of other lengths below', { list: [1] }, { list: [1, 2] }],
    ['a list and an object below', { list: [] }, { list: {} }],
    ['null and an object below', { list: null }, { list: {} }],
    ['a text', 'one', 'two'],
    ['null', null, 'null'],
  ])('%s: are one, others are not', (_what, value, other) => {
    const shared = new Shared();
    expect(shared.one(value)).toBe(value);
    expect(shared.one(copy(value))).toBe(value);
    expect(shared.one(other)).toBe(other);
    expect(shared.one(copy(value))).toBe(value);
  });

  test('are forgotten when many others have come since', () => {
    const shared = new Shared(2);
    const [one, two, three] = [{ a: 1 }, { a: 2 }, { a: 3 }];
    for (const value of [one, two, three, one]) shared.one(value);
    expect(shared.one({ a: 1 })).toBe(one); // used since, so it stays
    for (let other = 10; other < 16; other++) shared.one({ a: other });
    expect(shared.one({ a: 1 })).not.toBe(one);
  });

  test('are looked for first among the last four of the same place', () => {
    const [shared, recent] = [new Shared(1), [] as unknown[]];
    const values = Array.from({ length: 5 }, (_, n) => ({ kind: n }));
    for (const value of values) expect(shared.one(value, recent)).toBe(value);
    expect(recent).toEqual([{ kind: 4 }, { kind: 3 }, { kind: 2 }, { kind: 1 }]);
    expect(shared.one(copy(values[1]), recent)).toBe(values[1]); // forgotten elsewhere
  });

  test('of one kind are remembered up to four', () => {
    const shared = new Shared();
    const values = Array.from({ length: 5 }, (_, n) => ({ kind: 'same', list: [n] }));
    for (const value of values) shared.one(value);
    expect(shared.one(copy(values[4]))).toBe(values[4]);
    expect(shared.one(copy(values[0]))).not.toBe(values[0]);
  });
});

test('the states of two consumers of one producer share what is alike, and nothing else', () => {
  const consumer = (ssrc: number) => ({
    id: `${ssrc}`, producerId: 'a producer', rtpParameters: { codecs: codecs(1), headerExtensions: [], encodings: [{ ssrc }], rtcp: { cname: 'x' }, mid: undefined },
    score: { score: 10, producerScores: [10] }, preferredLayers: undefined, currentLayers: null,
  });
  const [one, other] = [consumer(1), consumer(2)];
  shareParts(one);
  shareParts(other);
  for (const part of ['codecs', 'headerExtensions', 'rtcp'] as const) expect(other.rtpParameters[part]).toBe(one.rtpParameters[part]);
  expect(other.score).toBe(one.score);
  expect(other.rtpParameters.encodings).toEqual([{ ssrc: 2 }]);
  expect(other).toEqual(consumer(2));
});

test('a state without what could be alike stays as it is', () => {
  const state = { pid: 7, score: null, rtpParameters: { encodings: [] } };
  shareParts(state);
  expect(state).toEqual({ pid: 7, score: null, rtpParameters: { encodings: [] } });
});
