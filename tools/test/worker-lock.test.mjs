import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withLock } from '../worker/lock.mjs';
import { sandbox } from './fixtures/worker-sandbox.mjs';

const PROVIDE = fileURLToPath(new URL('fixtures/provide-in-turn.mjs', import.meta.url));

let box;
let lockFile;
beforeEach(() => {
  box = sandbox();
  lockFile = path.join(box.dir, 'a.lock');
});
afterEach(() => box.remove());

function provide() {
  const child = spawn(process.execPath, [PROVIDE, box.dir, box.options.env.XDG_CACHE_HOME], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => (await lines.next()).value };
}

const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;
const leaveLock = (fields = {}) => fs.writeFileSync(lockFile, JSON.stringify({ pid: process.pid, host: os.hostname(), token: 'left', ...fields }));

test('two commands at once build once: the second waits, says so, and finds the worker', async () => {
  const first = provide();
  expect(await first.next()).toBe('builds');
  const second = provide();
  expect(await second.next()).toBe('waits');
  first.child.stdin.write('go\n');
  expect(await first.next()).toBe('done build');
  expect(await second.next()).toBe('done installed');
});

test('a command that was killed in its build is succeeded by the one that waits', async () => {
  const first = provide();
  expect(await first.next()).toBe('builds');
  const second = provide();
  expect(await second.next()).toBe('waits');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect(await second.next()).toBe('builds');
  second.child.stdin.write('go\n');
  expect(await second.next()).toBe('done build');
});

test('gives the lock back when the work fails', async () => {
  await expect(withLock(lockFile, async () => {
    throw new Error('no');
  })).rejects.toThrow('no');
  expect(await withLock(lockFile, async () => 'yes')).toBe('yes');
  expect(fs.existsSync(lockFile)).toBe(false);
});

test('lets one in at a time', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside--;
  };
  await Promise.all([1, 2, 3, 4, 5].map(() => withLock(lockFile, work, { pollMs: 1 })));
  expect(most).toBe(1);
});

test('takes over from a process that is dead, and says from which', async () => {
  const pid = deadPid();
  leaveLock({ pid });
  const from = [];
  expect(await withLock(lockFile, async () => 'mine', { onTakeOver: holder => from.push(holder.pid) })).toBe('mine');
  expect(from).toEqual([pid]);
});

test('takes over from a dead process whose number another one has now', async () => {
  leaveLock({ started: 'long ago' });
  expect(await withLock(lockFile, async () => 'mine')).toBe('mine');
});

test('takes over a lock that says nothing, as a full disk leaves it', async () => {
  fs.writeFileSync(lockFile, '');
  expect(await withLock(lockFile, async () => 'mine')).toBe('mine');
});

test('takes over from another machine only when its lock has not been touched for a minute', async () => {
  leaveLock({ host: 'elsewhere' });
  const waiting = [];
  const minuteAgo = new Date(Date.now() - 61_000);
  const result = withLock(lockFile, async () => 'mine', {
    pollMs: 1,
    onWait: holder => {
      waiting.push(holder.host);
      fs.utimesSync(lockFile, minuteAgo, minuteAgo);
    },
  });
  expect(await result).toBe('mine');
  expect(waiting).toEqual(['elsewhere']);
});
