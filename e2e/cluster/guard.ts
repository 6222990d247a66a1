// Takes a cluster down when the process that started it ends without having done so: by Ctrl-C, an uncaught error, even kill -9.
//
//   owner ── pipe ──▶ guard, in a session of its own
//   "over"            the owner has taken it down, or leaves it running on purpose: nothing to do
//   end of the pipe   the owner is gone: remove the cluster
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from './layout.ts';
import { withLock } from './lock.ts';
import { removeCluster } from './teardown.ts';

/** The owner's end. */
export interface Guard {
  /** Tells the guard that it is not needed any more; resolves when it has ended. Safe to call twice. */
  dismiss(): Promise<void>;
}

/** One at a time works on a cluster: start, stop, guard. */
export const clusterLock = (name: string): string => join(cacheDir(), 'run', `${name}.lock`);

/** Sets a guard over a cluster that this process is about to start. */
export async function setGuard(name: string, logFile: string): Promise<Guard> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [import.meta.filename, name], { detached: true, stdio: ['pipe', log, log] });
  closeSync(log);
  child.stdin!.on('error', () => {});
  const ended = once(child, 'close');
  await once(child, 'spawn');
  // It must not keep its owner alive: an owner that has nothing left to do ends, and the cluster with it.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return {
    async dismiss() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      child.stdin!.end('over\n');
      await ended;
    },
  };
}

async function guard(name: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  let heard = '';
  process.stdin.setEncoding('utf8').on('data', (text: string) => { heard += text; });
  await once(process.stdin, 'end');
  if (heard.includes('over')) return;
  await withLock(clusterLock(name), () => removeCluster(name));
}

if (process.argv[1] === import.meta.filename) await guard(process.argv[2]!);
