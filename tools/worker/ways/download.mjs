import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { untarFile } from '../untar.mjs';

// To the first byte, and between two bytes: a network that drops what it does not allow must not cost minutes.
const SILENCE_LIMIT_MS = 10_000;
const DOWNLOAD_LIMIT_MS = 120_000;
const MAX_DOWNLOAD_BYTES = 100 * 1024 * 1024; // the prebuilt ones are about a tenth of it

/** Where mediasoup's install script finds the ready worker; both environment variables are that script's own. */
export function prebuiltUrl({ version, repositoryUrl, env, platform = os.platform(), arch = os.arch(), release = os.release() }) {
  const base = env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL
    || `${repositoryUrl.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  const kernel = platform === 'linux' ? `-kernel${Number(release.split('.')[0])}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${platform}-${arch}${kernel}.tgz`;
}

/**
 * Way 3: the worker that mediasoup's makers have built, written to a file in `dir`. Resolves to `{ file }`, or to
 * `{ reason }` when there is none to be had; never rejects for what the network does.
 */
export async function downloadWorker({ mediasoup, dir, env, log, fetch = globalThis.fetch, silenceLimitMs = SILENCE_LIMIT_MS }) {
  if (env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) return { reason: 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set' };
  const url = prebuiltUrl({ ...mediasoup, env });
  log(`downloading the worker for mediasoup ${mediasoup.version} from ${new URL(url).host} (a few seconds; tries for up to ${silenceLimitMs / 1000} s) …`);
  let archive;
  try {
    archive = await get(url, { fetch, silenceLimitMs, onBytes: bytes => log.update(`downloading the worker: ${(bytes / 1024 / 1024).toFixed(1)} MB`) });
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  const worker = unpack(archive);
  if (!worker) return { reason: 'the answer holds no mediasoup-worker' };
  const file = path.join(dir, 'downloaded');
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(file, worker, { mode: 0o755 });
  return { file };
}

async function get(url, { fetch, silenceLimitMs, onBytes }) {
  const controller = new AbortController();
  const abortAfter = (ms, why) => setTimeout(() => controller.abort(new Error(why)), ms);
  const total = abortAfter(DOWNLOAD_LIMIT_MS, `not done within ${DOWNLOAD_LIMIT_MS / 1000} s`);
  let silence = abortAfter(silenceLimitMs, `no answer within ${silenceLimitMs / 1000} s`);
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok) throw new Error(response.status === 404 ? 'none is published for this machine' : `HTTP ${response.status}`);
    const chunks = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      clearTimeout(silence);
      silence = abortAfter(silenceLimitMs, `nothing more came for ${silenceLimitMs / 1000} s`);
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > MAX_DOWNLOAD_BYTES) throw new Error('more bytes than a worker can have');
      onBytes(bytes);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(total);
    clearTimeout(silence);
    controller.abort(); // leaves no half-read connection that would keep the process alive
  }
}

function unpack(archive) {
  try {
    return untarFile(gunzipSync(archive, { maxOutputLength: 5 * MAX_DOWNLOAD_BYTES }), 'mediasoup-worker');
  } catch {
    return undefined; // a proxy's page of text, for example
  }
}

/** fetch() says "fetch failed" and keeps what happened in `cause`. */
function reasonOf(error) {
  return error.cause?.code ?? error.cause?.message ?? error.message;
}
