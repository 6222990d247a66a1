// Runs in a build stage of Dockerfile.node: gathers the native worker and the libraries it loads below one folder, laid out as in the final image.
//
//   node tools/images/collect-worker.mjs SEED OUT      SEED may hold a worker that was built before
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { RUNTIME_PACKAGES, provideWorker, runtimeLibraries } from '../worker.mjs';

// The C library and its loader are the base image's own: another image's would not fit its programs.
const BASE_HAS = /^(ld-linux.*|ld-musl.*|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl|BrokenLocale|mvec|thread_db|nss_\w+))\.so/;

const [seed, out] = process.argv.slice(2);
const seeded = path.join(seed, 'mediasoup-worker');
if (fs.existsSync(seeded)) {
  installLibrariesOf(seeded);
  process.env.MEDIASOUP_WORKER_BIN = seeded;
}
const { path: worker, way } = await provideWorker({ root: 'media-node' });
console.log(`mediasoup-worker, ${way}`);
put(worker, 'app/mediasoup-worker');
for (const library of runtimeLibraries(worker)) {
  if (BASE_HAS.test(path.basename(library))) continue;
  // Debian's /lib is a link to /usr/lib, and a folder of that name must not be laid over it. Only the folder is resolved: programs ask for the link's name.
  put(library, path.join(fs.realpathSync(path.dirname(library)), path.basename(library)).slice(1));
}

function put(from, to) {
  fs.mkdirSync(path.dirname(path.join(out, to)), { recursive: true });
  fs.copyFileSync(from, path.join(out, to));
  fs.chmodSync(path.join(out, to), 0o755);
}

/** A worker from elsewhere was linked with libraries that a bare build image may not have. */
function installLibrariesOf(worker) {
  if (!execFileSync('ldd', [worker], { encoding: 'utf8' }).includes('not found')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['-q', 'update'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['-q', 'install', '-y', '--no-install-recommends', ...RUNTIME_PACKAGES], { env, stdio: 'inherit' });
}
