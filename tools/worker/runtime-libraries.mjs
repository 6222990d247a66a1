import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * The Debian packages that a worker built by us needs where it runs (Debian 12's names). A downloaded one needs
 * libstdc++6 at most.
 */
export const RUNTIME_PACKAGES = ['libuv1', 'libssl3', 'libsrtp2-1', 'libnss3', 'libstdc++6'];

// libsrtp 2 encrypts with NSS on Debian, and NSS loads its parts by name at the first use: ldd does not see them.
const NSS_PARTS = ['libsoftokn3.so', 'libfreebl3.so', 'libfreeblpriv3.so'];

/**
 * Every shared library that the worker loads on this machine, absolute paths, sorted: for images that have no package
 * manager, where they are copied in. The C library itself and the loader are in the list too.
 */
export function runtimeLibraries(worker) {
  const direct = linkedLibraries(worker);
  const nss = direct.find(file => path.basename(file).startsWith('libnss3.so'));
  const parts = nss ? nssParts(path.dirname(nss)) : [];
  return [...new Set([...direct, ...parts, ...parts.flatMap(linkedLibraries)])].sort();
}

function nssParts(dir) {
  // Debian keeps them in a folder of their own beside libnss3.so; others do not.
  return [path.join(dir, 'nss'), dir]
    .flatMap(place => NSS_PARTS.map(name => path.join(place, name)))
    .filter(file => fs.existsSync(file));
}

function linkedLibraries(file) {
  const { status, stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  if (status !== 0) return []; // linked statically, or no ldd here
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(match => match[1]);
}
