import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { between } from './between.mjs';

const DOCUMENT = 'docs/configuration.md';

/** The tables of flags in docs/configuration.md, from the tables that the programs themselves read. */
export async function generate(root) {
  const load = file => import(pathToFileURL(path.join(root, file)).href);
  const node = await load('media-node/src/node/config.ts');
  const operator = await load('operator/src/options.ts');
  const nodeRows = Object.entries(node.OPTIONS).map(([name, { default: usual, meaning }]) => ({ name, variable: node.environmentName(name), usual, meaning }));
  const operatorRows = Object.entries(operator.OPTIONS.shape)
    .map(([name, schema]) => ({ name, variable: operator.environmentName(name), usual: operator.defaultOf(schema), meaning: schema.description }));
  const text = fs.readFileSync(path.join(root, DOCUMENT), 'utf8');
  return { [DOCUMENT]: between(between(text, 'node-options', table(nodeRows)), 'operator-options', table(operatorRows)) };
}

function table(rows) {
  return [
    '| flag, variable | meaning | default |', '|---|---|---|',
    ...rows.map(({ name, variable, usual, meaning }) => `| \`--${name}\`<br>\`${variable}\` | ${escape(meaning)} | ${usual === undefined ? '' : escape(usual)} |`),
  ].join('\n');
}

const escape = text => text.replaceAll('|', String.raw`\|`);
