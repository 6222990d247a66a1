import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { ProtocolError } from '../errors.ts';
import { decodeFrame, encodeDataFrame, encodeFrame, encodeMessage } from './codec.ts';
import type { Message } from './message.ts';

const params = fc.dictionary(fc.string(), fc.jsonValue());
const id = fc.integer({ min: 1 });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ id, method: fc.string(), params }),
  fc.record({ method: fc.string(), params }),
  fc.record({ id, result: fc.jsonValue() }),
  fc.record({ id, error: fc.record({ code: fc.integer(), message: fc.string(), data: fc.record({ name: fc.string() }) }) }),
);

const welcome = {
  protocol: 1,
  node: { id: 'n', name: 'n', epoch: 'e' },
  session: { id: 's', resume: 'new', received: 0, leaseMs: 30_000 },
  heartbeatMs: 5_000,
  limits: { maxMessageBytes: 1_000 },
  payload: null,
} as const;

describe('codec', () => {
  test('reads every data frame that it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 1 }), fc.nat(), fc.array(message, { minLength: 1 }), (seq, ack, messages) => {
      const text = encodeDataFrame(seq, ack, messages.map(message => encodeMessage(message) as string));
      expect(decodeFrame(text)).toEqual(JSON.parse(JSON.stringify({ seq, ack, messages })));
    }));
  });

  test.each([
    { ack: 3 },
    { ping: 1 },
    { pong: 1 },
    { hello: { protocol: [1, 2], client: 'app/1', scope: 'own' } },
    { hello: { protocol: [1, 1], client: 'app/1', session: { id: 's', received: 7 }, scope: 'observe', token: 't', ownerId: 'o' } },
    { welcome: { ...welcome, session: { ...welcome.session, resume: 'snapshot', answering: [3, 4] } } },
    { seq: 1, ack: 0, messages: [null] },
    { welcome },
    { reject: { code: -32_001, message: 'too old', data: { name: 'VersionError' } } },
    { reject: { code: -32_000, message: 'no' } },
  ] as const)('reads what it writes: %j', frame => {
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  });

  test.each([
    ['not JSON', '{', 'a frame must be JSON'],
    ['a list', '[]', 'a frame must be a JSON object'],
    ['null', 'null', 'a frame must be a JSON object'],
    ['a number', '7', 'a frame must be a JSON object'],
    ['an empty object', '{}', 'a frame of an unknown kind, with the fields (none)'],
    ['an unknown kind', '{"a":1,"b":2}', 'a frame of an unknown kind, with the fields a, b'],
    ['seq 0', '{"seq":0,"ack":0,"messages":[{"method":"m","params":{}}]}', 'a frame with a bad seq'],
    ['seq of text', '{"seq":"1","ack":0,"messages":[{"method":"m","params":{}}]}', 'a frame with a bad seq'],
    ['a huge seq', '{"seq":1e300,"ack":0,"messages":[{"method":"m","params":{}}]}', 'a frame with a bad seq'],
    ['a negative ack', '{"seq":1,"ack":-1,"messages":[{"method":"m","params":{}}]}', 'a frame with a bad ack'],
    ['no message', '{"seq":1,"ack":0,"messages":[]}', 'a frame without messages'],
    ['messages that are none', '{"seq":1,"ack":0,"messages":{}}', 'a frame without messages'],
    ['a bare ack of text', '{"ack":"1"}', 'a malformed ack'],
    ['a broken ping', '{"ping":0.5}', 'a malformed ping'],
    ['a pong of null', '{"pong":null}', 'a malformed pong'],
    ['a hello of null', '{"hello":null}', 'a malformed hello'],
    ['a hello with one version', '{"hello":{"protocol":[1],"client":"c","scope":"own"}}', 'a malformed hello'],
    ['a hello with a long name', `{"hello":{"protocol":[1,1],"client":"${'x'.repeat(201)}","scope":"own"}}`, 'a malformed hello'],
    ['a hello with a session of text', '{"hello":{"protocol":[1,1],"client":"c","scope":"own","session":"s"}}', 'a malformed hello'],
    ['a welcome of null', '{"welcome":null}', 'a malformed welcome'],
    ['a welcome that resumes in an unknown way', JSON.stringify({ welcome: { ...welcome, session: { ...welcome.session, resume: 'somehow' } } }), 'a malformed welcome'],
    ['a welcome that answers what is no number', JSON.stringify({ welcome: { ...welcome, session: { ...welcome.session, answering: ['1'] } } }), 'a malformed welcome'],
    ['a hello with a long token', `{"hello":{"protocol":[1,1],"client":"c","scope":"own","token":"${'x'.repeat(16_385)}"}}`, 'a malformed hello'],
    ['a hello with an empty owner', '{"hello":{"protocol":[1,1],"client":"c","scope":"own","ownerId":""}}', 'a malformed hello'],
    ['a hello with a long owner', `{"hello":{"protocol":[1,1],"client":"c","scope":"own","ownerId":"${'x'.repeat(201)}"}}`, 'a malformed hello'],
    ['a reject without a message', '{"reject":{"code":1}}', 'a malformed reject'],
    ['a reject with nameless data', '{"reject":{"code":1,"message":"m","data":{}}}', 'a malformed reject'],
  ])('refuses %s', (_, text, reason) => {
    expect(() => decodeFrame(text)).toThrow(ProtocolError);
    expect(() => decodeFrame(text)).toThrow(reason);
  });

  test.each([
    ['a text', 'no'],
    ['a list', []],
    ['nothing', {}],
    ['an id of 0', { id: 0, method: 'm', params: {} }],
    ['an id of text', { id: '1', method: 'm', params: {} }],
    ['params of a list', { id: 1, method: 'm', params: [] }],
    ['no params', { method: 'm' }],
    ['a method of a number', { id: 1, method: 5, params: {} }],
    ['an answer without an id', { result: 1 }],
    ['an answer without a result', { id: 1 }],
    ['an answer with both', { id: 1, result: 1, error: { code: 1, message: '' } }],
    ['an error of text', { id: 1, error: 'no' }],
  ])('refuses a message that is %s', (_, malformed) => {
    const text = JSON.stringify({ seq: 1, ack: 0, messages: [{ method: 'fine', params: {} }, malformed] });
    expect(() => decodeFrame(text)).toThrow(new ProtocolError('a frame with a malformed message'));
  });

  test('answers any text with a frame or a ProtocolError', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => {
      try {
        decodeFrame(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }));
  });

  test('ignores fields that it does not know', () => {
    expect(decodeFrame('{"ack":1,"later":true}')).toEqual({ ack: 1, later: true });
  });
});
