// What is published: the packages' tarballs, installed into projects of their own.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { publint } from 'publint';

import { startProgram } from '../steps/program.mjs';
import { PUBLISHED, installInto, pack } from './fixtures/packed.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURES = path.join(ROOT, 'tools/test/fixtures/packages');
const ATTW = path.join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
// CommonJS reads the packages by require() of ES modules, which attw's model of Node does not know yet; node10 knows no `exports`.
const IGNORED_RESOLUTIONS = ['node10', 'node16-cjs'];
const INSTALL_TIMEOUT_MS = 300_000; // some hundred packages, unpacked on a machine that runs other tests too
const STEP_TIMEOUT_MS = 120_000;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mediacluster-packages-'));
const project = name => path.join(folder, name);
/** Runs a Node program in one of the projects and reads its last line. */
const tell = async (name, ...args) => JSON.parse((await run(process.execPath, args, { cwd: project(name), timeout: STEP_TIMEOUT_MS })).stdout.trim().split('\n').at(-1));

/** The first lines of TypeScript in the README of an installed package. */
const readmeOf = (name, packageName) => /^```ts\n(.*?)^```/ms.exec(fs.readFileSync(path.join(project(name), 'node_modules', packageName, 'README.md'), 'utf8'))[1];

let packed;

beforeAll(async () => {
  packed = await pack(ROOT, project('tarballs'));
}, STEP_TIMEOUT_MS);

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('the tarballs', () => {
  test('hold what runs, its types, a README and the licence, and nothing else', () => {
    expect(packed).toHaveLength(PUBLISHED.length);
    for (const { name, files } of packed) {
      expect({ name, files }).toMatchObject({ files: expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']) });
      const others = files.filter(file => !/^(LICENSE|README\.md|package\.json)$|^dist\/.*(?<!\.test)(\.d\.ts|\.js|\.LICENSES\.txt)$/.test(file));
      expect({ name, others }).toEqual({ name, others: [] });
    }
  });

  test('name no folder of the machine that made them', async () => {
    for (const { name, file } of packed) {
      const { stdout } = await run('tar', ['-xzOf', file], { maxBuffer: 64 * 1024 * 1024 });
      expect({ name, found: stdout.includes(ROOT) || stdout.includes(os.homedir() + path.sep) }).toEqual({ name, found: false });
    }
  });
});

describe('the packages\' shape', () => {
  test.each(PUBLISHED)('%s has what publint asks of a package', async name => {
    const { messages } = await publint({ pkgDir: path.join(ROOT, name), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  // The operator offers a program and no types.
  test.each(PUBLISHED.filter(name => name !== 'operator'))('the types of %s are found wherever its code is', async name => {
    const { name: published } = JSON.parse(fs.readFileSync(path.join(ROOT, name, 'package.json'), 'utf8'));
    const { file } = packed.find(each => each.name === published);
    const { stdout } = await run(process.execPath, [ATTW, file, '--profile', 'esm-only', '--format', 'json'], { maxBuffer: 64 * 1024 * 1024 });
    expect(JSON.parse(stdout).analysis.problems.filter(({ resolutionKind = '' }) => !IGNORED_RESOLUTIONS.includes(resolutionKind))).toEqual([]);
  }, STEP_TIMEOUT_MS);
});

describe('a project with mediasoup and TypeScript', () => {
  beforeAll(async () => {
    const packages = ['typescript', 'mediasoup', '@types/node'];
    await installInto(project('typed'), { root: ROOT, tarballs: packed.map(({ file }) => file), packages });
    const strict = { module: 'NodeNext', target: 'ES2022', types: ['node'], strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    fs.copyFileSync(path.join(FIXTURES, 'typed.ts'), path.join(project('typed'), 'typed.ts'));
    for (const { name } of packed) fs.writeFileSync(path.join(project('typed'), `readme-${path.basename(name)}.mts`), `${readmeOf('typed', name)}\nexport {};\n`);
    fs.writeFileSync(path.join(project('typed'), 'required.cts'), "import sdk = require('@mediacluster/sdk');\nexport const manager: sdk.MediasoupManager = new sdk.RemoteMediasoupClient();\n");
    fs.writeFileSync(path.join(project('typed'), 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strict, skipLibCheck: false, noEmit: true }, include: ['*.ts', '*.cts', '*.mts'] }));
  }, INSTALL_TIMEOUT_MS);

  test('compiles against every entry and with every README, skipLibCheck off, and needs the types of nobody else', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--listFiles'], { cwd: project('typed'), maxBuffer: 64 * 1024 * 1024 })
      .catch(error => error);
    expect(stdout).not.toMatch(/error TS/);
    const read = stdout.split('\n').filter(line => line.includes('/node_modules/'));
    const readOf = name => read.filter(line => line.includes(`/node_modules/${name}/`)).length > 0;
    expect(['@mediacluster/operator', 'mediasoup', 'zod'].filter(name => !readOf(name))).toEqual([]);
    // These are not ours to promise: types that an app may lack, or that do not compile with skipLibCheck off.
    expect(['@types/ws', '@types/debug', '@kubernetes/client-node', 'undici', 'pino', 'prom-client'].filter(readOf)).toEqual([]);
  }, STEP_TIMEOUT_MS);

  test('loads every entry', async () => {
    const entries = packed.flatMap(({ name }) => {
      const { exports } = JSON.parse(fs.readFileSync(path.join(project('typed'), 'node_modules', name, 'package.json'), 'utf8'));
      // `register` is a preload: it connects.
      return Object.keys(exports).filter(entry => entry !== './register').map(entry => path.posix.join(name, entry));
    });
    const program = `const names = {}; for (const entry of ${JSON.stringify(entries)}) names[entry] = Object.keys(await import(entry)).length; console.log(JSON.stringify(names));`;
    const names = await tell('typed', '--input-type=module', '--eval', program);
    expect(Object.keys(names)).toHaveLength(13);
    expect(Object.entries(names).filter(([, count]) => count === 0)).toEqual([]);
  }, STEP_TIMEOUT_MS);

  test('has the programs that the packages bring', async () => {
    const server = await run(path.join(project('typed'), 'node_modules/.bin/mediasoup-server'), ['--help']);
    expect(server.stdout).toContain('serves mediasoup over ROPE');
    const operator = await run(path.join(project('typed'), 'node_modules/.bin/mediacluster-operator'), ['--help']);
    expect(operator.stdout).toContain('MEDIACLUSTER_OPERATOR_NODE_IMAGE');
  }, STEP_TIMEOUT_MS);
});

describe('a project without mediasoup', () => {
  let server;

  beforeAll(async () => {
    const tarballs = packed.filter(({ name }) => /\/(rope|kube|sdk)$/.test(name)).map(({ file }) => file);
    await installInto(project('bare'), { root: ROOT, tarballs });
    fs.copyFileSync(path.join(FIXTURES, 'call.cjs'), path.join(project('bare'), 'call.cjs'));
    server = await startProgram({
      node: process.execPath, name: 'mediasoup-server', script: path.join(ROOT, 'media-node/dist/cli/mediasoup-server.js'),
      args: ['--port', '0', '--admin-port', '0', '--log-level', 'warn'], env: process.env, ready: /ws:\/\/\S+/,
    });
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => server?.stop());

  test('imports the SDK, and requires the same', async () => {
    expect(fs.existsSync(path.join(project('bare'), 'node_modules/mediasoup'))).toBe(false);
    const program = `const names = async load => [Object.keys(await load('@mediacluster/sdk')), Object.keys(await load('@mediacluster/sdk/kubernetes'))];
      console.log(JSON.stringify([await names(entry => import(entry)), await names(createRequire(process.cwd() + '/')) ]));`;
    const [imported, required] = await tell('bare', '--input-type=module', '--eval', `import { createRequire } from 'node:module';\n${program}`);
    expect(imported[0]).toEqual(expect.arrayContaining(['MediaCluster', 'MediasoupHorizontal', 'RemoteMediasoupClient']));
    expect(required).toEqual(imported);
  }, STEP_TIMEOUT_MS);

  test('makes a call on a media node, by require()', async () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'node_modules/mediasoup/package.json'), 'utf8'));
    expect(await tell('bare', 'call.cjs', server.match[0])).toEqual({ version, candidates: 1, kind: 'audio', stats: 'outbound-rtp', closed: [true, true] });
  }, STEP_TIMEOUT_MS);

  test('runs the first lines of the READMEs', async () => {
    const port = await freePort();
    const lines = { rope: readmeOf('bare', '@mediacluster/rope').replaceAll('4242', String(port)), sdk: readmeOf('bare', '@mediacluster/sdk').replace('ws://127.0.0.1:4443', server.match[0]) };
    for (const [name, text] of Object.entries(lines)) fs.writeFileSync(path.join(project('bare'), `${name}.mts`), text);
    const { stdout } = await run(process.execPath, ['rope.mts'], { cwd: project('bare'), timeout: STEP_TIMEOUT_MS });
    expect(stdout).toContain('b is told 7 and reads 7\n');
    expect(await tell('bare', 'sdk.mts')).toBe(1);
  }, STEP_TIMEOUT_MS);
});

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
