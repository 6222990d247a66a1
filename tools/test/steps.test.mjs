import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { findChromium, provideChromium } from '../steps/chromium.mjs';
import { dependenciesAreThere, provideDependencies } from '../steps/dependencies.mjs';
import { assertNode, isEnough, nodeEnv, nodeProgram } from '../steps/node.mjs';
import { freePort } from '../steps/port.mjs';
import { StepError, fail, step } from '../steps/step.mjs';

let root;
let lines;
const log = Object.assign(line => lines.push(line), { update: () => {} });
beforeEach(() => {
  lines = [];
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'mediacluster-steps-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const write = (name, text, mode) => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  return file;
};

/** What npm would be: `source` runs in the repository's root. */
const npm = source => ({ ...process.env, npm_execpath: write('npm.js', source) });
const INSTALLS = "require('fs').mkdirSync('node_modules', { recursive: true }); require('fs').writeFileSync('node_modules/.package-lock.json', '{}')";

test('dependencies are installed once, and again when the lock file has changed', async () => {
  write('package.json', '{}');
  write('package-lock.json', '{"version": 1}');
  expect(dependenciesAreThere(root)).toBe(false);
  await provideDependencies({ root, log, env: npm(INSTALLS) });
  expect(lines[0]).toMatch(/^Dependencies: npm install \(.*\) …$/);
  expect(dependenciesAreThere(root)).toBe(true);

  lines = [];
  await provideDependencies({ root, log, env: npm('process.exit(1)') });
  expect(lines).toEqual([]);

  write('package-lock.json', '{"version": 2}');
  const later = new Date(Date.now() + 60_000);
  fs.utimesSync(path.join(root, 'package-lock.json'), later, later);
  expect(dependenciesAreThere(root)).toBe(false);
});

test('dependencies that were installed by hand are there', () => {
  write('package-lock.json', '{}');
  write('node_modules/.package-lock.json', '{}');
  expect(dependenciesAreThere(root)).toBe(true);
});

test('an installation that would install something else than the lock file says fails, and again', async () => {
  const lock = '{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}';
  write('package-lock.json', lock);
  const env = npm(`${INSTALLS}; require('fs').writeFileSync('package-lock.json', '{"packages": {"node_modules/a": {"version": "1.0.1"}, "node_modules/b": {"version": "1.0.0"}}}')`);
  for (const _ of [1, 2]) {
    await expect(provideDependencies({ root, log, env })).rejects.toThrow(/would change package-lock.json: .* about a, b\.\nRun/);
    expect(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).toBe(lock);
    expect(dependenciesAreThere(root)).toBe(false);
  }
});

test('an npm that says the same in other words is welcome, and the lock file stays as it was', async () => {
  const lock = '{"packages": {"node_modules/a": {"version": "1.0.0", "peer": true}}}';
  write('package-lock.json', lock);
  await provideDependencies({ root, log, env: npm(`${INSTALLS}; require('fs').writeFileSync('package-lock.json', '{"packages": {"node_modules/a": {"version": "1.0.0"}}}')`) });
  expect(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).toBe(lock);
  expect(dependenciesAreThere(root)).toBe(true);
});

test('an installation without a network says what to do, any other failure what npm said', async () => {
  write('package-lock.json', '{}');
  await expect(provideDependencies({ root, log, env: npm("console.error('npm error code EAI_AGAIN'); process.exit(1)") })).rejects.toThrow(/can't reach the package registry.*\nConnect this machine/);
  await expect(provideDependencies({ root, log, env: npm("console.error('npm error code E404'); process.exit(1)") })).rejects.toThrow('npm install failed:\nnpm error code E404');
});

test.each([['22.19.0', true], ['22.18.9', false], ['20.20.2', false], ['24.0.0', true], ['23.1.0', true]])('Node %s is new enough: %s', (version, enough) => {
  expect(isEnough(version)).toBe(enough);
});

test('an old Node is enough only where a newer one comes with the dependencies', () => {
  expect(() => assertNode({ version: '20.20.2', platform: 'linux', arch: 'arm64' })).not.toThrow();
  expect(() => assertNode({ version: '22.19.0', platform: 'darwin' })).not.toThrow();
  expect(() => assertNode({ version: '20.20.2', platform: 'darwin', arch: 'arm64' })).toThrow('MediaCluster needs Node 22.19 or later, and this is 20.20.2. Install it from https://nodejs.org, and start again.');
});

test('the packaged Node is taken where it runs, else the one that runs this', () => {
  expect(nodeProgram(root)).toBe(process.execPath);
  write('node_modules/.bin/node', '#!/bin/sh\nexit 1', 0o755);
  expect(nodeProgram(root)).toBe(process.execPath);
  const packaged = write('node_modules/.bin/node', '#!/bin/sh\necho 24.21.0', 0o755);
  expect(nodeProgram(root)).toBe(fs.realpathSync(packaged));
  expect(nodeEnv(root, { PATH: '/bin' }).PATH.split(':')).toEqual([path.dirname(fs.realpathSync(packaged)), path.dirname(packaged), '/bin']);
});

test('a port that somebody answers at is taken, on either loopback address', async () => {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await expect(freePort({ PORT: String(port) })).rejects.toThrow(`Port ${port} is taken, perhaps by another npm start.\nEnd that program, or take another port:  PORT=${port + 1} npm start`);
  server.close();
  await once(server, 'close');
  expect(await freePort({ PORT: String(port) })).toBe(port);
});

test.each(['web', '0', '70000', '1.5'])('PORT=%s is refused', async PORT => {
  await expect(freePort({ PORT })).rejects.toThrow(`PORT is "${PORT}", and must be a number from 1 to 65535.`);
});

test('Chromium is found by its variable, then by its names on the PATH', async () => {
  const chromium = write('bin/chromium-browser', '');
  expect(findChromium({ CHROMIUM_PATH: chromium, PATH: '/nowhere' })).toBe(chromium);
  expect(findChromium({ PATH: `/nowhere:${path.dirname(chromium)}` })).toBe(chromium);
  expect(await provideChromium({ log, env: { PATH: path.dirname(chromium) } })).toEqual({ path: chromium });
  expect(await provideChromium({ log, env: { CHROMIUM_PATH: '/nowhere/chromium' } })).toEqual({ reason: 'CHROMIUM_PATH names /nowhere/chromium, which does not exist' });
});

test('a step says what it does, and its failure is told without a stack', async () => {
  expect(await step(log, { title: 'Work', takes: '1 s' }, async say => {
    say('half');
    return 'done';
  })).toBe('done');
  expect(lines).toEqual(['Work (1 s) …']);

  const told = [];
  const before = process.exitCode;
  fail(new StepError('It went wrong.', { remedy: 'Mend it.' }), { write: text => told.push(text) });
  fail(new Error('a bug'), { write: text => told.push(text) });
  process.exitCode = before;
  expect(told[0]).toBe('\nIt went wrong.\nMend it.\n');
  expect(told[1]).toMatch(/^\nError: a bug\n {4}at /);
});
