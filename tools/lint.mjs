// npm run lint: types first, then the linter with what only types tell (floating promises and their like).
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { provideDependencies } from './steps/dependencies.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { fail, step } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main() {
  const log = terminalLog();
  await provideDependencies({ root, log });
  const run = (program, args) => spawnSync(nodeProgram(root), [path.join(root, 'node_modules', program), ...args], { cwd: root, env: nodeEnv(root), stdio: 'inherit' }).status ?? 1;
  const types = await step(log, { title: 'Types' }, async () => run('typescript/bin/tsc', ['-b']));
  const lint = await step(log, { title: 'Lint' }, async () => run('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '.']));
  process.exitCode = types || lint;
}

main().catch(error => fail(error));
