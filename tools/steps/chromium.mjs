import fs from 'node:fs';
import path from 'node:path';
import { run } from '../worker/run.mjs';
import { step } from './step.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGE = 'chromium';

/** Where Chromium is: CHROMIUM_PATH, else the first one on the PATH. `undefined` when there is none. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return fs.existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const mac = ['/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
  return [...NAMES.flatMap(name => folders.map(folder => path.join(folder, name))), ...mac].find(file => fs.existsSync(file));
}

/**
 * Finds Chromium, or installs the distribution's where this is Debian's kind of system and we are root. Returns its
 * `path`, or the `reason` why there is none, with what to do, in one sentence. Never throws: browser tests are then skipped.
 */
export async function provideChromium({ log, env = process.env }) {
  const found = findChromium(env);
  if (found) return { path: found };
  if (env.CHROMIUM_PATH) return { reason: `CHROMIUM_PATH names ${env.CHROMIUM_PATH}, which does not exist` };
  const byHand = 'install Chromium (on Debian: apt-get install chromium), or name it in CHROMIUM_PATH';
  if (!fs.existsSync('/usr/bin/apt-get')) return { reason: `there is no Chromium here: ${byHand}` };
  if (process.getuid?.() !== 0) return { reason: `there is no Chromium here, and only root may install it: ${byHand}` };
  const failed = await step(log, { title: `Chromium for the browser tests: apt-get install ${PACKAGE}`, takes: '1 to 3 min, once' }, say => install(say, env));
  const installed = findChromium(env);
  return installed ? { path: installed } : { reason: `Chromium can't be installed here: ${byHand}\n${failed}` };
}

async function install(say, env) {
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = args => run('apt-get', ['-y', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: quiet, onLine: say });
  const updated = await apt(['update']);
  const { status, tail } = await apt(['install', '--no-install-recommends', PACKAGE]);
  return status === 0 ? '' : `${updated.status === 0 ? '' : updated.tail}\n${tail}`;
}
