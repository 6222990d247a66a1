// npm run build: everything in the repository, checked and built.
import { fileURLToPath } from 'node:url';
import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const log = terminalLog();

try {
  await provideDependencies({ root, log });
  await build({ root, log });
  log('Everything is built.');
} catch (error) {
  fail(error);
}
