import { describe, expect, test } from '@jest/globals';

import { specOf } from '../../test/samples.ts';
import { revisionOf } from './revision.ts';

describe('revisionOf', () => {
  const plain = revisionOf(specOf());

  test('is the same however the defaults are written, and short enough for a label', () => {
    expect(plain).toMatch(/^[0-9a-f]{10}$/);
    expect(revisionOf(specOf({ pod: { workers: 16 }, exposure: { mode: 'PodIP' } }))).toBe(plain);
    expect(revisionOf({ ...specOf(), image: undefined })).toBe(plain);
    expect(revisionOf(specOf({ security: { authentication: { enabled: true } } }))).toBe(plain);
  });

  test('does not care how many pods there are', () => {
    expect(revisionOf(specOf({ replicas: 7 }))).toBe(plain);
  });

  test.each([
    ['the image', { image: 'a:2' }],
    ['pull secrets', { imagePullSecrets: [{ name: 'a' }] }],
    ['resources', { pod: { resources: { limits: { cpu: 1 } } } }],
    ['workers', { pod: { workers: 8 } }],
    ['who may come in', { security: { authentication: { allowedServiceAccounts: [] } } }],
    ['the spread', { pod: { topologySpreadConstraints: [] } }],
  ])('changes with %s', (_what, input) => {
    expect(revisionOf(specOf(input))).not.toBe(plain);
  });

  test('does not care in which order fields were written', () => {
    expect(revisionOf(specOf({ pod: { resources: { limits: { cpu: 1, memory: '1Gi' } } } })))
      .toBe(revisionOf(specOf({ pod: { resources: { limits: { memory: '1Gi', cpu: 1 } } } })));
  });

  test('stays what it is: a new revision for an old spec would restart every call at an upgrade of the operator', () => {
    expect(plain).toBe('44136fa355');
    expect(revisionOf(specOf({ image: 'a:1', pod: { workers: 4, resources: { requests: { cpu: '500m' } } } }))).toBe('f238ff81f7');
  });

  test('does not change when a later version knows a field with a default', () => {
    const later = { ...specOf({ image: 'a:1' }), drain: undefined };
    expect(revisionOf(later)).toBe(revisionOf(specOf({ image: 'a:1' })));
  });
});
