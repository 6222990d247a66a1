import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../worker/run.mjs';
import { StepError, step } from './step.mjs';

/** What `npm start` runs; the whole repository is built by `npm run build`. */
export const START_PROJECTS = ['media-node', 'client-sdk'];

/**
 * Brings the packages' `dist` up to date: the compiler, then what each workspace's own `build.mjs` adds (a bundle, a
 * page). Both look for themselves whether there is anything to do. Throws `StepError` with the compiler's words.
 */
export async function build({ root, log, projects = [], builders = workspaceBuilders(root) }) {
  await step(log, { title: 'Build', takes: 'a second when nothing changed, up to 20 s' }, async say => {
    say('compiling');
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, tail } = await run(process.execPath, [tsc, '-b', ...projects], { cwd: root });
    if (status !== 0) throw new StepError(`The compiler found errors:\n${tail}`);
    for (const file of builders) {
      say(path.relative(root, path.dirname(file)));
      const { build: buildWorkspace } = await import(pathToFileURL(file).href);
      await buildWorkspace();
    }
  });
}

/** The `build.mjs` of each workspace that has one, dependencies first. Each exports `build()`. */
export function workspaceBuilders(root) {
  return ['rope', 'kube', 'client-sdk', 'media-node', 'operator', 'examples/call']
    .map(workspace => path.join(root, workspace, 'build.mjs'))
    .filter(file => fs.existsSync(file));
}
