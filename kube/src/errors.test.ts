import { describe, expect, test } from '@jest/globals';
import { asError, eventError, KubeError, statusError } from './errors.ts';

const status = (code: number, reason: string, rest: object = {}): string => JSON.stringify({ kind: 'Status', code, reason, message: `pods "a": ${reason}`, ...rest });

function prospect(code: number): string {
  const error = statusError(code, '', 'x');
  return `${error.retryable ? 'retryable' : ''}${error.terminal ? 'terminal' : ''}`;
}

describe('statusError', () => {
  test.each([
    [400, 'KUBE_INVALID'], [401, 'KUBE_UNAUTHORIZED'], [403, 'KUBE_FORBIDDEN'], [404, 'KUBE_NOT_FOUND'], [409, 'KUBE_CONFLICT'], [410, 'KUBE_GONE'],
    [413, 'KUBE_INVALID'], [415, 'KUBE_INVALID'], [418, 'KUBE_API'], [422, 'KUBE_INVALID'], [429, 'KUBE_BUSY'], [500, 'KUBE_SERVER'], [503, 'KUBE_SERVER'],
  ])('names a %i %s', (code, name) => {
    expect(statusError(code, '', 'get Pod x/a')).toMatchObject({ code: name, status: code, name: 'KubeError' });
  });

  test('says what was asked for, and the server\'s reason and message', () => {
    const error = statusError(409, status(409, 'AlreadyExists'), 'create Pod x/a');
    expect(error.message).toBe('create Pod x/a: 409 AlreadyExists, pods "a": AlreadyExists');
    expect(error).toMatchObject({ reason: 'AlreadyExists', conflict: true, notFound: false, terminal: false, retryable: false });
  });

  test('keeps the beginning of an answer that is no Status, as a proxy gives', () => {
    expect(statusError(502, '<html>bad gateway</html>', 'list pods').message).toBe('list pods: 502 <html>bad gateway</html>');
    expect(statusError(502, 'null', 'list pods').message).toBe('list pods: 502 null');
    expect(statusError(502, '', 'list pods').message).toBe('list pods: 502 no explanation given');
  });

  test('tells what may be tried again from what needs something else to change first', () => {
    expect([401, 429, 500, 503, 504].map(prospect)).toEqual(Array(5).fill('retryable'));
    expect([400, 403, 422].map(prospect)).toEqual(Array(3).fill('terminal'));
    expect([404, 409, 410].map(prospect)).toEqual(Array(3).fill(''));
    expect(statusError(410, '', 'x').gone).toBe(true);
    expect(statusError(404, '', 'x').notFound).toBe(true);
  });

  test('reads how long to wait from the header, else from the Status', () => {
    expect(statusError(429, '', 'x', '7').retryAfterMs).toBe(7000);
    expect(statusError(429, status(429, 'TooManyRequests', { details: { retryAfterSeconds: 3 } }), 'x').retryAfterMs).toBe(3000);
    expect(statusError(429, '', 'x', 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterMs).toBeUndefined();
  });
});

test('an ERROR event of a watch becomes the same error as an answer would', () => {
  expect(eventError({ code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' }, 'watch pods')).toMatchObject({ gone: true, reason: 'Expired' });
  expect(eventError({}, 'watch pods')).toMatchObject({ code: 'KUBE_SERVER', retryable: true });
});

test('a resourceVersion from the future is told by its cause, which stands as the reason', () => {
  const details = { causes: [{ reason: 'ResourceVersionTooLarge' }] };
  expect(eventError({ code: 504, reason: 'Timeout', details }, 'watch pods').reason).toBe('ResourceVersionTooLarge');
  expect(eventError({ code: 504, reason: 'Timeout', details: {} }, 'watch pods').reason).toBe('Timeout');
});

test('an error without a status is neither a conflict nor final, and keeps its cause', () => {
  const cause = new Error('socket');
  expect(new KubeError('KUBE_TIMEOUT', 'x', { cause })).toMatchObject({ cause, conflict: false, notFound: false, gone: false, terminal: false, retryable: false });
});

test('whatever was thrown is taken as an error', () => {
  const error = new Error('x');
  expect(asError(error)).toBe(error);
  expect(asError('word').message).toBe('word');
});
