import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

// A holder touches its lock this often; one on another machine or in another container, whose processes we cannot
// see, counts as dead after six missed beats.
const BEAT_MS = 10_000;
const DEAD_AFTER_MS = 60_000;

/**
 * Runs `work` while no other process that names the same `file` does, and returns its result.
 *
 * free ─▶ held ─▶ free
 *           └─(holder died)─▶ broken by a waiter ─▶ free
 *
 * The lock is a file that names its holder. One that waits says so once through `onWait(holder)` and looks again
 * every `pollMs`. A lock whose holder is dead is taken over.
 */
export async function withLock(file, work, { onWait = () => {}, onTakeOver = () => {}, pollMs = 250 } = {}) {
  const me = { pid: process.pid, started: startOf(process.pid), host: os.hostname(), token: randomUUID() };
  let said = false;
  while (!create(file, me)) {
    const holder = read(file);
    if (!holder) continue; // it was let go just now
    if (isDead(holder, file)) {
      if (breakLock(file, holder, me)) onTakeOver(holder);
      else await delay(pollMs); // another waiter is at it
      continue;
    }
    if (!said) onWait(holder);
    said = true;
    await delay(pollMs);
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  beat.unref();
  const letGo = () => {
    if (read(file)?.token === me.token) fs.rmSync(file, { force: true });
  };
  process.once('exit', letGo); // whoever ends in the middle of the work by process.exit() runs no `finally`
  try {
    return await work();
  } finally {
    process.off('exit', letGo);
    clearInterval(beat);
    letGo();
  }
}

/** Makes the lock file with its content in one step, so that nobody ever reads an empty one. */
function create(file, holder) {
  const draft = `${file}.${holder.token}`;
  fs.writeFileSync(draft, JSON.stringify(holder));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function read(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    // Not ours or cut short by a full disk: nobody will ever let it go.
    if (error instanceof SyntaxError) return { pid: 0, host: os.hostname(), token: undefined };
    throw error;
  }
}

function isDead({ pid, started, host }, file) {
  if (host !== os.hostname()) {
    const beat = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return beat !== undefined && Date.now() - beat > DEAD_AFTER_MS;
  }
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'ESRCH'; // EPERM: alive, another user's
  }
  // Alive, but is it the same process? Pids come round again, in containers quickly.
  return startOf(pid) !== started;
}

/** When a process started, in the kernel's ticks; `null` where /proc does not say. */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces: count from behind it. Start is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return null;
  }
}

/**
 * Removes a dead holder's lock. Two waiters that both saw it dead must not both remove: the second would remove the
 * lock that the first has meanwhile taken. So removing has a lock of its own, and looks again once it has it.
 */
function breakLock(file, dead, me) {
  const breaking = `${file}.breaking`;
  if (!create(breaking, me)) {
    const breaker = read(breaking);
    if (breaker && isDead(breaker, breaking)) fs.rmSync(breaking, { force: true });
    return false;
  }
  try {
    const now = read(file);
    if (!now || now.token !== dead.token) return false;
    fs.rmSync(file, { force: true });
    return true;
  } finally {
    fs.rmSync(breaking, { force: true });
  }
}

function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch {
    // Somebody removed the cache under us; the work itself will say so.
  }
}
