// npm run generate: writes what is derived from our own source. A second run changes nothing, and CI compares.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { isEnough, nodeEnv, nodeProgram } from './steps/node.mjs';
import { fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main() {
  const log = terminalLog();
  await provideDependencies({ root, log });
  // What follows imports TypeScript as it stands, which older Nodes can't: they hand over to the one that was just installed.
  if (!isEnough(process.versions.node)) {
    const { status } = spawnSync(nodeProgram(root), [fileURLToPath(import.meta.url)], { cwd: root, env: nodeEnv(root), stdio: 'inherit' });
    process.exitCode = status ?? 1;
    return;
  }
  await build({ root, log }); // the reports of what packages offer are read from their declarations
  for (const [file, content] of await generatedFiles(root)) {
    const changed = write(path.join(root, file), content);
    log(`${changed ? 'written  ' : 'unchanged'} ${file}`);
  }
}

// What belongs to one workspace has its generator there, as `generate.mjs`.
const GENERATORS = ['operator/generate.mjs', 'tools/generate/rooms.mjs', 'tools/generate/options.mjs', 'tools/generate/licences.mjs', 'tools/generate/api.mjs'];

/** Path and content of each generated file. Every generator exports `generate(root)`, and no two write the same file. */
export async function generatedFiles(root) {
  const generators = GENERATORS.map(file => path.join(root, file));
  const files = [];
  for (const file of generators) {
    const { generate } = await import(pathToFileURL(file).href);
    files.push(...Object.entries(await generate(root)));
  }
  return files;
}

function write(file, content) {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === content) return false;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch(error => fail(error));
