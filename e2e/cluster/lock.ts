// One at a time, over all processes of this machine. flock(1) holds the lock as long as its standard input is open,
// so a holder that dies in any way gives it back, and no stale lock can be left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Runs `work` while holding the lock of that file. `onWait` is called once when somebody else holds it. */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const release = await tryLock(file, false) ?? (onWait(), await tryLock(file, true));
  if (!release) throw new Error(`cannot lock ${file}: is flock (util-linux) installed?`);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function tryLock(file: string, wait: boolean): Promise<(() => Promise<void>) | undefined> {
  // `cat` holds flock's open file on; it must not outlive a Ctrl-C less long than we do, hence a session of its own.
  const child = spawn('flock', [...(wait ? [] : ['--nonblock']), file, '-c', 'echo locked; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  child.stdin.on('error', () => {});
  const ended = once(child, 'close');
  const locked = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false, () => false)]);
  if (!locked) return undefined;
  return async () => {
    child.stdin.end();
    await ended;
  };
}
