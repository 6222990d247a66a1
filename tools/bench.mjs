// npm run bench -- NAME [options]: one of bench/NAME.ts, side by side with its reference. Without a name it lists them.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { StepError, fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const log = terminalLog();

function benches() {
  // The other processes of a bench lie beside it as NAME-peer.ts.
  return fs.readdirSync(path.join(root, 'bench')).filter(file => file.endsWith('.ts') && !file.endsWith('-peer.ts') && file !== 'soak.ts').map(file => path.basename(file, '.ts'));
}

try {
  const [name, ...options] = process.argv.slice(2);
  if (!benches().includes(name)) {
    throw new StepError(name ? `there is no bench called ${name}` : 'which bench?', { remedy: `npm run bench -- ${benches().join(' | ')}` });
  }
  await provideDependencies({ root, log });
  await build({ root, log, target: 'start' });
  // The peer says on its own standard error what goes wrong there.
  const { status } = spawnSync(nodeProgram(root), [path.join(root, 'bench', `${name}.ts`), ...options], { cwd: root, env: nodeEnv(root), stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  fail(error);
}
