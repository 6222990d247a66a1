import { spawnSync } from 'node:child_process';

// What the worker answers when nobody tells it mediasoup's version. mediasoup's own installer asks the same.
const NOT_MY_FATHER = 41;

/** Runs the worker for a moment. `undefined` when it runs on this machine, otherwise why it does not. */
export function whyNotRunnable(file, env = process.env) {
  const { MEDIASOUP_VERSION: _, ...rest } = env;
  const { status, signal, error, stderr } = spawnSync(file, [], {
    env: rest,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (status === NOT_MY_FATHER) return undefined;
  if (error) return error.message;
  // The loader's own words when a shared library is missing; they begin with the file's path.
  const said = stderr.trim().split('\n')[0].replace(`${file}: `, '');
  return `it ended with ${signal ?? status} instead of ${NOT_MY_FATHER}${said ? ` (${said})` : ''}`;
}
