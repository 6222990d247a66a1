// npm run e2e [-- jest's arguments]: the scenarios of e2e/scenarios on a real Kubernetes on this machine.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { buildImages } from './images.mjs';
import { IMAGES } from './images/list.mjs';
import { build } from './steps/build.mjs';
import { provideChromium } from './steps/chromium.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { jest } from './steps/jest.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main(args) {
  const log = terminalLog();
  await provideDependencies({ root, log });
  const reason = whyNoCluster();
  if (reason) {
    console.log(`skipped: ${reason}\n0 passed, 0 failed, 1 skipped`);
    if (process.env.CI === 'true') process.exitCode = 1; // CI's machine can; where it can't, something is broken
    return;
  }
  const chromium = await provideChromium({ log });
  await build({ root, log });
  const builder = await buildImages({ root, images: IMAGES, log });
  const archives = [];
  for (const image of IMAGES) archives.push(await builder.archive(image));
  const env = { ...process.env, E2E_IMAGES: archives.join(':'), ...(chromium.path ? { CHROMIUM_PATH: chromium.path } : { NO_CHROMIUM_REASON: chromium.reason }) };
  const { passed, failed, skipped, complaints } = await jest({ root, env, args, config: 'jest.e2e.config.mjs' });
  for (const line of [...skipped.map(title => `skipped: ${title}`), ...complaints]) console.log(line);
  console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  if (failed > 0 || complaints.length > 0 || passed === 0) process.exitCode = 1;
}

/** The cluster itself knows; it is TypeScript, which the Node that npm installed runs as it is. */
function whyNoCluster() {
  const module = pathToFileURL(path.join(root, 'e2e', 'cluster', 'why-not.ts')).href;
  const script = `import { whyNot } from ${JSON.stringify(module)}; process.stdout.write(whyNot() ?? '');`;
  return execFileSync(nodeProgram(root), ['--input-type=module', '-e', script], { cwd: root, env: nodeEnv(root), encoding: 'utf8' });
}

main(process.argv.slice(2)).catch(error => fail(error));
