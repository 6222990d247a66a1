import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkerError } from '../errors.mjs';
import { run } from '../run.mjs';

const NEEDED = [1, 1]; // the worker's meson.build says so; Debian 12 has 1.0
const PIN_FILE = fileURLToPath(new URL('meson-requirements.txt', import.meta.url));

/** pip, which is asked for only where the system's Meson is too old. */
export const PIP = {
  what: 'pip for Python 3',
  apt: 'python3-pip',
  isMet: () => spawnSync('python3', ['-m', 'pip', '--version']).status === 0,
};

/** The system's Meson if it will do: `{ command, args, env }` to start it with. */
export function systemMeson(env) {
  const { status, stdout } = spawnSync('meson', ['--version'], { env, encoding: 'utf8' });
  return status === 0 && isEnough(stdout) ? { command: 'meson', args: [], env } : undefined;
}

/** Exported for its test: is this version of Meson new enough? */
export function isEnough(version) {
  const [major = 0, minor = 0] = version.trim().split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/**
 * A Meson of our own in `dir`, fetched with pip on first use. `pip install --target` neither needs venv's ensurepip,
 * which Debian splits off, nor touches the system's Python, which Debian forbids. Throws `WORKER_MESON_MISSING`.
 */
export async function privateMeson({ dir, env, log }) {
  const pin = fs.readFileSync(PIN_FILE, 'utf8');
  const version = /meson==(\S+)/.exec(pin)[1];
  const home = path.join(dir, `meson-${version}`);
  const meson = { command: 'python3', args: ['-m', 'mesonbuild.mesonmain'], env: { ...env, PYTHONPATH: home } };
  if (fs.existsSync(home)) return meson;

  log(`fetching Meson ${version} with pip (a few seconds) …`);
  const unfinished = `${home}.${process.pid}.new`;
  const { status, tail } = await run('python3', [
    '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--root-user-action=ignore',
    '--timeout', '10', '--retries', '2', '--require-hashes', '--target', unfinished, '-r', PIN_FILE,
  ], { env });
  if (status !== 0) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    throw new WorkerError('WORKER_MESON_MISSING', `the build of the mediasoup worker needs Meson 1.1 or newer, and pip could not fetch it:\n${tail}`, {
      remedy: 'Install Meson 1.1 or newer (Debian 12 has it in bookworm-backports) so that  meson --version  finds it, and try again.',
    });
  }
  try {
    fs.renameSync(unfinished, home);
  } catch (error) {
    if (!fs.existsSync(home)) throw error;
    fs.rmSync(unfinished, { recursive: true, force: true }); // a build for another version was quicker
  }
  return meson;
}
