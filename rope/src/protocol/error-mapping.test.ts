import { describe, expect, test } from '@jest/globals';

import { MethodNotFoundError, ObjectNotFoundError, RemoteError, VersionError } from '../errors.ts';
import { decodeError, encodeError } from './error-mapping.ts';

class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}
class NoCapacityError extends Error {
  override readonly name = 'NoCapacityError';
  readonly code = 'SDK_NO_CAPACITY';
  readonly retryable = true;
}
const classes = { NotFoundError, NoCapacityError };

const travel = (thrown: unknown, full = false) => decodeError(JSON.parse(JSON.stringify(encodeError(thrown, { full }))) as never, classes);

describe('an error that travels', () => {
  test.each([
    ['of the language', new TypeError('wrong settings'), TypeError],
    ['without a class of its own', new Error('ssrc already exists'), Error],
    ['of ROPE', new MethodNotFoundError('no method x here'), MethodNotFoundError],
    ['that the client has a class for', new NoCapacityError('16 workers'), NoCapacityError],
    ['that travels under a name of mediasoup', new ObjectNotFoundError('object 5 not found'), NotFoundError],
  ])('%s keeps its class and message', (_, error, expected) => {
    const arrived = travel(error);
    expect(arrived).toBeInstanceOf(expected);
    expect(arrived.constructor).toBe(expected);
    expect(arrived.message).toBe(error.message);
  });

  test('keeps its code and its enumerable fields', () => {
    const error = Object.assign(new Error('port in use'), { code: 'EADDRINUSE', port: 40_000, at: { ip: '::1' } });
    expect(travel(error)).toMatchObject({ message: 'port in use', code: 'EADDRINUSE', port: 40_000, at: { ip: '::1' } });
    expect(travel(new NoCapacityError('full'))).toMatchObject({ code: 'SDK_NO_CAPACITY', retryable: true });
  });

  test('of an unknown class is a RemoteError that knows its name and code', () => {
    class QuotaError extends Error {
      override readonly name = 'QuotaError';
      readonly code = 'QUOTA';
      readonly limit = 5;
    }
    const arrived = travel(new QuotaError('no more'));
    expect(arrived).toBeInstanceOf(RemoteError);
    expect(arrived).toMatchObject({ code: 'ROPE_REMOTE', remoteName: 'QuotaError', remoteCode: 'QUOTA', message: 'no more', limit: 5 });
    expect(encodeError(arrived).data).toMatchObject({ name: 'QuotaError', code: 'QUOTA' });
  });

  test('cannot pose as a property of an object instead of a class', () => {
    const arrived = decodeError({ code: 1, message: 'm', data: { name: 'toString' } }, classes);
    expect(arrived).toBeInstanceOf(RemoteError);
    expect(decodeError({ code: 1, message: 'm', data: { name: '__proto__' } })).toBeInstanceOf(RemoteError);
  });

  test('does not overwrite what the class has, nor what makes it an error', () => {
    const arrived = decodeError({ code: 1, message: 'm', data: { name: 'TypeError', details: JSON.parse('{"message":"x","stack":"x","toString":1,"__proto__":{"bad":1},"ok":1}') as never } });
    expect(arrived.message).toBe('m');
    expect(arrived.stack).not.toBe('x');
    expect(String(arrived)).toBe('TypeError: m');
    expect(arrived).not.toHaveProperty('bad');
    expect(arrived).toHaveProperty('ok', 1);
  });

  test('leaves its stack at home unless all is asked for', () => {
    const error = new Error('deep');
    expect(JSON.stringify(encodeError(error))).not.toContain('error-mapping.test');
    expect(travel(error)).not.toHaveProperty('remoteStack');
    expect(travel(error, true)).toHaveProperty('remoteStack', error.stack);
    delete error.stack;
    expect(encodeError(error, { full: true }).data).not.toHaveProperty('stack');
  });

  test('loses fields that JSON cannot hold, or that are too many', () => {
    expect(travel(Object.assign(new Error('a'), { big: 1n }))).not.toHaveProperty('big');
    expect(travel(Object.assign(new Error('a'), { long: 'x'.repeat(5_000) }))).not.toHaveProperty('long');
    expect(travel(Object.assign(new Error('a'), { call: () => 1, none: undefined, kept: 1 }))).toHaveProperty('kept', 1);
  });

  test('is an Error even if something else was thrown', () => {
    expect(travel('no').message).toBe('no');
    expect(travel({ odd: 1 }).message).toBe('something that is no Error was thrown');
    expect(decodeError({ code: -32_000, message: 'bare' }).constructor).toBe(Error);
  });

  test.each([
    [new TypeError('t'), -32_602],
    [new MethodNotFoundError('m'), -32_601],
    [new VersionError('v'), -32_001],
    [new Error('e'), -32_000],
    [Object.assign(new Error('e'), { code: 42 }), -32_000],
  ])('%p has the number %p for generic readers', (error, number) => {
    expect(encodeError(error).code).toBe(number);
  });
});
