import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { WorkerError } from './errors.mjs';

/**
 * The installed mediasoup package as seen from `root`: its version, its worker's source, and where it looks for the
 * worker. Throws `WORKER_PACKAGE_MISSING`.
 */
export function findMediasoup(root) {
  // The package does not export its package.json, so the folders are looked through instead of asking for it.
  const places = createRequire(path.join(path.resolve(root), 'noop.js')).resolve.paths('mediasoup') ?? [];
  for (const place of places) {
    const dir = path.join(place, 'mediasoup');
    const manifest = readJson(path.join(dir, 'package.json'));
    if (!manifest) continue;
    const sourceDir = path.join(dir, 'worker');
    return {
      version: manifest.version,
      repositoryUrl: manifest.repository?.url ?? '',
      sourceDir,
      workerFile: path.join(sourceDir, 'out', 'Release', 'mediasoup-worker'),
    };
  }
  throw new WorkerError('WORKER_PACKAGE_MISSING', `the mediasoup package is not installed in ${path.resolve(root)}`, {
    remedy: 'Install the dependencies first:  npm install',
  });
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
