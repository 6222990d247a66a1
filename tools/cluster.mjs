// npm run cluster -- up|load|down|status: a real Kubernetes of two nodes on this machine, to play with. What it does is in e2e/cluster/cli.ts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildImages } from './images.mjs';
import { IMAGES } from './images/list.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main(args) {
  const log = terminalLog();
  await provideDependencies({ root, log });
  process.exitCode = await cli(await withArchives(args, log));
}

/** `load` without archives means our own images. */
async function withArchives(args, log) {
  if (args[0] !== 'load' || args.slice(1).some(arg => arg.endsWith('.tar'))) return args;
  if (await cli(['status', '--quiet', ...args.slice(1)]) !== 0) return args; // The command itself says what to do.
  const builder = await buildImages({ root, images: IMAGES, log });
  const archives = [];
  for (const image of IMAGES) archives.push(await builder.archive(image));
  return [...args, ...archives];
}

async function cli(args) {
  const child = spawn(nodeProgram(root), [path.join(root, 'e2e', 'cluster', 'cli.ts'), ...args], { cwd: root, env: nodeEnv(root), stdio: 'inherit' });
  // The terminal's Ctrl-C reaches it too, and it takes the cluster down; we wait for that.
  const forward = signal => child.kill(signal);
  const stay = () => {};
  process.on('SIGINT', stay).on('SIGTERM', forward);
  const [code] = await once(child, 'exit');
  process.off('SIGINT', stay).off('SIGTERM', forward);
  return code ?? 1;
}

main(process.argv.slice(2)).catch(error => fail(error));
