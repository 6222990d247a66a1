import { describe, expect, test } from '@jest/globals';
import { keyOf, ownerRefOf, splitKey } from './object.ts';

describe('keys', () => {
  test('lead to the object and back, with a namespace and without', () => {
    expect(keyOf({ metadata: { name: 'a', namespace: 'x' } })).toBe('x/a');
    expect(keyOf({ metadata: { name: 'node-1' } })).toBe('node-1');
    expect(splitKey('x/a')).toEqual({ namespace: 'x', name: 'a' });
    expect(splitKey('node-1')).toEqual({ name: 'node-1' });
  });
});

describe('ownerRefOf', () => {
  const owner = { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', metadata: { name: 'calls', uid: 'u1' } };

  test('refers to the owner by uid', () => {
    expect(ownerRefOf(owner, { controller: true, blockOwnerDeletion: true })).toEqual({
      apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', name: 'calls', uid: 'u1', controller: true, blockOwnerDeletion: true,
    });
    expect(ownerRefOf(owner)).not.toHaveProperty('controller');
  });

  test('refuses an owner that the garbage collector could not find', () => {
    expect(() => ownerRefOf({ ...owner, kind: undefined })).toThrow('owner calls has no apiVersion and kind');
    expect(() => ownerRefOf({ ...owner, metadata: { name: 'calls' } })).toThrow('owner MediaCluster calls has no uid');
  });
});
