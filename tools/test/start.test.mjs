import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from '../steps/build.mjs';
import { findChromium } from '../steps/chromium.mjs';
import { nodeEnv } from '../steps/node.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TEST_MS = 60_000;
const ENDS_WITHIN_MS = 3_000;
const started = [];

beforeAll(() => build({ root, log: Object.assign(() => {}, { update: () => {} }), target: 'start' }), TEST_MS);
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function freePort() {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A running start. `line(pattern)` resolves with the first line, past or to come, that matches. */
async function start(command = process.execPath, args = [path.join(root, 'tools/start.mjs')], port) {
  port ??= await freePort();
  const child = spawn(command, args, { cwd: root, env: { ...nodeEnv(root), PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  const lines = [];
  const waiting = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', line => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const line = (pattern, { since = 0 } = {}) => new Promise(resolve => {
    const look = () => {
      const found = lines.slice(since).find(each => pattern.test(each));
      if (found === undefined) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
  return { child, port, lines, line, ready: () => line(/^ {4}http:\/\/localhost:\d+$/) };
}

/** Every process that a process has started, down to the last, with its command line. */
function descendants(pid) {
  const all = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout.trim().split('\n')
    .map(row => row.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/).slice(1)).map(([id, parent, args]) => ({ pid: Number(id), parent: Number(parent), args }));
  const below = id => all.filter(({ parent }) => parent === id).flatMap(child => [child, ...below(child.pid)]);
  return below(pid).filter(({ args }) => !args.startsWith('ps '));
}

const isAlive = pid => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** How long it took until none of them was left; fails after three seconds. */
async function goneAfterMs(processes, sinceMs) {
  for (;;) {
    const left = processes.filter(({ pid }) => isAlive(pid));
    const passedMs = performance.now() - sinceMs;
    if (left.length === 0) return passedMs;
    if (passedMs > ENDS_WITHIN_MS) throw new Error(`still there after ${passedMs} ms: ${left.map(({ args }) => args).join('; ')}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const testInBrowser = findChromium() ? test : test.skip;

testInBrowser('a call goes through a running start; a node that dies is started again; Ctrl-C leaves no process', async () => {
  const running = await start();
  const { child, line, lines } = running;
  expect(await running.ready()).toBe(`    http://localhost:${running.port}`);
  const smoke = () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [path.join(root, 'tools/smoke.mjs'), `http://localhost:${running.port}`], { encoding: 'utf8', env: nodeEnv(root) });
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
    return JSON.parse(stdout);
  };
  const result = smoke();
  expect(result.framesDecoded).toBeGreaterThan(3);
  expect(result.audioEnergy).toBeGreaterThan(0);
  expect(result.nodes.toSorted()).toEqual(['node-1', 'node-2']);
  expect(result.faults).toEqual([]);

  const node = descendants(child.pid).find(({ args }) => args.includes('--node-name node-2'));
  process.kill(node.pid, 'SIGKILL');
  expect(await line(/node-2/)).toBe('node-2 ended by SIGKILL: starting it again');
  let again;
  while (!again) {
    await new Promise(resolve => setTimeout(resolve, 20));
    again = descendants(child.pid).find(({ pid, args }) => pid !== node.pid && args.includes('--node-name node-2'));
  }
  const app = descendants(child.pid).find(({ args }) => args.includes('examples/call/main.ts'));
  expect(isAlive(app.pid)).toBe(true);

  const all = descendants(child.pid);
  const sinceMs = performance.now();
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(await goneAfterMs(all, sinceMs)).toBeLessThan(ENDS_WITHIN_MS);
  expect(lines.filter(each => /error|warn/i.test(each))).toEqual([]);
}, TEST_MS);

test('a start that is killed leaves no process', async () => {
  const running = await start();
  await running.ready();
  const all = descendants(running.child.pid);
  expect(all.length).toBeGreaterThanOrEqual(3);
  running.child.kill('SIGKILL');
  await goneAfterMs(all, performance.now());
}, TEST_MS);

test('when npm itself is killed, all that npm start has started ends', async () => {
  const running = await start('npm', ['start', '--silent']);
  await running.ready();
  const all = descendants(running.child.pid);
  expect(all.some(({ args }) => args.includes('tools/start.mjs'))).toBe(true);
  running.child.kill('SIGKILL');
  await goneAfterMs(all, performance.now());
}, TEST_MS);

test('a taken port is one clear line, and what to do', async () => {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  const { child, lines } = await start(undefined, undefined, port);
  const [code] = await once(child, 'close');
  server.close();
  expect(code).toBe(1);
  expect(lines.filter(Boolean)).toEqual([`Port ${port} is taken, perhaps by another npm start.`, `End that program, or take another port:  PORT=${port + 1} npm start`]);
}, TEST_MS);
