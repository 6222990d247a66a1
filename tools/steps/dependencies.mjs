import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../worker/run.mjs';
import { assertNode } from './node.mjs';
import { StepError, step } from './step.mjs';

// `--prefer-offline`: versions are pinned, so what the cache holds needs no question to the registry. The retries are
// shorter than npm's own, which makes a person without a network wait for minutes.
const INSTALL = [
  'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline',
  '--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000',
];
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i;

/**
 * Installs what package-lock.json names, unless that has been done. Throws `StepError` when npm fails, and when the
 * installation would change the lock file: then package.json and lock disagree, and not every machine gets the same.
 * Another version of npm may write the same in other words; the file is left as it was in every case.
 */
export async function provideDependencies({ root, log, env = process.env }) {
  assertNode();
  if (dependenciesAreThere(root)) return;
  const lockFile = path.join(root, 'package-lock.json');
  const lock = fs.readFileSync(lockFile);
  await step(log, { title: 'Dependencies: npm install', takes: '10 s with a warm cache, up to 2 min the first time' }, async () => {
    const { status, tail } = await run(...npmCommand(env, INSTALL), { cwd: root, env });
    if (status !== 0) throw installError(tail);
  });
  const after = fs.readFileSync(lockFile);
  if (!after.equals(lock)) fs.writeFileSync(lockFile, lock);
  const changed = differences(JSON.parse(lock), JSON.parse(after));
  if (changed.length > 0) {
    throw new StepError(`npm install would change package-lock.json: it and the package.json files disagree about ${changed.slice(0, 5).join(', ')}${changed.length > 5 ? ' and more' : ''}.`, {
      remedy: 'Run  npm install  by hand, and commit package-lock.json together with the package.json that caused it.',
    });
  }
  remember(root);
}

/** Whether node_modules is what package-lock.json asks for. Reads two files, starts nothing. */
export function dependenciesAreThere(root) {
  const installed = stampFile(root);
  const hidden = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(hidden)) return false;
  if (fs.existsSync(installed)) {
    if (fs.readFileSync(installed, 'utf8') === lockHash(root)) return true;
  }
  // Installed by hand: npm writes this file at the end of each installation.
  return fs.statSync(hidden).mtimeMs >= fs.statSync(path.join(root, 'package-lock.json')).mtimeMs;
}

/** The packages of which two lock files name different versions. */
function differences({ packages: before = {} }, { packages: after = {} }) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(name => name !== '' && before[name]?.version !== after[name]?.version)
    .map(name => name.replace(/^.*node_modules\//, ''));
}

function remember(root) {
  fs.mkdirSync(path.dirname(stampFile(root)), { recursive: true });
  fs.writeFileSync(stampFile(root), lockHash(root));
}

const stampFile = root => path.join(root, 'node_modules', '.cache', 'mediacluster', 'installed-lock');
const lockHash = root => createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json'))).digest('hex');

/** npm tells its scripts where it lives; outside of them it is looked for on the PATH. */
function npmCommand(env, args) {
  if (env.npm_execpath?.endsWith('.js')) return [process.execPath, [env.npm_execpath, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

function installError(tail) {
  if (NO_NETWORK.test(tail)) {
    return new StepError('npm install can\'t reach the package registry.', {
      remedy: `Connect this machine to the internet, or name a mirror:  npm config set registry https://…\n${tail}`,
    });
  }
  return new StepError(`npm install failed:\n${tail}`);
}
