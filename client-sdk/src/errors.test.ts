import { expect, test } from '@jest/globals';

import * as errors from './errors.ts';

const { ClusterUnreachableError, NoCapacityError, SdkError } = errors;

test.each(Object.entries(errors).filter(([, Class]) => Class !== SdkError))('%s has its class as its name, and a code', (name, Class) => {
  const error = new (Class as typeof NoCapacityError)('why');
  expect([error.name, error.message, String(error), error instanceof SdkError]).toEqual([name, 'why', `${name}: why`, true]);
  expect(error.code).toMatch(/^SDK_[A-Z_]+$/);
  expect('cause' in error).toBe(false);
});

test('keeps its cause', () => {
  const cause = new Error('deeper');
  expect(new NoCapacityError('why', { cause }).cause).toBe(cause);
  expect(new ClusterUnreachableError('why', 'unreachable', [cause])).toMatchObject({ cause, causes: [cause], found: 'unreachable' });
});
