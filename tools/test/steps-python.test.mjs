import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findPython, providePython } from '../steps/python.mjs';

let root;
let lines;
const log = Object.assign(line => lines.push(line), { update: () => {} });
beforeEach(() => {
  lines = [];
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'mediacluster-python-'));
  write('examples/protocol-client/requirements.txt', 'websockets==16.0 --hash=sha256:00\n');
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const write = (name, text, mode) => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  return file;
};

/** A Python of this version, whose pip does what `pip` says in the shell, with `$target` as its folder. */
const python = (name, version, pip = 'exit 1') => write(name, `#!/bin/sh
[ "$1" = -c ] && echo ${version} && exit 0
while [ "$1" != --target ]; do shift; done
target=$2
${pip}
`, 0o755);

const env = more => ({ PATH: `${path.join(root, 'bin')}:/usr/bin:/bin`, HOME: path.join(root, 'home'), ...more });
const packages = () => path.join(root, 'home/.cache/mediacluster/python/websockets-16.0');
const MAKE = '/bin/mkdir -p "$target" && echo fetched > "$target/websockets.py"';

test('Python is the one of its variable, else the first that is new enough, and says what to do where there is none', () => {
  const old = python('bin/python3', '3 9');
  python('bin/python', '2 7');
  const only = env({ PATH: path.dirname(old) });
  expect(findPython({ root, env: only }).reason).toMatch(/^there is no Python 3\.10 or newer here: install /);
  expect(findPython({ root, env: { ...only, PYTHON_PATH: old } })).toEqual({ reason: `PYTHON_PATH names ${old}, which is no Python 3.10 or newer` });
  python('bin/python', '3 10');
  fs.mkdirSync(packages(), { recursive: true });
  expect(findPython({ root, env: only })).toEqual({ path: 'python', packages: packages() });
  const mine = python('mine', '3 13');
  const elsewhere = { ...only, PYTHON_PATH: mine, XDG_CACHE_HOME: path.join(root, 'cache') };
  expect(findPython({ root, env: elsewhere })).toEqual({ reason: 'websockets 16.0 is not installed for Python yet: npm test does that' });
  expect(findPython({ root, env: { ...only, PYTHON_PATH: mine } })).toEqual({ path: mine, packages: packages() });
});

test('its package is fetched once, and half of one is never found', async () => {
  python('bin/python3', '3 11', `${MAKE}; echo no network; exit 1`);
  const { reason } = await providePython({ root, log, env: env() });
  expect(reason).toMatch(/^websockets 16\.0 can't be installed for Python: install .*\nno network$/);
  expect(fs.readdirSync(path.dirname(packages()))).toEqual([]);

  python('bin/python3', '3 11', MAKE);
  expect(await providePython({ root, log, env: env() })).toEqual({ path: 'python3', packages: packages() });
  expect(fs.readdirSync(path.dirname(packages()))).toEqual(['websockets-16.0']);
  expect(lines.filter(line => line.startsWith('websockets 16.0 for '))).toHaveLength(2);

  python('bin/python3', '3 11', 'exit 1');
  expect(await providePython({ root, log, env: env() })).toEqual({ path: 'python3', packages: packages() });
  expect(lines).toHaveLength(2);
});

test('two runs that fetch it at once share what the quicker one has put there', async () => {
  python('bin/python3', '3 11', `${MAKE}; /bin/mkdir -p "${packages()}" && echo theirs > "${packages()}/websockets.py"`);
  expect(await providePython({ root, log, env: env() })).toEqual({ path: 'python3', packages: packages() });
  expect(fs.readFileSync(path.join(packages(), 'websockets.py'), 'utf8')).toBe('theirs\n');
  expect(fs.readdirSync(path.dirname(packages()))).toEqual(['websockets-16.0']);
});
