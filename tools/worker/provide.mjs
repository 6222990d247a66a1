import fs from 'node:fs';
import path from 'node:path';
import { buildWorker } from './build/build.mjs';
import { CachedWorker, cacheKey, cacheRoot, hostLibc } from './cache.mjs';
import { whyNotRunnable } from './check.mjs';
import { WorkerError } from './errors.mjs';
import { withLock } from './lock.mjs';
import { findMediasoup } from './mediasoup-package.mjs';
import { terminalLog, withUpdate } from './progress.mjs';
import { downloadWorker } from './ways/download.mjs';
import { placedWorker, placeWorker, recoverWorker } from './ways/found.mjs';
import { givenWorker } from './ways/given.mjs';

/**
 * given ──▶ found ──────────────▶ download ──────────▶ build
 *   MEDIASOUP_   node_modules,      mediasoup's own      from the package's source,
 *   WORKER_BIN   the user's cache   prebuilt             distribution's libraries
 *
 * Provides mediasoup's native worker and returns where it is, its SHA-256, and the `way` it came: `given`,
 * `installed`, `cache`, `download` or `build`. Afterwards it is in the cache, and in node_modules where mediasoup
 * itself looks. Says nothing and takes a few hundredths of a second when it is there already. Any number of processes
 * may call it at once: one works, the others wait. Throws `WorkerError`.
 *
 * - `root`: a folder from which the mediasoup package is found; default the current one
 * - `env`: default the process's
 * - `log`: hears lines for people; may have `update(text)` for a line that is rewritten; default standard error
 * - `download`, `build`: for tests
 */
export async function provideWorker({
  root = process.cwd(), env = process.env, log = terminalLog(), download = downloadWorker, build = buildWorker,
} = {}) {
  const given = givenWorker(env);
  if (given) return given;

  const mediasoup = findMediasoup(root);
  const { workerFile } = mediasoup;
  const key = cacheKey({ version: mediasoup.version, platform: process.platform, arch: process.arch, libc: hostLibc() });
  const cached = new CachedWorker(cacheRoot(env), key);
  const placed = placedWorker({ workerFile, cached, env });
  if (placed) return placed;

  const say = withUpdate(log);
  cached.prepare();
  return withLock(cached.lockFile, async () => {
    const recovered = recoverWorker({ workerFile, cached, env, log: say });
    if (recovered) return recovered;
    const { file, way } = await fetchOrBuild({ mediasoup, cached, env, log: say, download, build });
    const sha256 = cached.store(file);
    fs.rmSync(cached.workDir, { recursive: true, force: true }); // a build leaves a tenth of a gigabyte
    const placedAt = placeWorker(cached.file, workerFile, say);
    say(`the worker for mediasoup ${mediasoup.version} is ready: ${placedAt}`);
    return { path: placedAt, way, sha256 };
  }, {
    onWait: ({ pid, host }) => say(`another command (process ${pid} on ${host}) is providing the worker: waiting for it …`),
    onTakeOver: ({ pid }) => say(`taking over from process ${pid}, which ended before the worker was there`),
  });
}

async function fetchOrBuild({ mediasoup, cached, env, log, download, build }) {
  const dir = cached.workDir;
  const downloaded = await download({ mediasoup, dir, env, log });
  const reason = downloaded.file ? whyNotRunnable(downloaded.file, env) : downloaded.reason;
  if (!reason) return { file: downloaded.file, way: 'download' };
  if (downloaded.file) fs.rmSync(downloaded.file, { force: true });
  log(`no ready-made worker (${reason}): building it from mediasoup's source`);

  const file = await build({ mediasoup, dir, toolsDir: cached.root, env, log });
  const fault = whyNotRunnable(file, env);
  if (fault) {
    throw new WorkerError('WORKER_NOT_RUNNABLE', `the worker that was built does not run: ${fault}`, {
      remedy: `It is in ${file}; its build's transcript in ${path.dirname(path.dirname(file))}. A try from scratch:  rm -r ${dir}`,
    });
  }
  return { file, way: 'build' };
}
