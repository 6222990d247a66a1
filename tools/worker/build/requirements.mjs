import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { WorkerError } from '../errors.mjs';
import { run } from '../run.mjs';

/** What the build needs beside Node: how to tell that it is there, and the Debian package that brings it. */
const REQUIREMENTS = [
  { what: 'a C++ compiler', command: 'c++', apt: 'g++' },
  { what: 'a C compiler', command: 'cc', apt: 'gcc' },
  { what: 'ninja', command: 'ninja', apt: 'ninja-build' },
  { what: 'pkg-config', command: 'pkg-config', apt: 'pkg-config' },
  { what: 'flatc', command: 'flatc', apt: 'flatbuffers-compiler' },
  { what: 'Python 3', command: 'python3', apt: 'python3' },
  { what: 'libuv', module: 'libuv >= 1.44', header: 'uv.h', apt: 'libuv1-dev' },
  { what: 'OpenSSL', module: 'openssl >= 3.0', header: 'openssl/ssl.h', apt: 'libssl-dev' },
  { what: 'libsrtp 2', module: 'libsrtp2 >= 2.4', header: 'srtp2/srtp.h', apt: 'libsrtp2-dev' },
  { what: 'FlatBuffers', module: 'flatbuffers', header: 'flatbuffers/flatbuffers.h', apt: 'libflatbuffers-dev' },
  { what: 'Abseil', module: 'absl_strings absl_optional absl_memory', header: 'absl/types/optional.h', apt: 'libabsl-dev' },
];

/**
 * Sees to it that everything the build needs is there. As root with apt the missing packages are installed, with a
 * line that names them. Throws `WORKER_BUILD_TOOLS_MISSING` with the command to type otherwise.
 */
export async function ensureRequirements({ log, env, extra = [] }) {
  const missing = missingRequirements(env, [...REQUIREMENTS, ...extra]);
  if (missing.length === 0) return;
  const hasApt = isCommand('apt-get', env);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !hasApt) throw toolsMissing(missing, { hasApt, isRoot });

  const packages = missing.map(({ apt }) => apt);
  log(`installing what the build of the worker needs: ${packages.join(' ')} (up to a minute) …`);
  const { ok, tail } = await aptInstall(packages, { env, onLine: line => log.update(`apt-get: ${line}`) });
  const still = missingRequirements(env, missing);
  if (!ok || still.length > 0) throw toolsMissing(still.length > 0 ? still : missing, { hasApt, isRoot, tail });
}

/** Exported for its test: which of `requirements` are not met. */
export function missingRequirements(env, requirements = REQUIREMENTS) {
  return requirements.filter(requirement => {
    if (requirement.command) return !isCommand(requirement.command, env);
    if (requirement.isMet) return !requirement.isMet();
    return !isLibrary(requirement, env);
  });
}

/** pkg-config alone is not enough: Debian has flatbuffers.pc in the run-time package, without the headers. */
function isLibrary({ module, header }, env) {
  const { status, stdout } = spawnSync('pkg-config', ['--cflags', module], { env, encoding: 'utf8' });
  if (status !== 0) return false;
  const flags = stdout.split(/\s+/).filter(Boolean);
  return spawnSync('c++', [...flags, '-E', '-x', 'c++', '-'], { env, input: `#include <${header}>\n`, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** Exported for its test: the error that names what is missing and the exact command that mends it. */
export function toolsMissing(missing, { hasApt, isRoot, tail }) {
  const what = missing.map(({ what }) => what).join(', ');
  const packages = missing.map(({ apt }) => apt).join(' ');
  // `apt-get update` too: on a fresh machine, and in a container, the lists are empty.
  const sudo = isRoot ? '' : 'sudo ';
  const remedy = hasApt
    ? `Install it and try again:\n  ${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages}`
    : `Install it with this system's package manager (Debian calls the packages ${packages}) and try again,\n`
      + 'or name a worker that you have:  export MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker';
  return new WorkerError('WORKER_BUILD_TOOLS_MISSING', `to build the mediasoup worker this machine lacks: ${what}${tail ? `\n${tail}` : ''}`, { remedy });
}

async function aptInstall(packages, { env, onLine }) {
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  // Somebody else's apt (unattended upgrades) may hold the lock just now.
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  const update = () => run('apt-get', [...wait, '-q', 'update'], { env: aptEnv, onLine });
  const install = () => run('apt-get', [...wait, '-q', 'install', '-y', '--no-install-recommends', ...packages], { env: aptEnv, onLine });

  if (hasPackageLists()) {
    const { status } = await install();
    if (status === 0) return { ok: true };
    // Most likely the lists are so old that they name versions which are gone.
  }
  await update();
  const { status, tail } = await install();
  return { ok: status === 0, tail };
}

function hasPackageLists(dir = '/var/lib/apt/lists') {
  try {
    return fs.readdirSync(dir).some(name => /_Packages(\.\w+)?$/.test(name));
  } catch {
    return false;
  }
}

function isCommand(name, env) {
  return (env.PATH ?? '').split(path.delimiter).some(dir => {
    try {
      fs.accessSync(path.join(dir, name), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
