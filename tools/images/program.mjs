import { spawnSync } from 'node:child_process';

import { StepError } from '../steps/step.mjs';
import { run } from '../worker/run.mjs';

const DEBIAN = ['/usr/bin/apt-get'];

/** Whether a program can be started. */
export function isThere(program, args = ['--version'], env = process.env) {
  return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0;
}

/** Runs a program to its end; each line it writes is heard by `onLine`. Throws `StepError` with its last words. */
export async function must(program, args, { onLine, ...options } = {}) {
  const { status, tail } = await run(program, args, { ...options, ...(onLine && { onLine }) });
  if (status !== 0) throw new StepError(`${program} ${args.filter(arg => !arg.startsWith('-')).slice(0, 2).join(' ')} failed:\n${tail}`);
  return tail;
}

/** What a program prints. Throws `StepError`. */
export function outputOf(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new StepError(`${program} ${args[0]} failed: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}

/** Installs Debian packages for programs that are missing, with notice. Throws `StepError` with the command where it can't. */
export async function provide(programs, { log, env = process.env }) {
  const missing = programs.filter(program => !isThere(program, ['--version'], env));
  if (missing.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  const canInstall = process.getuid?.() === 0 && DEBIAN.every(file => isThere(file, ['--version'], env));
  if (!canInstall) {
    throw new StepError(`To build images, this machine lacks: ${missing.join(', ')}.`, { remedy: `Start Docker, or on Debian:  sudo ${command.join(' ')}` });
  }
  log(`installing what builds images: ${missing.join(' ')} (up to a minute) …`);
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['-q', 'update'], { env: quiet, onLine: line => log.update(`apt-get: ${line}`) });
  await must(command[0], command.slice(1), { env: quiet, onLine: line => log.update(`apt-get: ${line}`) });
}
