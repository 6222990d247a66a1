import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

import { findPython } from '../../tools/steps/python.mjs';
import { startServer } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const python = findPython({ root: ROOT });
// `npm test` installs what is needed where it can; where it can't, this is skipped and says why.
const where = python.path ? describe : describe.skip;
const because = python.path ? '' : ` (${process.env.NO_PYTHON_REASON ?? python.reason})`;

const CLIENT = path.join(ROOT, 'examples/protocol-client');
const env = { ...process.env, PYTHONPATH: `${python.packages}${path.delimiter}${CLIENT}`, PYTHONDONTWRITEBYTECODE: '1' };

async function runClient(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(python.path!, [path.join(CLIENT, 'main.py'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });
  const [code] = await once(child, 'close') as [number | null];
  return { code, stdout, stderr };
}

/** Distrusts its node, so that it asks for a snapshot; closes an object without a link; hears of the end of the node. */
const LOSSES = `
import asyncio, sys
from rope import Rope, RopeError

async def main():
    rope = Rope(sys.argv[1])
    await rope.open()
    worker = await rope.call("mediasoup.createWorker", settings={})
    routers = [await rope.call("worker.createRouter", worker=worker["object"], options={}) for _ in range(3)]
    rope._confused = True
    rope.cut()
    rope.close_object(routers[0]["object"])
    dump = await rope.call("worker.dump", worker=worker["object"])
    print(rope.resumes, len(dump["routerIds"]), sorted(rope.replica.objects) == [1, 3, 4], len(rope.replica.closing))
    try:
        await rope.call("router.dump", router=routers[0]["object"])
    except RopeError as error:
        print(error.name, error.code)
    died = asyncio.Event()
    rope.replica.on_event = lambda record, event, args: (print(record["type"], event, args[0]["message"], flush=True), died.set())
    print("ready", flush=True)
    await died.wait()
    print(len(rope.replica.objects))
    await rope.destroy()

asyncio.run(main())
`;

where(`a client in Python that knows the protocol from its page alone${because}`, () => {
  test('makes objects, closes them, gets bytes as events, and loses nothing when its link breaks', async () => {
    const server = await startServer('--host', '127.0.0.1', '--node-name', 'calls-0');
    try {
      const { code, stdout, stderr } = await runClient(server.url);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^connected to calls-0, mediasoup \d+\.\d+\.\d+$/m);
      expect(stdout).toMatch(/^ {2}worker 1: pid=\d+$\n^ {4}router 2: id=\S+$\n^ {6}webRtcTransport 3: id=\S+, type=webrtc, .*iceState=new, dtlsState=new$/m);
      expect(stdout).toMatch(/^closed a router: gone here at once, gone there, and not heard twice$/m);
      expect(stdout).toMatch(/^cut the link twice, with [1-9]\d* and [1-9]\d* calls under way: 300 messages and 22 calls, none lost, none twice$/m);
      expect(stdout).toMatch(/^ended the session: its worker is closed$/m);
      expect(code).toBe(0);
      // Not left to the lease: `destroy` ends it at once.
      expect(await server.status()).toMatchObject({ sessions: 0, workers: [] });
    } finally {
      await server.kill('SIGTERM');
    }
  }, 60_000);

  test('takes a snapshot where it must, brings nothing back that it has closed, and hears of the end of its node', async () => {
    const server = await startServer('--host', '127.0.0.1');
    const child = spawn(python.path!, ['-c', LOSSES, server.url], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    try {
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        if (line === 'ready') await server.kill('SIGKILL');
      }
      expect(lines).toEqual([
        "['new', 'snapshot'] 2 True 0",
        'NotFoundError ROPE_OBJECT_NOT_FOUND',
        'ready',
        'worker died its address refuses the connection',
        '0',
      ]);
    } finally {
      child.kill();
      await server.kill('SIGKILL');
    }
  }, 60_000);

  test('is let in with the token of its file alone', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mediacluster-token-'));
    const file = path.join(folder, 'token');
    await writeFile(file, 'a-token-of-enough-characters-for-a-node\n');
    const server = await startServer('--host', '127.0.0.1', '--auth-token-file', file);
    try {
      const refused = await runClient(server.url);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^rope\.RopeError: .*token/m);
      expect(await runClient(server.url, '--token-file', file)).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await server.kill('SIGTERM');
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});
