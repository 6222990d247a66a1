import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ConfigError } from '../errors.ts';
import { BearerTokens } from './bearer-token.ts';

let folder: string;
let file: string;
let problems: Error[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  file = join(folder, 'token');
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const tokensOf = (text: string, more: { token?: string } = {}): BearerTokens => {
  writeFileSync(file, text);
  return new BearerTokens({ file, ...more, scopes: ['own'], onProblem: error => problems.push(error) });
};

describe('the tokens of a file', () => {
  test('are one a line, with a name and scopes where they are given', () => {
    const tokens = tokensOf('s3cret\n# of the monitor:\r\n\n  w4tch  monitor  observe\r\nr00t admin own+all\nplain app@x-1\n');
    expect(['s3cret', 'w4tch', 'r00t', 'plain'].map(token => tokens.find(token))).toEqual([
      { name: 'token:default', scopes: ['own'] },
      { name: 'token:monitor', scopes: ['observe'] },
      { name: 'token:admin', scopes: ['own', 'all'] },
      { name: 'token:app@x-1', scopes: ['own'] },
    ]);
    expect(['', '#', 's3cre', 's3cret ', 'S3cret', 'default', 'monitor'].map(token => tokens.find(token))).toEqual(Array(7).fill(undefined));
  });

  test('may stand beside one of the environment', () => {
    const tokens = tokensOf('of-the-file\n', { token: 'of-the-environment' });
    expect([tokens.find('of-the-file')?.name, tokens.find('of-the-environment')?.name]).toEqual(['token:default', 'token:default']);
    const alone = new BearerTokens({ token: 'alone', scopes: ['observe'], onProblem: () => {} });
    expect([alone.find('alone'), alone.find('other')]).toEqual([{ name: 'token:default', scopes: ['observe'] }, undefined]);
  });

  test('are read again when the file has changed', () => {
    const tokens = tokensOf('old\n');
    writeFileSync(file, 'old\nnew\n');
    expect([tokens.find('old')?.name, tokens.find('new')?.name]).toEqual(['token:default', 'token:default']);
    writeFileSync(file, 'new\n');
    expect([tokens.find('old'), tokens.find('new')?.name]).toEqual([undefined, 'token:default']);
    writeFileSync(file, '');
    expect(tokens.find('new')).toBeUndefined();
  });

  test('are read again when Kubernetes has swapped the Secret that the file lies in', () => {
    for (const [version, token] of [['v1', 'first'], ['v2', 'other']] as const) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'token'), token);
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync('..data/token', file);
    const tokens = new BearerTokens({ file, scopes: ['own'], onProblem: error => problems.push(error) });
    expect([tokens.find('first')?.name, tokens.find('other')]).toEqual(['token:default', undefined]);
    symlinkSync('v2', join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    expect([tokens.find('first'), tokens.find('other')?.name]).toEqual([undefined, 'token:default']);
  });

  test('stay as they were while the file is gone or wrong, and that is told once', () => {
    const tokens = tokensOf('known\n');
    rmSync(file);
    expect([tokens.find('known')?.name, tokens.find('known')?.name]).toEqual(['token:default', 'token:default']);
    writeFileSync(file, 'known name own+everything\n');
    expect([tokens.find('known')?.name, tokens.find('known')?.name]).toEqual(['token:default', 'token:default']);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('ENOENT'), 'line 1 must read: token [name] [scopes], the scopes such as own+observe']);
    writeFileSync(file, 'another\n');
    expect([tokens.find('known'), tokens.find('another')?.name]).toEqual([undefined, 'token:default']);
  });

  test.each([
    ['a b c', /line 2 must read: token \[name\] \[scopes\]/],
    ['hunter2 app own extra', /line 2 must read/],
    ['hunter2 a/b', /line 2 has a name with other characters/],
  ])('are refused at the start when a line is wrong, and the message holds none of them: %p', (line, message) => {
    const fail = (): unknown => tokensOf(`hunter1\n${line}\n`);
    expect(fail).toThrow(ConfigError);
    expect(fail).toThrow(message);
    expect(fail).toThrow(file);
    expect(fail).not.toThrow(/hunter/);
  });

  test('must be there at the start', () => {
    expect(() => new BearerTokens({ file: join(folder, 'missing'), scopes: ['own'], onProblem: () => {} })).toThrow(/missing cannot be used: ENOENT/);
  });
});

