import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

import { findPython } from '../../tools/steps/python.mjs';
import { startServer } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const python = findPython({ root: ROOT });
// `npm test` installs what is needed where it can; where it can't, this is skipped and says why.
const where = python.path ? describe : describe.skip;
const because = python.path ? '' : ` (${process.env.NO_PYTHON_REASON ?? python.reason})`;

async function runClient(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(python.path!, [path.join(ROOT, 'examples/protocol-client/main.py'), ...args], {
    env: { ...process.env, PYTHONPATH: python.packages, PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });
  const [code] = await once(child, 'close') as [number | null];
  return { code, stdout, stderr };
}

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
