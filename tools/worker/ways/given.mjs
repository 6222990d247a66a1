import fs from 'node:fs';
import path from 'node:path';
import { sha256OfFile } from '../cache.mjs';
import { WorkerError } from '../errors.mjs';

/**
 * Way 1: the worker that MEDIASOUP_WORKER_BIN names; mediasoup reads the same variable by itself. `undefined` when it
 * is not set. Throws `WORKER_BIN_UNUSABLE`: who names a worker does not want another one in its place.
 */
export function givenWorker(env) {
  if (!env.MEDIASOUP_WORKER_BIN) return undefined;
  const file = path.resolve(env.MEDIASOUP_WORKER_BIN);
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return { path: file, way: 'given', sha256: sha256OfFile(file) };
  } catch (cause) {
    throw new WorkerError('WORKER_BIN_UNUSABLE', `MEDIASOUP_WORKER_BIN names ${file}, which cannot be run: ${cause.message}`, {
      remedy: 'Name an executable mediasoup-worker, or let us provide one:  unset MEDIASOUP_WORKER_BIN',
      cause,
    });
  }
}
