import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { StepError } from './step.mjs';

const LEASH = new URL('leash.mjs', import.meta.url).href;
const READY_WITHIN_MS = 20_000;
const TAIL_LINES = 20;
const RESTART_AFTER_MS = [100, 1_000, 3_000];
// A program that stood this long was sound: its next end begins a new count.
const SOUND_AFTER_MS = 30_000;

/**
 * Starts one of our programs under `node` and resolves when a line on its standard output matches `ready`: with that
 * `match`, its `pid`, `ended` (how it ended) and `stop(graceMs)`. It ends with us, however we end. `onLine` hears every
 * other line. Throws `StepError` with its last words when it ends before it is ready; an abort of `signal` before then
 * ends it at once.
 */
export async function startProgram({ node, name, script, args = [], env, ready, signal, onLine = () => {} }) {
  signal?.throwIfAborted();
  const child = spawn(node, ['--import', LEASH, script, ...args], {
    env,
    // A group of its own: Ctrl-C reaches us alone, and we end the programs in order, with all that they have started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ? `ended by ${signal}` : `ended with exit code ${code}`), error => `did not start: ${error.message}`);
  const tail = [];
  let isReady;
  const match = new Promise(resolve => (isReady = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', line => {
      const found = stream === child.stdout && line.match(ready);
      if (found) return isReady(found);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine(line);
    });
  }
  const stop = async (graceMs = 1_000) => {
    signalGroup(child.pid, 'SIGTERM', child);
    const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
    signalGroup(child.pid, 'SIGKILL'); // what it may have left behind
  };
  const late = timeout(READY_WITHIN_MS);
  const kill = () => signalGroup(child.pid, 'SIGKILL', child);
  signal?.addEventListener('abort', kill);
  const first = await Promise.race([match, ended, late.promise]);
  signal?.removeEventListener('abort', kill);
  late.clear();
  if (Array.isArray(first)) return { name, match: first, pid: child.pid, ended, stop };
  await stop(0);
  const how = first ?? `was not ready within ${READY_WITHIN_MS / 1000} s`;
  throw new StepError(`${name} ${how}${tail.length > 0 ? `:\n${tail.join('\n')}` : ''}`);
}

/**
 * Keeps a program running: `start(before)` starts it, and starts it again whenever it ends, with a line that says so.
 * It is given up, with a line, when it ends again and again; `onGivenUp` is told. Throws what the first start throws.
 */
export async function keepRunning({ start, log, onGivenUp = () => {} }) {
  let stopping = false;
  let failures = 0;
  let program = await start();
  let startedMs = performance.now();

  const guard = async () => {
    while (!stopping) {
      const how = await program.ended;
      if (stopping) return;
      await program.stop(0);
      if (performance.now() - startedMs > SOUND_AFTER_MS) failures = 0;
      log(`${program.name} ${how}: starting it again`);
      while (!stopping) {
        const waitMs = RESTART_AFTER_MS[failures++];
        if (waitMs === undefined) {
          log(`${program.name} does not stay up: it is left alone now. Start again with npm start, or look why with npm start -- --verbose`);
          return onGivenUp();
        }
        await timeout(waitMs).promise;
        if (stopping) return;
        try {
          program = await start(program);
          startedMs = performance.now();
          if (stopping) return program.stop(0);
          break;
        } catch (error) {
          if (!stopping) log(error.message);
        }
      }
    }
  };
  void guard();
  return {
    get program() {
      return program;
    },
    async stop(graceMs) {
      stopping = true;
      await program.stop(graceMs);
    },
  };
}

/** Signals a program's whole group; falls back to the program where it has none yet. Never throws. */
function signalGroup(pid, signal, child) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    child?.kill(signal);
  }
}

function timeout(ms) {
  let timer;
  const promise = new Promise(resolve => (timer = setTimeout(resolve, ms)));
  return { promise, clear: () => clearTimeout(timer) };
}
