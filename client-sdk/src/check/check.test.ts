import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { check } from './check.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('good/a.ts', 'await router.createPlainTransport({});');
  write('bad/b.js', 'router.createPlainTransport({});');
  write('bad/deeper/c.mjs', 'ok();');
  write('bad/node_modules/x/d.js', 'router.produce();');
  write('bad/.hidden/e.js', 'router.produce();');
  write('bad/types.d.ts', 'export {};');
  write('broken/f.ts', '<<<<<<< ours');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('ends with 0 when nothing is found', () => {
  expect(check([join(folder, 'good')])).toEqual({ lines: ['1 files read, 0 found'], exitCode: 0 });
});

test('lists file, line, column and remedy, and passes over installed packages and hidden folders', () => {
  const { lines, exitCode } = check([join(folder, 'bad')]);
  expect(exitCode).toBe(1);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(`${join(folder, 'bad/b.js')}:1:1  nobody waits for createPlainTransport()`);
  expect(lines[1]).toMatch(/^ {4}await it/);
  expect(lines[2]).toBe('2 files read, 1 found');
});

test('counts a file that it cannot read as found', () => {
  const { lines, exitCode } = check([join(folder, 'broken/f.ts')]);
  expect([lines[0], exitCode]).toEqual([expect.stringContaining('f.ts  cannot be read: '), 1]);
});

test('ends with 2 for a path that is not there', () => {
  expect(check([join(folder, 'nowhere')])).toEqual({ lines: [expect.stringContaining('ENOENT')], exitCode: 2 });
});
