// Puts images where a cluster on this machine finds them.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { nodeEnv, nodeProgram } from '../steps/node.mjs';
import { StepError } from '../steps/step.mjs';
import { referenceOf } from './list.mjs';
import { isThere, must } from './program.mjs';

/**
 * Loads images into the cluster that is here, and returns what that is: the one of `npm run cluster`, else what kubectl's
 * current context names (kind, minikube), else Docker's own store, which Docker Desktop's Kubernetes shares. Throws `StepError` when there is none.
 */
export async function load({ root, images, builder, env = process.env }) {
  const ours = ownCluster({ root, env });
  if (ours.runs) {
    for (const image of images) await ours.load(await builder.archive(image));
    return 'the cluster of npm run cluster';
  }
  const context = currentContext(env);
  if (context.startsWith('kind-') && isThere('kind', ['version'], env)) {
    for (const image of images) await must('kind', ['load', 'image-archive', await builder.archive(image), '--name', context.slice('kind-'.length)], { env });
    return `the cluster ${context}`;
  }
  if (context === 'minikube' && isThere('minikube', ['version'], env)) {
    for (const image of images) await must('minikube', ['image', 'load', await builder.archive(image)], { env });
    return 'minikube';
  }
  if (builder.name === 'docker') return `Docker's own store (${images.map(image => referenceOf(root, image)).join(', ')})`;
  throw new StepError('There is no cluster to load the images into.', { remedy: 'Start one:  npm run cluster -- up' });
}

function ownCluster({ root, env }) {
  const options = { cwd: root, env: nodeEnv(root, env) };
  const cli = (...args) => [nodeProgram(root), [path.join(root, 'e2e', 'cluster', 'cli.ts'), ...args], options];
  const [program, args] = cli('status', '--quiet');
  return {
    runs: process.platform === 'linux' && spawnSync(program, args, { ...options, stdio: 'ignore' }).status === 0,
    load: archive => must(...cli('load', archive)),
  };
}

function currentContext(env) {
  const { stdout } = spawnSync('kubectl', ['config', 'current-context'], { env, encoding: 'utf8' });
  return (stdout ?? '').trim();
}
