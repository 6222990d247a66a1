import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { ConfigError } from '../errors.ts';
import { clusterToken } from './cluster-token.ts';

let folder: string;
let projectedFile: string;
let named: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  projectedFile = join(folder, 'projected');
  named = join(folder, 'named');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is that of the variable, else that of the file, else the ServiceAccount\'s', async () => {
  writeFileSync(named, 'of the file\n');
  writeFileSync(projectedFile, 'of the ServiceAccount\n');
  expect(await clusterToken({ env: { MEDIACLUSTER_TOKEN: ' of the variable\n', MEDIACLUSTER_TOKEN_FILE: named }, projectedFile })).toBe('of the variable');
  expect(await clusterToken({ env: { MEDIACLUSTER_TOKEN: ' ', MEDIACLUSTER_TOKEN_FILE: named }, projectedFile })).toBe('of the file');
  expect(await clusterToken({ env: { MEDIACLUSTER_TOKEN_FILE: '' }, projectedFile })).toBe('of the ServiceAccount');
});

test('is read anew each time', async () => {
  writeFileSync(projectedFile, 'old');
  expect(await clusterToken({ env: {}, projectedFile })).toBe('old');
  writeFileSync(projectedFile, 'new');
  expect(await clusterToken({ env: {}, projectedFile })).toBe('new');
});

test('is none where nothing says one', async () => {
  expect(await clusterToken({ env: {} })).toBeUndefined();
  writeFileSync(projectedFile, '\n');
  expect(await clusterToken({ env: {}, projectedFile })).toBeUndefined();
});

test('must be in a file that is named', async () => {
  writeFileSync(projectedFile, 'of the ServiceAccount\n');
  const asked = clusterToken({ env: { MEDIACLUSTER_TOKEN_FILE: named }, projectedFile });
  await expect(asked).rejects.toThrow(ConfigError);
  await expect(asked).rejects.toThrow(`MEDIACLUSTER_TOKEN_FILE names ${named}, which cannot be read: ENOENT`);
  writeFileSync(named, ' \n');
  await expect(clusterToken({ env: { MEDIACLUSTER_TOKEN_FILE: named }, projectedFile })).rejects.toThrow('which is empty');
});
