import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { withLock } from '../worker/lock.mjs';
import { run } from '../worker/run.mjs';
import { nodeProgram } from './node.mjs';
import { StepError, step } from './step.mjs';

const WORKSPACES = ['rope', 'kube', 'client-sdk', 'media-node', 'operator', 'examples/call', 'e2e', 'bench'];
/** What can be built. `start` is what `npm start` runs, and a part of `all`, which checks the tests' types as well. */
const TARGETS = {
  start: { projects: ['media-node', 'client-sdk'], workspaces: ['rope', 'kube', 'client-sdk', 'media-node', 'examples/call'] },
  all: { projects: [], workspaces: WORKSPACES },
};
const OUTPUTS = ['rope/dist/index.js', 'kube/dist/index.js', 'client-sdk/dist/index.js', 'client-sdk/dist/remote/local-half.js', 'media-node/dist/cli/mediasoup-server.js', 'examples/call/dist/page/main.js'];
const SOURCE = /\.(ts|mts|mjs|json|css|html|svg)$/;
const NO_SOURCE = new Set(['dist', 'node_modules', 'coverage']);

/**
 * Brings the packages' `dist` up to date: the compiler, then each workspace's own `build.mjs`, which adds what is no
 * compilation (a bundle, a page). Does nothing when no source has changed; two commands at once build one after the
 * other. Throws `StepError` with the compiler's words.
 */
export async function build({ root, log, target = 'all' }) {
  if (isBuilt(root, target)) return;
  fs.mkdirSync(cacheFolder(root), { recursive: true });
  await withLock(path.join(cacheFolder(root), 'build.lock'), async () => {
    if (isBuilt(root, target)) return;
    const { projects, workspaces } = TARGETS[target];
    const before = Object.fromEntries(Object.keys(TARGETS).map(each => [each, sourcesOf(root, each)]));
    await step(log, { title: 'Build', takes: '5 to 20 s' }, say => compile({ root, projects, workspaces, say }));
    // Sources that changed under the compiler are built the next time.
    for (const each of target === 'all' ? ['all', 'start'] : [target]) fs.writeFileSync(stampFile(root, each), `${before[each]}\n${outputsOf(root)}`);
  }, { onWait: ({ pid }) => log(`another command (process ${pid}) is building: waiting for it …`) });
}

/** Whether `build()` would find nothing to do. */
export function isBuilt(root, target = 'all') {
  try {
    return fs.readFileSync(stampFile(root, target), 'utf8') === `${sourcesOf(root, target)}\n${outputsOf(root)}`;
  } catch {
    return false; // never built
  }
}

async function compile({ root, projects, workspaces, say }) {
  const node = nodeProgram(root);
  say('compiling');
  await runNode(node, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...projects], root, 'The compiler found errors');
  for (const workspace of workspaces) {
    const file = path.join(root, workspace, 'build.mjs');
    if (!fs.existsSync(file)) continue;
    say(workspace);
    await runNode(node, [file], root, `The build of ${workspace} failed`);
  }
}

async function runNode(node, args, cwd, otherwise) {
  const { status, tail } = await run(node, args, { cwd });
  if (status !== 0) throw new StepError(`${otherwise}:\n${tail}`);
}

/** Names, sizes and times of all sources, as one sum: a hundredth of a second, where the compiler needs one to look. */
function sourcesOf(root, target) {
  const files = fs.readdirSync(root).filter(name => SOURCE.test(name));
  for (const workspace of TARGETS[target].workspaces) collect(root, workspace, files);
  return sumOf(root, files);
}

/** Who compiles by hand writes over what a `build.mjs` made: then there is something to do again. */
const outputsOf = root => sumOf(root, OUTPUTS);

function collect(root, folder, files) {
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && !NO_SOURCE.has(entry.name)) collect(root, name, files);
    else if (entry.isFile() && SOURCE.test(entry.name)) files.push(name);
  }
}

function sumOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
    hash.update(`${file} ${stat?.size} ${stat?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const cacheFolder = root => path.join(root, 'node_modules', '.cache', 'mediacluster');
const stampFile = (root, target) => path.join(cacheFolder(root), `built-${target}`);
