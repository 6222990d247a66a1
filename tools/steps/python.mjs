import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { run } from '../worker/run.mjs';
import { step } from './step.mjs';

const NAMES = ['python3', 'python'];
const OLDEST = [3, 10]; // what examples/protocol-client and its `websockets` are written for
const BY_HAND = 'install Python 3.10 or newer with pip (on Debian: apt-get install python3 python3-pip), or name it in PYTHON_PATH';

/**
 * Python, and the folder in which the packages of examples/protocol-client are: `{ path, packages }`, or the `reason` why they
 * are not there, in one sentence. Installs nothing.
 */
export function findPython({ root, env = process.env }) {
  const found = program(env);
  if (found.reason) return found;
  const { name, packages } = wanted(root, env);
  if (!fs.existsSync(packages)) return { reason: `${name} is not installed for Python yet: npm test does that` };
  return { path: found.path, packages };
}

/** As `findPython()`, but fetches the packages with pip on first use, into the user's cache. Never throws: what needs them is then skipped. */
export async function providePython({ root, log, env = process.env }) {
  const found = program(env);
  if (found.reason) return found;
  const { name, packages, requirements } = wanted(root, env);
  const failed = fs.existsSync(packages) ? '' : await step(log, { title: `${name} for the protocol's client in Python: pip install`, takes: 'a few seconds, once' },
    say => install({ python: found.path, requirements, packages, env, say }));
  return failed ? { reason: `${name} can't be installed for Python: ${BY_HAND}\n${failed}` } : { path: found.path, packages };
}

function program(env) {
  if (env.PYTHON_PATH) return isEnough(env.PYTHON_PATH, env) ? { path: env.PYTHON_PATH } : { reason: `PYTHON_PATH names ${env.PYTHON_PATH}, which is no Python 3.10 or newer` };
  const found = NAMES.find(name => isEnough(name, env));
  return found ? { path: found } : { reason: `there is no Python 3.10 or newer here: ${BY_HAND}` };
}

function isEnough(command, env) {
  const { status, stdout } = spawnSync(command, ['-c', 'import sys; print(*sys.version_info[:2])'], { env, encoding: 'utf8' });
  if (status !== 0) return false;
  const [major, minor] = stdout.trim().split(' ').map(Number);
  return major === OLDEST[0] && minor >= OLDEST[1];
}

/** The file pins one package, pure Python, so that one copy serves every version of Python. */
function wanted(root, env) {
  const requirements = path.join(root, 'examples', 'protocol-client', 'requirements.txt');
  const [, name, version] = /^(\S+)==(\S+)/.exec(fs.readFileSync(requirements, 'utf8'));
  // The base directory specification asks to ignore a relative XDG_CACHE_HOME.
  const cache = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(env.HOME || os.homedir(), '.cache');
  return { name: `${name} ${version}`, requirements, packages: path.join(cache, 'mediacluster', 'python', `${name}-${version}`) };
}

/** `pip install --target` neither needs venv's ensurepip, which Debian splits off, nor touches the system's Python, which Debian forbids. */
async function install({ python, requirements, packages, env, say }) {
  const unfinished = `${packages}.${process.pid}.new`;
  const { status, tail } = await run(python, [
    '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--root-user-action=ignore', '--timeout', '10', '--retries', '2',
    '--require-hashes', '--only-binary', ':all:', '--target', unfinished, '-r', requirements,
  ], { env, onLine: say });
  try {
    if (status !== 0) return tail || `pip ended with ${status}`;
    fs.renameSync(unfinished, packages);
    return '';
  } catch (error) {
    return fs.existsSync(packages) ? '' : error.message; // another run was quicker
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}
