import { afterEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keepRunning, startProgram } from '../steps/program.mjs';

const PROGRAM = fileURLToPath(new URL('fixtures/program.mjs', import.meta.url));
const STARTER = fileURLToPath(new URL('fixtures/starter.mjs', import.meta.url));
const started = [];

async function start(how, options = {}) {
  const program = await startProgram({ node: process.execPath, name: 'the program', script: PROGRAM, args: [how], ready: /ready with (\d+)/, ...options });
  started.push(program);
  return program;
}

afterEach(() => Promise.all(started.splice(0).map(program => program.stop(0))));

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when a process is gone; the kernel tells nobody but its parent. */
async function gone(...pids) {
  while (pids.some(isAlive)) await new Promise(resolve => setTimeout(resolve, 20));
}

test('a program is started when it says so; stopped, it takes along what it started', async () => {
  const lines = [];
  const program = await start('stand', { onLine: line => lines.push(line) });
  const child = Number(program.match[1]);
  expect(lines).toEqual(['something first']);
  expect(isAlive(child)).toBe(true);
  await program.stop();
  expect(await program.ended).toBe('ended by SIGTERM');
  await gone(program.pid, child);
});

test('one that does not listen to SIGTERM is killed', async () => {
  const program = await start('stubborn');
  await program.stop(50);
  expect(await program.ended).toBe('ended by SIGKILL');
  await gone(program.pid, Number(program.match[1]));
});

test('one that ends before it is ready is told with its last words', async () => {
  await expect(start('fail')).rejects.toThrow('the program ended with exit code 3:\nthe reason is here');
});

test('one that cannot be started is told so', async () => {
  await expect(start('stand', { node: '/nowhere/node' })).rejects.toThrow('the program did not start: spawn /nowhere/node ENOENT');
});

test('a start that is aborted ends what was being started', async () => {
  const abort = new AbortController();
  let child;
  const starting = start('stand', { ready: /never/, signal: abort.signal, onLine: line => {
    child = Number(line.match(/ready with (\d+)/)?.[1]);
    if (child) abort.abort();
  } });
  await expect(starting).rejects.toThrow('the program ended by SIGKILL');
  await gone(child);
  await expect(start('stand', { signal: abort.signal })).rejects.toThrow(/abort/);
});

test('a killed starter leaves no program behind', async () => {
  const starter = spawn(process.execPath, [STARTER, PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(readline.createInterface({ input: starter.stdout }), 'line');
  const [program, child] = line.split(' ').map(Number);
  expect([isAlive(program), isAlive(child)]).toEqual([true, true]);
  starter.kill('SIGKILL');
  await gone(program);
  process.kill(child); // a media node's workers end with it; this stand-in for one does not
});

test('a program that falls is started again with what it was before, and given up after three times', async () => {
  const lines = [];
  const before = [];
  const givenUp = new Promise(resolve => {
    void keepRunning({
      log: line => lines.push(line),
      onGivenUp: resolve,
      start: earlier => {
        before.push(earlier?.pid);
        return start('fall');
      },
    });
  });
  await givenUp;
  expect(before[0]).toBeUndefined();
  expect(before.slice(1)).toEqual(started.slice(0, -1).map(({ pid }) => pid));
  expect(lines.slice(0, 3)).toEqual(Array(3).fill('the program ended with exit code 7: starting it again'));
  expect(lines.at(-1)).toMatch(/does not stay up/);
}, 20_000);

test('a program that is kept running and stopped is not started again', async () => {
  const lines = [];
  const kept = await keepRunning({ log: line => lines.push(line), start: () => start('stand') });
  await kept.stop();
  expect(await kept.program.ended).toBe('ended by SIGTERM');
  expect(lines).toEqual([]);
});
