import fs from 'node:fs';
import { copyAtomically, sha256OfFile } from '../cache.mjs';
import { whyNotRunnable } from '../check.mjs';

/*
 * Way 2: a worker that is there already, in node_modules where mediasoup looks, or in the user's cache.
 *
 * The cache's recorded sum is the judge of both. Only a worker in node_modules with no sum recorded at all is taken as
 * it is: mediasoup's own install script has put it there.
 */

/** The worker in node_modules if it is the recorded one and runs. Only reads, so it needs no lock: the quick way. */
export function placedWorker({ workerFile, cached, env }) {
  const sha256 = cached.recordedSha256;
  if (!sha256 || sha256OfFile(workerFile) !== sha256 || whyNotRunnable(workerFile, env)) return undefined;
  return { path: workerFile, way: 'installed', sha256 };
}

/**
 * Looks at both places, puts right what can be put right, and throws away, with a line each, what cannot be trusted or
 * does not run. `undefined` when nothing is left. Only while the lock is held.
 */
export function recoverWorker({ workerFile, cached, env, log }) {
  const recorded = cached.recordedSha256;
  const inCache = sha256OfFile(cached.file);
  const placed = sha256OfFile(workerFile);

  if (recorded && inCache === recorded) {
    const fault = whyNotRunnable(cached.file, env);
    if (!fault) {
      if (placed === recorded) return { path: workerFile, way: 'installed', sha256: recorded };
      if (placed) log(`the worker in ${workerFile} is not the one recorded in the cache: replaced`);
      return { path: placeWorker(cached.file, workerFile, log), way: 'cache', sha256: recorded };
    }
    log(`the worker in the cache does not run on this machine: ${fault}; discarded`);
  } else if (inCache || recorded) {
    log(`the worker in ${cached.file} does not match its recorded SHA-256: discarded`);
  }
  cached.discard();

  if (!placed) return undefined;
  const fault = recorded && placed !== recorded
    ? 'does not match its recorded SHA-256'
    : whyNotRunnable(workerFile, env) && 'does not run on this machine';
  if (!fault) return { path: workerFile, way: 'installed', sha256: cached.store(workerFile) };
  log(`the worker in ${workerFile} ${fault}: discarded`);
  fs.rmSync(workerFile, { force: true });
  return undefined;
}

/**
 * Puts the worker where mediasoup itself looks and returns that path. Where node_modules cannot be written it says so
 * and returns `file`: mediasoup then has to be told by MEDIASOUP_WORKER_BIN.
 */
export function placeWorker(file, workerFile, log) {
  try {
    copyAtomically(file, workerFile);
    return workerFile;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    log(`the worker could not be put in ${workerFile} (${error.code}): mediasoup finds it with MEDIASOUP_WORKER_BIN=${file}`);
    return file;
  }
}
