import { describe, expect, test } from '@jest/globals';

import { clusterOf } from '../../test/samples.ts';
import { parseSpec } from './v1alpha1.ts';

describe('parseSpec', () => {
  test('fills every default in for an empty spec, and for none', () => {
    const defaults = {
      replicas: 1,
      pod: { workers: 16, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }] },
      exposure: { mode: 'PodIP' },
      security: { authentication: { enabled: true } },
    };
    expect(parseSpec(clusterOf({})).spec).toEqual(defaults);
    expect(parseSpec(clusterOf(undefined)).spec).toEqual(defaults);
  });

  test('leaves out what it does not know, so that a newer CRD does not stop an older operator', () => {
    expect(parseSpec(clusterOf({ replicas: 2, drain: { deadlineSeconds: 60 } })).spec).not.toHaveProperty('drain');
  });

  test('says which field is wrong and how, all of them at once', () => {
    const { spec, problem } = parseSpec(clusterOf({ replicas: -1, exposure: { mode: 'Tunnel' } }));
    expect(spec).toBeUndefined();
    expect(problem).toMatch(/^spec\.replicas: .*; spec\.exposure\.mode: .*PodIP/);
  });

  test.each(['1', '500m', '1.5', '2Gi', '1e3', 3])('takes %j for a quantity', quantity => {
    expect(parseSpec(clusterOf({ pod: { resources: { limits: { cpu: quantity } } } })).spec?.pod.resources).toEqual({ limits: { cpu: quantity } });
  });

  test.each(['1x', '', 'Gi', '1 Gi', 0.5])('refuses %j for a quantity', quantity => {
    expect(parseSpec(clusterOf({ pod: { resources: { limits: { cpu: quantity } } } })).problem).toContain('spec.pod.resources.limits.cpu');
  });

  test('refuses an image with a blank in it, and an empty one', () => {
    expect(parseSpec(clusterOf({ image: 'a b' })).problem).toContain('spec.image');
    expect(parseSpec(clusterOf({ image: '' })).problem).toContain('spec.image');
  });
});
