import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { ninjaProgress } from '../worker/build/compile.mjs';
import { isEnough } from '../worker/build/meson.mjs';
import { missingRequirements, toolsMissing } from '../worker/build/requirements.mjs';
import { MEND, digestOfOurs, layOutSource, mend } from '../worker/build/source.mjs';
import { duration, terminalLog, withUpdate } from '../worker/progress.mjs';
import { run } from '../worker/run.mjs';
import { sandbox } from './fixtures/worker-sandbox.mjs';

let box;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

describe('what the build needs', () => {
  const missing = [{ what: 'a C++ compiler', apt: 'g++' }, { what: 'libuv', apt: 'libuv1-dev' }];

  test('is named with the exact command where apt is and we are not root', () => {
    const error = toolsMissing(missing, { hasApt: true });
    expect(error.code).toBe('WORKER_BUILD_TOOLS_MISSING');
    expect(error.message).toBe('to build the mediasoup worker this machine lacks: a C++ compiler, libuv\n'
      + 'Install it and try again:\n'
      + '  sudo apt-get update && sudo apt-get install -y --no-install-recommends g++ libuv1-dev');
  });

  test('is named with the other way out where there is no apt', () => {
    const { message } = toolsMissing(missing, { hasApt: false });
    expect(message).toContain('Debian calls the packages g++ libuv1-dev');
    expect(message).toContain('export MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker');
    expect(message).not.toContain('sudo');
  });

  test('is all missing where nothing is on the PATH', () => {
    const all = missingRequirements({ PATH: box.dir }).map(({ apt }) => apt);
    expect(all).toEqual(expect.arrayContaining(['g++', 'ninja-build', 'pkg-config', 'libsrtp2-dev', 'libabsl-dev']));
  });

  test('is missing when pkg-config knows a library whose header is not installed', () => {
    box.put(box.dir, 'pkg-config', '#!/bin/sh\n');
    box.put(box.dir, 'c++', '#!/bin/sh\nread line\ncase $line in *there.h*) exit 0;; *) exit 1;; esac\n');
    const libraries = ['there.h', 'not.h'].map(header => ({ apt: header, module: 'any', header }));
    expect(missingRequirements({ PATH: `${box.dir}:/bin:/usr/bin` }, libraries)).toEqual([libraries[1]]);
  });

  test.each([['1.0.1', false], ['0.64.0', false], ['1.1.0', true], ['1.12.1\n', true], ['2.0', true]])('Meson %s is new enough: %s', (version, enough) => {
    expect(isEnough(version)).toBe(enough);
  });
});

describe("the build's copy of the source", () => {
  const source = `a ${MEND.from} ? b : c`;

  test('has its one line mended', () => {
    expect(mend(source, MEND)).toBe('a ((operationType & BIO_CB_RETURN) != 0) ? b : c');
  });

  test.each([['gone', 'nothing'], ['there twice', source + source]])('fails the build when the line is %s', (_, text) => {
    expect(() => mend(text, MEND)).toThrow(expect.objectContaining({ code: 'WORKER_SOURCE_CHANGED' }));
  });

  test("has our subprojects in place of mediasoup's, and nothing that its own build left", () => {
    const from = path.join(box.dir, 'worker');
    const to = path.join(box.dir, 'copy');
    box.put(path.join(from, 'src', 'RTC'), 'DtlsTransport.cpp', source);
    box.put(path.join(from, 'src', 'out'), 'kept.cpp', ''); // only the outermost folder of that name is a leftover
    box.put(path.join(from, 'subprojects'), 'libuv.wrap', 'downloads');
    box.put(path.join(from, 'out', 'Release'), 'mediasoup-worker', '');
    box.put(path.join(from, 'pip_invoke'), 'x.py', '');
    layOutSource({ from, to });
    expect(fs.readdirSync(to).sort()).toEqual(['src', 'subprojects']);
    expect(fs.existsSync(path.join(to, 'src', 'out', 'kept.cpp'))).toBe(true);
    expect(fs.readdirSync(path.join(to, 'subprojects'))).not.toContain('libuv.wrap');
    expect(fs.readFileSync(path.join(to, 'src', 'RTC', 'DtlsTransport.cpp'), 'utf8')).toContain(MEND.to);
    expect(fs.readFileSync(path.join(from, 'src', 'RTC', 'DtlsTransport.cpp'), 'utf8')).toBe(source);
  });

  test('has a sum of what we add', () => {
    expect(digestOfOurs()).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('progress', () => {
  test("is read from ninja's lines, with an estimate once there is something to go by", () => {
    expect(ninjaProgress('ninja: Entering directory', 0)).toBeUndefined();
    expect(ninjaProgress('[3/262] Compiling', 3_000)).toBe('compiling the worker: 3 of 262');
    expect(ninjaProgress('[131/262] Compiling', 150_000)).toBe('compiling the worker: 131 of 262, about 2 min 30 s left');
  });

  test('is one line that is rewritten on a terminal', () => {
    const written = [];
    const log = terminalLog({ isTTY: true, columns: 10, write: text => written.push(text) });
    log.update('0123456789');
    log('done');
    expect(written.join('')).toBe('\r\x1b[2K012345678\r\x1b[2Kdone\n');
  });

  test.each([['terminalLog', (lines, clock) => terminalLog({ write: text => lines.push(text.trim()) }, clock)],
    ['a plain function', (lines, clock) => withUpdate(line => lines.push(line), clock)]])('is a line every ten seconds elsewhere (%s)', (_, make) => {
    const lines = [];
    let nowMs = 0;
    const log = make(lines, () => nowMs);
    for (nowMs = 1_000; nowMs <= 25_000; nowMs += 1_000) log.update(`at ${nowMs}`);
    expect(lines).toEqual(['at 10000', 'at 20000']);
  });

  test.each([[4_400, '4 s'], [250_000, '4 min 10 s']])('tells %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('a program that is run', () => {
  test('is heard line by line on both streams, and its end is kept', async () => {
    const lines = [];
    const result = await run('sh', ['-c', 'echo one; echo two >&2; exit 3'], { env: process.env, onLine: line => lines.push(line) });
    expect(lines.sort()).toEqual(['one', 'two']);
    expect(result.status).toBe(3);
  });

  test('that does not exist is a result and not an exception', async () => {
    expect(await run('/no/such/program', [])).toEqual({ status: null, tail: expect.stringContaining('ENOENT') });
  });
});
