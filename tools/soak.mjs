// npm run soak [-- --minutes 20] [--full]: cuts, crashes and churn on a media node until anything that grows shows; one JSON line.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { jest } from './steps/jest.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { StepError, fail, step } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';
import { provideWorker } from './worker.mjs';

const USAGE = `Cuts, crashes and churn on a media node; ends with 0 when memory, handles, calls and objects stay flat.

  npm run soak [-- --minutes N] [--full]

  --minutes N   how long (default: 20; 0 leaves it out)
  --full        before it, the tests that are random, with many times the runs that npm test gives them
                (ROPE_CUTS, ROPE_FUZZ, ROPE_RUNS and CRASHES change how many)`;

/** What `npm test` does in short, in full, and where. */
const FULL = {
  env: { ROPE_CUTS: '10000', ROPE_FUZZ: '1000000', ROPE_RUNS: '5000', CRASHES: '1000' },
  tests: ['rope/test/cut-proof', 'rope/test/cut-socket', 'rope/test/fuzz', 'rope/test/many-clients', 'media-node/test/ownership'],
};

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main(args) {
  if (args.includes('--help')) return console.log(USAGE);
  const minutes = args.includes('--minutes') ? Number(args[args.indexOf('--minutes') + 1]) : 20;
  if (!Number.isFinite(minutes) || minutes < 0) throw new StepError('--minutes is not a number', { remedy: USAGE });
  const log = terminalLog();
  await provideDependencies({ root, log });
  await provideWorker({ log, root });
  await build({ root, log });
  if (args.includes('--full')) await runFull(log);
  if (minutes === 0) return;
  const { status } = spawnSync(nodeProgram(root), [path.join(root, 'bench', 'soak.ts'), '--minutes', String(minutes)], { cwd: root, env: nodeEnv(root), stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}

async function runFull(log) {
  const full = Object.fromEntries(Object.entries(FULL.env).map(([name, value]) => [name, process.env[name] ?? value]));
  const numbers = Object.entries(full).map(([name, value]) => `${name}=${value}`).join(' ');
  const from = performance.now();
  const { passed, failed, tests, complaints } = await step(log, { title: `Random tests, ${numbers}` }, () => jest({ root, env: { ...process.env, ...full }, args: ['--runInBand', ...FULL.tests] }));
  const bad = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  console.log(JSON.stringify({ full, minutes: Math.round((performance.now() - from) / 6_000) / 10, passed, failed, failures: [...bad, ...complaints] }));
  if (failed > 0 || complaints.length > 0 || passed === 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch(error => fail(error));
