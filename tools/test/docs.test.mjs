// Tables of the documents that are written by hand, held against the code that they speak of.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import ts from '@typescript/typescript6';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const read = file => readFileSync(join(ROOT, file), 'utf8');
const parse = file => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
const filesOf = (folder, ending) => readdirSync(join(ROOT, folder), { recursive: true }).filter(name => ending.test(name) && !/\.test\./.test(name)).map(name => join(folder, name));

function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, child => walk(child, visit));
}

/** The `code` of each error class in a file, and the members of a union type whose name ends in `ErrorCode`. */
function codesOf(file) {
  const codes = [];
  walk(parse(file), node => {
    if (ts.isPropertyDeclaration(node) && node.name.getText() === 'code' && node.initializer && ts.isStringLiteral(node.initializer)) codes.push(node.initializer.text);
    if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode')) walk(node.type, inner => ts.isStringLiteral(inner) && codes.push(inner.text));
  });
  return codes;
}

/** What the tools throw: `new WorkerError('CODE', …)`. */
function thrownCodesOf(file) {
  const codes = [];
  walk(parse(file), node => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'WorkerError' && ts.isStringLiteral(node.arguments?.[0] ?? node)) codes.push(node.arguments[0].text);
  });
  return codes;
}

/** The names that stand in the first cells of a document's tables. */
const firstCells = text => text.split('\n').flatMap(line => [...(/^\| ((?:`[^`]+`(?:<br>|, )?)+) \|/.exec(line)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));

/** The names of an interface's members. */
function membersOf(file, name) {
  const members = [];
  walk(parse(file), node => ts.isInterfaceDeclaration(node) && node.name.text === name && members.push(...node.members.map(member => member.name.getText())));
  return members;
}

describe('docs/errors.md', () => {
  const documented = firstCells(read('docs/errors.md')).filter(name => /^[A-Z]+_[A-Z_]+$/.test(name));

  test('has a line for every code, and none for a code that is no more', () => {
    const ours = ['rope', 'kube', 'client-sdk', 'media-node', 'operator'].flatMap(folder => filesOf(`${folder}/src`, /\.ts$/)).flatMap(codesOf);
    const tools = filesOf('tools', /\.mjs$/).flatMap(thrownCodesOf);
    expect([ours.length > 35, tools.length > 8]).toEqual([true, true]);
    expect(documented.toSorted()).toEqual([...new Set([...ours, ...tools])].toSorted());
  });

  test('names every error class of the packages that can be caught', () => {
    const classes = [];
    for (const folder of ['rope', 'client-sdk', 'media-node', 'operator']) {
      walk(parse(`${folder}/src/errors.ts`), node => {
        const abstract = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);
        if (ts.isClassDeclaration(node) && !abstract) classes.push(node.name.text);
      });
    }
    const named = firstCells(read('docs/errors.md'));
    expect(classes.filter(name => !named.includes(name))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  test.each([
    ['client-sdk/src/media-cluster.ts', 'MediaClusterOptions'],
    ['client-sdk/src/kubernetes.ts', 'MediaClusterOptions'],
    ['client-sdk/src/local/local-manager.ts', 'LocalManagerOptions'],
    ['rope/src/client/rope-client.ts', 'RopeClientOptions'],
    ['rope/src/backoff.ts', 'BackoffOptions'],
  ])('has every option of %s', (file, name) => {
    const text = read('docs/configuration.md').split('## SDK')[1];
    const members = membersOf(file, name).filter(member => !['host', 'methods', 'notices', 'errorClasses'].includes(member)); // the SDK sets these itself
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter(member => !text.includes(`\`${member}\``))).toEqual([]);
  });
});
