import { describe, expect, test } from '@jest/globals';

import { PARTS, goModOf, type Part } from './parts.ts';

function part(name: string): Part {
  const found = PARTS.find(candidate => candidate.name === name);
  if (!found) throw new Error(`there is no part ${name}`);
  return found;
}

describe('goModOf', () => {
  test('takes the modules that upstream replaces by folders of its own from where they are published', () => {
    const upstream = 'module k8s.io/kubernetes\n\ngodebug default=go1.25\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tk8s.io/kubectl => ./staging/src/k8s.io/kubectl\n\texample.com/other => example.com/fork v1.0.0\n)\n';
    const lines = goModOf(part('kubernetes'), upstream).split('\n');
    expect(lines.filter(line => line.startsWith('replace '))).toEqual(['replace k8s.io/api => k8s.io/api v0.35.4', 'replace k8s.io/kubectl => k8s.io/kubectl v0.35.4']);
    expect(lines).toContain('require k8s.io/kubernetes v1.35.4');
    expect(lines).toContain('godebug default=go1.25');
  });

  test('needs nothing but the part where upstream has no such folders', () => {
    expect(goModOf(part('etcd'), 'module go.etcd.io/etcd/server/v3\n')).toBe('module mediacluster.dev/cluster/etcd\n\ngo 1.25.0\n\nrequire go.etcd.io/etcd/server/v3 v3.6.16\n');
  });
});

test('no program is in two parts', () => {
  const programs = PARTS.flatMap(({ programs: all }) => all);
  expect(new Set(programs).size).toBe(programs.length);
});
