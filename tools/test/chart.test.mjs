// What can be said of the chart without helm; rendering it, against a real API server, is in e2e.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import { isMap, isSeq, parse, parseDocument } from 'yaml';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const read = file => readFileSync(join(ROOT, file), 'utf8');
const { version } = JSON.parse(read('package.json'));
const chart = parse(read('charts/operator/Chart.yaml'));
const schema = JSON.parse(read('charts/operator/values.schema.json'));
const values = parseDocument(read('charts/operator/values.yaml'));

/** Every value that holds no further ones: its path and whether a comment stands above it. */
function leaves(map, path = '') {
  return map.items.flatMap(({ key, value }, index) => {
    const here = path ? `${path}.${key.value}` : key.value;
    if (isMap(value) && value.items.length > 0 && !isOpen(here)) return leaves(value, here);
    // The parser gives a comment above the first key of a map to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    return [{ path: here, commented: Boolean(comment), list: isSeq(value) }];
  });
}

const schemaAt = path => path.split('.').reduce((at, step) => at?.properties?.[step], schema);
/** A value whose keys are the user's, or Kubernetes'. */
const isOpen = path => path === 'resources' || schemaAt(path)?.properties === undefined;

describe('the chart', () => {
  test('has the version of the repository, in the images that it installs too', () => {
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
  });

  test('explains every value', () => {
    expect(leaves(values.contents).filter(({ commented }) => !commented).map(({ path }) => path)).toEqual([]);
  });

  test('has a schema for every value, and values for all that the schema knows', () => {
    const known = leaves(values.contents).map(({ path }) => path);
    expect(known.filter(path => schemaAt(path) === undefined)).toEqual([]);
    const all = (at, path) => Object.entries(at.properties ?? {}).flatMap(([name, inner]) => {
      const here = path ? `${path}.${name}` : name;
      return inner.properties && here !== 'resources' ? all(inner, here) : [here];
    });
    expect(all(schema, '').filter(path => path !== 'global').toSorted()).toEqual(known.toSorted());
  });

  test('refuses unknown values at every level, so that a typing mistake is an error', () => {
    const loose = (at, path) => (at.properties ? [...(at.additionalProperties === false ? [] : [path]), ...Object.entries(at.properties).flatMap(([name, inner]) => loose(inner, `${path}.${name}`))] : []);
    expect(loose(schema, 'values')).toEqual([]);
  });

  test('uses every value in a template, and no template uses one that there is not', () => {
    const templates = readdirSync(join(ROOT, 'charts/operator/templates')).map(file => read(`charts/operator/templates/${file}`)).join('\n');
    const used = new Set([...templates.matchAll(/\.Values\.([A-Za-z.]+)/g)].map(([, path]) => path));
    expect(leaves(values.contents).map(({ path }) => path).toSorted()).toEqual([...used].toSorted());
  });
});
