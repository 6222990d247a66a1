import fs from 'node:fs';
import path from 'node:path';
import { run } from '../worker/run.mjs';
import { nodeProgram } from './node.mjs';
import { StepError, step } from './step.mjs';

/** What `npm start` runs; the whole repository is built by `npm run build`. */
export const START_PROJECTS = ['media-node', 'client-sdk'];
export const START_BUILDERS = ['client-sdk', 'examples/call'];
const WORKSPACES = ['rope', 'kube', 'client-sdk', 'media-node', 'operator', 'examples/call'];

/**
 * Brings the packages' `dist` up to date: the compiler, then each workspace's own `build.mjs`, which adds what is no
 * compilation (a bundle, a page). Throws `StepError` with the compiler's words.
 */
export async function build({ root, log, projects = [], builders = workspaceBuilders(root) }) {
  const node = nodeProgram(root);
  await step(log, { title: 'Build', takes: 'about 2 s when nothing changed, up to 20 s' }, async say => {
    say('compiling');
    await runNode(node, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...projects], root, 'The compiler found errors');
    for (const file of builders) {
      const workspace = path.relative(root, path.dirname(file));
      say(workspace);
      await runNode(node, [file], root, `The build of ${workspace} failed`);
    }
  });
}

/** The `build.mjs` of each workspace that has one, dependencies first. */
export function workspaceBuilders(root, workspaces = WORKSPACES) {
  return workspaces.map(workspace => path.join(root, workspace, 'build.mjs')).filter(file => fs.existsSync(file));
}

async function runNode(node, args, cwd, otherwise) {
  const { status, tail } = await run(node, args, { cwd });
  if (status !== 0) throw new StepError(`${otherwise}:\n${tail}`);
}
