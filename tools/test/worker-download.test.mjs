import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { downloadWorker, prebuiltUrl } from '../worker/ways/download.mjs';
import { withUpdate } from '../worker/progress.mjs';
import { untarFile } from '../worker/untar.mjs';
import { fakeWorker, sandbox } from './fixtures/worker-sandbox.mjs';

let box;
let server;
let answer;
beforeEach(async () => {
  box = sandbox();
  server = http.createServer((request, response) => answer(response, request.url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  box.remove();
});

function tarOfWorker() {
  const file = box.put(path.join(box.dir, 'packed'), 'mediasoup-worker', fakeWorker('packed'));
  return spawnSync('tar', ['-c', '-C', path.dirname(file), 'mediasoup-worker']).stdout;
}

const download = (options = {}) => downloadWorker({
  mediasoup: { version: '3.0.0', repositoryUrl: 'git+https://example.org/mediasoup.git' },
  dir: path.join(box.dir, 'work'),
  env: { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: `http://127.0.0.1:${server.address().port}`, ...options.env },
  log: withUpdate(line => box.lines.push(line)),
  ...options.limits,
});

test("asks where mediasoup's own install script asks", () => {
  const machine = { version: '3.27.1', repositoryUrl: 'git+https://example.org/mediasoup.git', arch: 'x64', release: '6.1.0-18' };
  expect(prebuiltUrl({ ...machine, platform: 'linux', env: {} }))
    .toBe('https://example.org/mediasoup/releases/download/3.27.1/mediasoup-worker-3.27.1-linux-x64-kernel6.tgz');
  expect(prebuiltUrl({ ...machine, platform: 'darwin', env: { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: 'http://mirror' } }))
    .toBe('http://mirror/3.27.1/mediasoup-worker-3.27.1-darwin-x64.tgz');
});

test('unpacks the worker that it gets', async () => {
  const archive = gzipSync(tarOfWorker());
  let asked;
  answer = (response, url) => {
    asked = url;
    response.end(archive);
  };
  const { file } = await download();
  expect(asked).toMatch(/^\/3\.0\.0\/mediasoup-worker-3\.0\.0-/);
  expect(fs.readFileSync(file, 'utf8')).toBe(fakeWorker('packed'));
  expect(fs.statSync(file).mode & 0o111).toBe(0o111);
});

test.each([
  ['none is published', response => response.writeHead(404).end(), 'none is published for this machine'],
  ['the server fails', response => response.writeHead(503).end(), 'HTTP 503'],
  ['the connection breaks', response => response.destroy(), 'UND_ERR_SOCKET'],
  ['a proxy answers with a page', response => response.end('<html>'), 'the answer holds no mediasoup-worker'],
  ['the archive is cut short', response => response.end(gzipSync(tarOfWorker().subarray(0, 520))), 'the answer holds no mediasoup-worker'],
])('tells why there is none when %s', async (_, act, reason) => {
  answer = act;
  expect(await download()).toEqual({ reason });
});

// Fetches of our own for the limits: with a real server a busy machine can be slower than the limit where it must not.
const aborted = signal => new Promise((_, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason));
});
const neverAnswers = async (_, { signal }) => aborted(signal);
const stopsMidway = async (_, { signal }) => ({ ok: true, body: someAndNoMore(signal) });
async function* someAndNoMore(signal) {
  yield Buffer.from('some');
  yield await aborted(signal);
}

test.each([
  ['nobody answers', neverAnswers, 'no answer within 0.01 s'],
  ['the answer stops midway', stopsMidway, 'nothing more came for 0.01 s'],
])('gives up soon when %s', async (_, fetch, reason) => {
  expect(await download({ limits: { silenceLimitMs: 10, fetch } })).toEqual({ reason });
});

test("is skipped when mediasoup's own variable says so", async () => {
  expect(await download({ env: { MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD: '1' } })).toEqual({ reason: 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set' });
  expect(box.lines).toEqual([]);
});

test('finds a file behind others in an archive, and none where none is', () => {
  fs.writeFileSync(path.join(box.dir, 'other'), 'x'.repeat(700));
  box.put(box.dir, 'mediasoup-worker', fakeWorker());
  const archive = spawnSync('tar', ['-c', '-C', box.dir, './other', './mediasoup-worker']).stdout;
  expect(untarFile(archive, 'mediasoup-worker').toString()).toBe(fakeWorker());
  expect(untarFile(archive, 'nothing')).toBeUndefined();
  expect(untarFile(Buffer.alloc(0), 'nothing')).toBeUndefined();
});
