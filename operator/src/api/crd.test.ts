import { describe, expect, test } from '@jest/globals';

import { mediaClusterCrd } from './crd.ts';
import type { StructuralSchema } from './structural-schema.ts';

const crd = mediaClusterCrd();
const [version] = crd.spec.versions;

describe('the CRD of MediaCluster', () => {
  test('has the scale subresource on paths that exist, with a default where a GET of it would fail without one', () => {
    expect(version.subresources.scale).toEqual({ specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' });
    for (const path of Object.values(version.subresources.scale)) expect(fieldAt(path)).toBeDefined();
    expect(fieldAt('.spec.replicas')).toMatchObject({ type: 'integer', default: 1 });
    expect(fieldAt('.status.selector')).toMatchObject({ type: 'string' });
  });

  test('shows columns whose paths exist', () => {
    for (const { jsonPath } of version.additionalPrinterColumns) {
      if (!jsonPath.startsWith('.metadata')) expect(fieldAt(jsonPath)).toBeDefined();
    }
    expect(version.additionalPrinterColumns.map(({ name }) => name)).toEqual(['Desired', 'Current', 'Ready', 'Status', 'Age', 'Message', 'Image']);
  });

  test('is found as mc, and fills spec in where there is none', () => {
    expect(crd.metadata.name).toBe('mediaclusters.mediacluster.dev');
    expect(crd.spec.names.shortNames).toEqual(['mc']);
    expect(fieldAt('.spec')).toMatchObject({ default: {} });
  });

  test('has a default that each part of it agrees with', () => {
    const spread = fieldAt('.spec.pod.topologySpreadConstraints');
    const items = spread?.default as object[] | undefined;
    expect(items).toHaveLength(1);
    for (const item of items ?? []) {
      for (const name of spread?.items?.required ?? []) expect(item).toHaveProperty([name]);
    }
  });

  test('describes every field of the spec', () => {
    expect(undescribed(fieldAt('.spec'), 'spec')).toEqual([]);
  });
});

function fieldAt(path: string): StructuralSchema | undefined {
  const steps = path.replaceAll(/\[[^\]]*\]/g, '').split('.').filter(Boolean);
  return steps.reduce<StructuralSchema | undefined>((schema, step) => (schema?.items ?? schema)?.properties?.[step], version.schema.openAPIV3Schema);
}

function undescribed(schema: StructuralSchema | undefined, path: string): string[] {
  const inner = Object.entries(schema?.items?.properties ?? schema?.properties ?? {}).flatMap(([name, field]) => undescribed(field, `${path}.${name}`));
  return schema?.description ? inner : [path, ...inner];
}
