// Holds the imports of every package against rooms.json: no arrow that is not drawn there, and no circle.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve, dirname, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import ts from '@typescript/typescript6';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const plan = JSON.parse(readFileSync(join(ROOT, 'rooms.json'), 'utf8'));
const packageOf = Object.fromEntries(Object.entries(plan.packages).map(([folder, { name }]) => [name, folder]));

/** Every import and export-from of a source file: what it names, and whether it is gone at run time. */
function importsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = node => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const typeOnly = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly === true : node.isTypeOnly;
      found.push({ to: node.moduleSpecifier.text, typeOnly });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && ts.isStringLiteral(node.arguments[0])) {
      found.push({ to: node.arguments[0].text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const sourcesOf = folder => readdirSync(join(ROOT, folder, 'src'), { recursive: true })
  .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map(name => join(ROOT, folder, 'src', name));

/** `session` for session/session.ts, `` for a file at the package's root. */
const roomOf = (folder, file) => {
  const parts = relative(join(ROOT, folder, 'src'), file).split('/');
  return parts.length > 1 ? parts[0] : '';
};

const files = Object.keys(plan.packages).flatMap(folder => sourcesOf(folder).map(file => ({ folder, file })));
const edges = files.flatMap(({ folder, file }) => importsOf(file).map(({ to, typeOnly }) => ({ folder, file, to, typeOnly })));
const short = file => relative(ROOT, file);

/** Why an import is not drawn in the plan; undefined when it is. */
function objection({ folder, file, to, typeOnly }) {
  const { packages, shared, rooms } = plan.packages[folder];
  const room = roomOf(folder, file);
  if (to.startsWith('.')) {
    const target = resolve(dirname(file), to);
    const targetRoom = roomOf(folder, target);
    const name = relative(join(ROOT, folder, 'src'), target);
    const sharedFile = targetRoom === '' && shared.includes(name);
    if (room === '' && !shared.includes(relative(join(ROOT, folder, 'src'), file))) return undefined;
    if (room === targetRoom || sharedFile) return undefined;
    if (rooms[room]?.includes(targetRoom)) return undefined;
    return `${short(file)} imports ${to}: ${folder}/${room || '(shared)'} may not import ${targetRoom || name}`;
  }
  const own = Object.keys(packageOf).find(name => to === name || to.startsWith(`${name}/`));
  if (own) {
    const rule = packages.find(entry => (entry.name ?? entry) === packageOf[own]);
    const name = relative(join(ROOT, folder, 'src'), file);
    if (rule && (rule.only === undefined || rule.only.includes(name))) return undefined;
    return `${short(file)} imports ${to}: ${folder} may not, or not there`;
  }
  const module = Object.keys(plan.modules).find(name => to === name || to.startsWith(`${name}/`));
  if (module && !typeOnly && !plan.modules[module].some(pattern => matchesGlob(short(file), pattern))) {
    return `${short(file)} imports ${to} at run time: only ${plan.modules[module].join(', ')} may`;
  }
  return undefined;
}

describe('rooms', () => {
  test('every folder of every package is a room of the plan', () => {
    const unknown = files.map(({ folder, file }) => [folder, roomOf(folder, file)])
      .filter(([folder, room]) => room !== '' && !(room in plan.packages[folder].rooms))
      .map(([folder, room]) => `${folder}/${room}`);
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('every import is an arrow of the plan', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(edges.map(objection).filter(Boolean)).toEqual([]);
  });

  test('every arrow of the plan is an import', () => {
    const used = new Set(edges.filter(({ to }) => to.startsWith('.')).map(({ folder, file, to }) => `${folder}/${roomOf(folder, file)} ▶ ${roomOf(folder, resolve(dirname(file), to))}`));
    const drawn = Object.entries(plan.packages).flatMap(([folder, { rooms }]) => Object.entries(rooms).flatMap(([room, others]) => others.map(other => `${folder}/${room} ▶ ${other}`)));
    expect(drawn.filter(arrow => !used.has(arrow))).toEqual([]);
  });

  test('the plan itself has no circle', () => {
    for (const [folder, { rooms }] of Object.entries(plan.packages)) expect([folder, circle(room => rooms[room] ?? [], Object.keys(rooms))]).toEqual([folder, undefined]);
    expect(circle(folder => plan.packages[folder].packages.map(entry => entry.name ?? entry), Object.keys(plan.packages))).toBeUndefined();
  });

  test('no files import each other in a circle at run time', () => {
    const targets = Map.groupBy(edges.filter(({ to, typeOnly }) => to.startsWith('.') && !typeOnly), ({ file }) => file);
    expect(circle(file => (targets.get(file) ?? []).map(({ to }) => resolve(dirname(file), to)), files.map(({ file }) => file))?.map(short)).toBeUndefined();
  });

  test('what runs in a browser too needs nothing of Node but its events', () => {
    const { package: folder, except, nodeModules } = plan.browserSafe;
    const wrong = edges
      .filter(edge => edge.folder === folder && !except.includes(roomOf(folder, edge.file)) && !edge.typeOnly)
      .filter(({ to }) => to.startsWith('node:') && !nodeModules.includes(to))
      .map(({ file, to }) => `${short(file)} imports ${to}`);
    expect(wrong).toEqual([]);
  });
});

/** The first circle that is found by walking on, as a list of its members. */
function circle(next, starts) {
  const done = new Set();
  const walk = (at, path) => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const to of next(at)) {
      const found = walk(to, [...path, at]);
      if (found) return found;
    }
    done.add(at);
    return undefined;
  };
  for (const start of starts) {
    const found = walk(start, []);
    if (found) return found;
  }
  return undefined;
}
