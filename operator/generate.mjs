import fs from 'node:fs';
import path from 'node:path';

import { stringify } from 'yaml';

const DOCUMENT = 'docs/mediacluster.md';
const BEGIN = '<!-- fields: written by npm run generate -->';
const END = '<!-- end of fields -->';

/** What is derived from the schema of MediaCluster: the CRD, its copy in the chart, and the fields in the documentation. */
export async function generate(root) {
  const { mediaClusterCrd } = await import('./src/api/crd.ts');
  const { fieldTable } = await import('./src/api/field-table.ts');
  const crd = mediaClusterCrd();
  const yaml = `# Written by npm run generate, from operator/src/api/v1alpha1.ts.\n${stringify(crd, { lineWidth: 0 })}`;
  const name = `${crd.spec.group}_${crd.spec.names.plural}.yaml`;
  const { spec, status } = crd.spec.versions[0].schema.openAPIV3Schema.properties;
  const document = fs.readFileSync(path.join(root, DOCUMENT), 'utf8');
  return {
    [`crds/${name}`]: yaml,
    [`charts/operator/crds/${name}`]: yaml,
    [DOCUMENT]: between(document, `### spec\n\n${fieldTable(spec)}\n\n### status\n\n${fieldTable(status)}`),
  };
}

function between(document, text) {
  const [head, rest] = document.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error(`${DOCUMENT} must hold the lines "${BEGIN}" and "${END}"`);
  return `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`;
}
