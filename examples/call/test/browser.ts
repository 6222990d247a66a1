import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { build } from '../../../tools/steps/build.mjs';
import { findChromium } from '../../../tools/steps/chromium.mjs';

/** Where Chromium is; empty where there is none, and then `describeInBrowser` skips. */
export const executablePath = findChromium() ?? '';

/** A `describe` for tests that need Chromium. `npm test` installs it where it can; where it can't, they are skipped, and say why. */
export function describeInBrowser(what: string, tests: () => void): void {
  if (executablePath) describe(what, tests);
  else describe.skip(`${what} (${process.env.NO_CHROMIUM_REASON ?? 'there is no Chromium: install it, or name it in CHROMIUM_PATH'})`, tests);
}

/** Brings what the browser and the nodes' processes run up to date; nothing to do under `npm test`, which has built all. */
export async function provideBuild(): Promise<void> {
  await build({ root: fileURLToPath(new URL('../../..', import.meta.url)), log: Object.assign(() => {}, { update: () => {} }), target: 'start' });
}

export const BROWSER_TEST_MS = 120_000;
