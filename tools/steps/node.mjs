import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from './step.mjs';

const NEEDED = [22, 19];

/**
 * The Node that our programs run on: the one from the installed package where there is one for this system, else the one
 * that runs this. Throws `StepError` when neither is new enough. The tools themselves go on under whatever started them.
 */
export function nodeProgram(root) {
  const packaged = path.join(root, 'node_modules', '.bin', 'node');
  if (fs.existsSync(packaged) && runs(packaged)) return fs.realpathSync(packaged);
  if (isEnough(process.versions.node)) return process.execPath;
  throw tooOld(process.versions.node);
}

/** Throws at once, before a long installation, where no Node that is new enough will be found after it either. */
export function assertNode({ version = process.versions.node, platform = process.platform, arch = process.arch } = {}) {
  const packaged = platform === 'linux' && (arch === 'x64' || arch === 'arm64'); // the private root's optionalDependencies
  if (!packaged && !isEnough(version)) throw tooOld(version);
}

/** `env` with that Node first on the PATH, for programs that start `node` by name. */
export function nodeEnv(root, env = process.env) {
  return { ...env, PATH: `${path.dirname(nodeProgram(root))}${path.delimiter}${path.join(root, 'node_modules', '.bin')}${path.delimiter}${env.PATH ?? ''}` };
}

/** Whether a version such as `22.19.0` is new enough. */
export function isEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function tooOld(version) {
  return new StepError(`MediaCluster needs Node ${NEEDED.join('.')} or later, and this is ${version}. Install it from https://nodejs.org, and start again.`);
}

function runs(program) {
  try {
    return isEnough(execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
  } catch {
    return false; // made for another system, or for a libc that is not here
  }
}
