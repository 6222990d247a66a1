import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { podOf } from '../../test/samples.ts';
import { sizePods } from './sizing.ts';

const names = (pods: { metadata: { name: string } }[]) => pods.map(({ metadata }) => metadata.name);

describe('sizePods', () => {
  test('asks for the ordinals that have no pod', () => {
    expect(sizePods('calls', 3, [podOf(1)])).toMatchObject({ missing: [0, 2], surplus: [] });
    expect(sizePods('calls', 0, [])).toEqual({ missing: [], kept: [], surplus: [] });
  });

  test('lets the highest ordinals leave, the highest first, by number and not by letter', () => {
    const pods = [9, 10, 2, 0, 11].map(ordinal => podOf(ordinal));
    expect(names(sizePods('calls', 3, pods).surplus)).toEqual(['calls-11', 'calls-10', 'calls-9']);
    expect(names(sizePods('calls', 3, pods).kept)).toEqual(['calls-0', 'calls-2']);
  });

  test('keeps the name of a leaving pod taken until it is gone', () => {
    expect(sizePods('calls', 1, [podOf(0, 'leaving')]).missing).toEqual([]);
  });

  test('has no place for a pod of ours without an ordinal', () => {
    const odd = podOf(0, 'ready', undefined, { name: 'calls-debug' });
    expect(names(sizePods('calls', 2, [odd, podOf(5)]).surplus)).toEqual(['calls-debug', 'calls-5']);
    expect(sizePods('calls', 2, [odd]).missing).toEqual([0, 1]);
  });

  test('whatever there is: each pod is kept or surplus, and kept and missing together are what was asked for', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(30)), fc.nat(30), (ordinals, replicas) => {
      const { missing, kept, surplus } = sizePods('calls', replicas, ordinals.map(ordinal => podOf(ordinal)));
      expect(kept.length + surplus.length).toBe(ordinals.length);
      expect(kept.length + missing.length).toBe(replicas);
      expect(new Set([...names(kept), ...missing.map(ordinal => `calls-${ordinal}`)]).size).toBe(replicas);
    }));
  });
});
