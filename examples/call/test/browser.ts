import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import { findChromium } from '../../../tools/steps/chromium.mjs';

/** Where Chromium is; empty where there is none, and then `describeInBrowser` skips. */
export const executablePath = findChromium() ?? '';

/** A `describe` for tests that need Chromium. `npm test` installs it where it can, and says why where it can't. */
export const describeInBrowser = executablePath ? describe : describe.skip;

/** Brings dist/page up to date. */
export async function buildPage(): Promise<void> {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('../build.mjs', import.meta.url))]);
}

export const BROWSER_TEST_MS = 60_000;
