import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { runRegister, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

interface Told {
  readonly keys: string[];
  readonly pids: number[];
}

interface RunningApp {
  readonly told: Told;
  /** Lets it close its workers and end; resolves with its exit code. */
  end(): Promise<number | null>;
}

const children: ChildProcess[] = [];
// What a failed test has left running.
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function startApp(app: string, env: Record<string, string>, ...flags: string[]): Promise<RunningApp> {
  const file = fileURLToPath(new URL(`./apps/${app}`, import.meta.url));
  const child = spawn(process.execPath, [...flags, file], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line') as [string];
  return {
    told: JSON.parse(line) as Told,
    end: async () => {
      const exited = once(child, 'exit');
      child.stdin.write('\n');
      const [code] = await exited as [number | null];
      return code;
    },
  };
}

let node: ServerProcess;

beforeAll(async () => {
  node = await startServer();
});
afterAll(() => node.kill('SIGTERM'));

const REGISTER = ['--import', '@mediacluster/sdk/register'];

describe.each([['app.cjs', 'CommonJS'], ['app.mjs', 'an ES module']])('%s, an app as %s', app => {
  test('runs on a media node as it does beside its own workers, without a changed line', async () => {
    const local = await startApp(app, {});
    const remote = await startApp(app, { MEDIACLUSTER_URL: node.url }, ...REGISTER);
    expect({ ...remote.told, pids: [] }).toEqual({ ...local.told, pids: [] });
    const { workers } = await node.status();
    // Those of an app that has exited are there until its lease is over.
    expect(workers.map(({ pid }) => pid)).toEqual(expect.arrayContaining(remote.told.pids));
    expect(await Promise.all([local.end(), remote.end()])).toEqual([0, 0]);
  });

  test('runs so by NODE_OPTIONS too', async () => {
    const remote = await startApp(app, { MEDIACLUSTER_URL: node.url, NODE_OPTIONS: REGISTER.join(' ') });
    expect(remote.told.pids).toHaveLength(2);
    expect(await remote.end()).toBe(0);
  });
});

describe('the environment', () => {
  test.each([
    ['says nothing', {}, 'neither MEDIACLUSTER_URL nor MEDIACLUSTER_NAME is set'],
    ['says two things', { MEDIACLUSTER_URL: 'ws://a:1', MEDIACLUSTER_NAME: 'calls' }, 'both set'],
    ['names no address', { MEDIACLUSTER_URL: 'http://a:1' }, 'ws://host:port'],
  ])('that %s ends the process with what to do', async (_what, env, text) => {
    const { code, stderr } = await runRegister(env);
    expect(code).not.toBe(0);
    expect(stderr).toContain(text);
    expect(stderr).toContain('SDK_CONFIG');
  });
});
