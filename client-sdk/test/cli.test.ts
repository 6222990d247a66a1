import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

// The program as it is published, in a process of its own.
const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediacluster-sdk-'));
  await writeFile(join(folder, 'good.ts'), 'await router.createPlainTransport({});\n');
  await writeFile(join(folder, 'bad.ts'), 'const room = 1;\nrouter.createPlainTransport({});\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return { exitCode, stdout, stderr };
}

describe('check', () => {
  test('ends with 0 when nothing is found', async () => {
    expect(await run('check', 'good.ts')).toEqual({ exitCode: 0, stdout: '1 files read, 0 found\n', stderr: '' });
  });

  test('lists what it finds, with place and remedy, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await run('check', '.');
    const lines = stdout.split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^bad\.ts:2:1 {2}nobody waits for createPlainTransport\(\): .+ {2}\[not-awaited\]$/), expect.stringMatching(/^ {4}await it/), '2 files read, 1 found', '',
    ]);
    expect([exitCode, stderr]).toEqual([1, '']);
  });

  test('reads all paths that are named', async () => {
    expect(await run('check', 'good.ts', 'bad.ts')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('2 files read, 1 found') });
  });

  test('ends with 2 when a path is not there', async () => {
    expect(await run('check', 'good.ts', 'nowhere')).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(/ENOENT.*nowhere/) });
  });
});

describe('its usage', () => {
  test.each([['--help'], ['-h'], ['help']])('is what %s asks for', async word => {
    const { exitCode, stdout, stderr } = await run(word);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^usage: npx @mediacluster\/sdk check PATH…\n/);
    expect(stdout).toContain('0 nothing found, 1 something found, 2 it could not be done');
  });

  test.each([['no command', []], ['a check without a path', ['check']], ['an unknown command', ['chek', 'good.ts']]])('is told to %s, as an error', async (_, args) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^usage: /);
  });
});
