import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { cacheKey, cacheRoot, sha256OfFile } from '../worker/cache.mjs';
import { provideWorker } from '../worker.mjs';
import { fakeWorker, sandbox } from './fixtures/worker-sandbox.mjs';

let box;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const cachedFile = () => {
  const [key] = fs.readdirSync(box.cacheDir).filter(name => name.startsWith('3.0.0-'));
  return path.join(box.cacheDir, key, 'mediasoup-worker');
};
const place = content => box.put(path.dirname(box.workerFile), 'mediasoup-worker', content);

describe('the ways in their order', () => {
  test('takes the worker that MEDIASOUP_WORKER_BIN names and looks no further', async () => {
    const file = box.put(box.dir, 'mine', fakeWorker('mine'));
    const env = { ...box.options.env, MEDIASOUP_WORKER_BIN: file };
    expect(await provideWorker({ ...box.options, root: '/nowhere', env })).toEqual({ path: file, way: 'given', sha256: sha256OfFile(file) });
    expect(box.calls).toEqual([]);
  });

  test('refuses a MEDIASOUP_WORKER_BIN that cannot be run, instead of providing another', async () => {
    const env = { ...box.options.env, MEDIASOUP_WORKER_BIN: path.join(box.dir, 'nothing') };
    await expect(provideWorker({ ...box.options, env })).rejects.toMatchObject({ code: 'WORKER_BIN_UNUSABLE' });
    expect(box.calls).toEqual([]);
  });

  test("takes the worker that mediasoup's own install script has put into node_modules, and keeps a copy", async () => {
    place(fakeWorker('official'));
    expect(await provideWorker(box.options)).toMatchObject({ path: box.workerFile, way: 'installed' });
    expect(box.calls).toEqual([]);
    expect(fs.readFileSync(cachedFile(), 'utf8')).toBe(fakeWorker('official'));
  });

  test('downloads before it builds', async () => {
    const download = async ({ dir }) => ({ file: box.put(dir, 'downloaded', fakeWorker('downloaded')) });
    expect(await provideWorker({ ...box.options, download })).toMatchObject({ path: box.workerFile, way: 'download' });
    expect(box.calls).toEqual([]);
    expect(fs.readFileSync(box.workerFile, 'utf8')).toBe(fakeWorker('downloaded'));
  });

  test('builds when the downloaded worker does not run here', async () => {
    const download = async ({ dir }) => ({ file: box.put(dir, 'downloaded', '#!/bin/sh\necho no such libc >&2\nexit 127\n') });
    expect(await provideWorker({ ...box.options, download })).toMatchObject({ way: 'build' });
    expect(box.lines[0]).toMatch(/no ready-made worker \(it ended with 127 instead of 41 \(no such libc\)\)/);
  });

  test('builds when nothing can be downloaded, says why, and leaves nothing beside the worker', async () => {
    const { path: file, way, sha256 } = await provideWorker(box.options);
    expect({ file, way }).toEqual({ file: box.workerFile, way: 'build' });
    expect(box.calls).toEqual(['download', 'build']);
    expect(box.lines[0]).toBe("no ready-made worker (no network): building it from mediasoup's source");
    expect(fs.readFileSync(`${cachedFile()}.sha256`, 'utf8')).toBe(`${sha256}  mediasoup-worker\n`);
    expect(fs.readdirSync(box.cacheDir)).toEqual([path.basename(path.dirname(cachedFile()))]);
  });

  test('refuses a worker that was built and does not run', async () => {
    const build = async ({ dir }) => box.put(dir, 'built', '#!/bin/sh\nkill -SEGV $$\n');
    await expect(provideWorker({ ...box.options, build })).rejects.toMatchObject({
      code: 'WORKER_NOT_RUNNABLE', message: expect.stringContaining('SIGSEGV instead of 41'),
    });
    expect(fs.existsSync(box.workerFile)).toBe(false);
  });

  test('says what to do when mediasoup is not installed', async () => {
    fs.rmSync(path.join(box.dir, 'node_modules'), { recursive: true });
    await expect(provideWorker(box.options)).rejects.toMatchObject({ code: 'WORKER_PACKAGE_MISSING', remedy: expect.stringContaining('npm install') });
  });

  test('names the folder and the remedy when the cache cannot be written', async () => {
    const file = box.put(box.dir, 'a-file', '');
    await expect(provideWorker({ ...box.options, env: { ...box.options.env, XDG_CACHE_HOME: file } })).rejects.toMatchObject({
      code: 'WORKER_CACHE_UNWRITABLE', message: expect.stringContaining(file), remedy: expect.stringContaining('XDG_CACHE_HOME'),
    });
  });
});

describe('the worker that is there', () => {
  beforeEach(async () => {
    await provideWorker(box.options);
    box.calls.length = 0;
    box.lines.length = 0;
  });

  test('is used without a word the second time', async () => {
    expect(await provideWorker(box.options)).toMatchObject({ path: box.workerFile, way: 'installed' });
    expect(box.lines).toEqual([]);
    expect(box.calls).toEqual([]);
  });

  test('comes from the cache after a fresh install of node_modules', async () => {
    fs.rmSync(box.workerFile);
    expect(await provideWorker(box.options)).toMatchObject({ path: box.workerFile, way: 'cache' });
    expect(fs.readFileSync(box.workerFile, 'utf8')).toBe(fakeWorker('built'));
    expect(box.calls).toEqual([]);
  });

  test('is replaced from the cache when the one in node_modules was changed, with a line', async () => {
    place(fakeWorker('changed'));
    expect(await provideWorker(box.options)).toMatchObject({ way: 'cache' });
    expect(fs.readFileSync(box.workerFile, 'utf8')).toBe(fakeWorker('built'));
    expect(box.lines).toEqual([`the worker in ${box.workerFile} is not the one recorded in the cache: replaced`]);
  });

  test('heals the cache from node_modules when the cached one was changed', async () => {
    fs.appendFileSync(cachedFile(), '# damage\n');
    fs.rmSync(box.workerFile);
    place(fakeWorker('built'));
    // The one in node_modules is right, so nothing is looked at further.
    expect(await provideWorker(box.options)).toMatchObject({ way: 'installed' });
    fs.rmSync(`${cachedFile()}.sha256`);
    expect(await provideWorker(box.options)).toMatchObject({ way: 'installed' });
    expect(box.lines).toEqual([`the worker in ${cachedFile()} does not match its recorded SHA-256: discarded`]);
    expect(fs.readFileSync(cachedFile(), 'utf8')).toBe(fakeWorker('built'));
    expect(box.calls).toEqual([]);
  });

  test('is discarded and provided anew when both were changed, with a line each', async () => {
    fs.appendFileSync(cachedFile(), '# damage\n');
    fs.appendFileSync(box.workerFile, '# damage\n');
    expect(await provideWorker(box.options)).toMatchObject({ way: 'build' });
    expect(box.calls).toEqual(['download', 'build']);
    expect(box.lines).toEqual(expect.arrayContaining([
      `the worker in ${cachedFile()} does not match its recorded SHA-256: discarded`,
      `the worker in ${box.workerFile} does not match its recorded SHA-256: discarded`,
    ]));
    expect(fs.readFileSync(box.workerFile, 'utf8')).toBe(fakeWorker('built'));
  });

  test('is provided anew when it no longer runs on this machine', async () => {
    // A system upgrade took a library away: same bytes, same sum, no start.
    const broken = '#!/no/such/interpreter\n';
    fs.writeFileSync(cachedFile(), broken);
    fs.writeFileSync(box.workerFile, broken);
    fs.writeFileSync(`${cachedFile()}.sha256`, `${sha256OfFile(box.workerFile)}  mediasoup-worker\n`);
    expect(await provideWorker(box.options)).toMatchObject({ way: 'build' });
    expect(box.lines[0]).toMatch(/the worker in the cache does not run on this machine: .*ENOENT; discarded/);
  });
});

test('keeps one worker per version, platform, architecture and libc', () => {
  expect(cacheKey({ version: '3.27.1', platform: 'linux', arch: 'x64', libc: 'musl' })).toBe('3.27.1-linux-x64-musl');
  expect(cacheKey({ version: '3.27.1', platform: 'darwin', arch: 'arm64', libc: undefined })).toBe('3.27.1-darwin-arm64');
});

test('keeps them where the user says that caches belong', () => {
  expect(cacheRoot({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toBe('/c/mediacluster/worker');
  expect(cacheRoot({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/mediacluster/worker');
  expect(cacheRoot({ HOME: '/h' })).toBe('/h/.cache/mediacluster/worker');
});
