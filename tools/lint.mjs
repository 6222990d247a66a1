// npm run lint: types first, then the linter with what only types tell (floating promises and their like), then what nobody uses.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { fail, step } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const LINTER = ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '.'];
const UNUSED = ['node_modules/knip/bin/knip.js', '--no-config-hints'];

async function main() {
  const log = terminalLog();
  await provideDependencies({ root, log });
  // The whole build, since the compiler alone would leave files in dist that the packages' own builds have to complete.
  await build({ root, log });
  for (const [title, command] of [['Lint', LINTER], ['Unused code', UNUSED]]) {
    const { status } = await step(log, { title }, async () => spawnSync(nodeProgram(root), command, { cwd: root, env: nodeEnv(root), stdio: 'inherit' }));
    if (status !== 0) process.exitCode = status ?? 1;
  }
}

main().catch(error => fail(error));
