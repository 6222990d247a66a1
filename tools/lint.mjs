// npm run lint: types first, then the linter with what only types tell (floating promises and their like).
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

async function main() {
  const log = terminalLog();
  await provideDependencies({ root, log });
  // The whole build, since the compiler alone would leave files in dist that the packages' own builds have to complete.
  await build({ root, log });
  const { status } = await step(log, { title: 'Lint' }, async () => spawnSync(nodeProgram(root), LINTER, { cwd: root, env: nodeEnv(root), stdio: 'inherit' }));
  process.exitCode = status ?? 1;
}

main().catch(error => fail(error));
