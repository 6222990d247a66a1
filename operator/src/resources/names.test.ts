import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { MAX_NAME_LENGTH, MAX_REPLICAS } from '../api/v1alpha1.ts';
import { authSecretName, ordinalOf, podName, serviceAccountName, serviceName } from './names.ts';

const clusterName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/);

describe('names', () => {
  test('an ordinal is found again in the name of its pod', () => {
    fc.assert(fc.property(clusterName, fc.nat(MAX_REPLICAS), (name, ordinal) => {
      expect(ordinalOf(name, podName(name, ordinal))).toBe(ordinal);
    }));
  });

  test.each(['calls', 'calls-', 'calls-01', 'calls--1', 'calls-x', 'calls-1-2', 'other-1', 'calls-1234567890'])('%s is no pod of calls', name => {
    expect(ordinalOf('calls', name)).toBeUndefined();
  });

  test('a pod of calls-1 is none of calls', () => {
    expect(ordinalOf('calls', podName('calls-1', 2))).toBeUndefined();
  });

  test('the longest name leaves room for the longest child, as a label too', () => {
    const longest = 'a'.repeat(MAX_NAME_LENGTH);
    for (const child of [podName(longest, MAX_REPLICAS - 1), serviceName(longest), serviceAccountName(longest), authSecretName(longest)]) {
      expect(child.length).toBeLessThanOrEqual(63);
    }
  });
});
