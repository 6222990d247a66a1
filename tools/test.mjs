// npm test [-- jest's arguments]: everything the tests need, then unit, integration and browser tests, then coverage.
// npm run test:mediasoup: of these, the tests that mediasoup's authors wrote, over each way to mediasoup.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from './steps/build.mjs';
import { provideChromium } from './steps/chromium.mjs';
import { checkCoverage } from './steps/coverage.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { jest } from './steps/jest.mjs';
import { providePython } from './steps/python.mjs';
import { fail } from './steps/step.mjs';
import { WIDE_SUITES, tableOfSuites } from './steps/suites.mjs';
import { terminalLog } from './worker/progress.mjs';
import { provideWorker } from './worker.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

async function main(args) {
  const log = terminalLog();
  await provideDependencies({ root, log });
  await provideWorker({ log, root });
  const chromium = await provideChromium({ log });
  const python = await providePython({ root, log });
  await build({ root, log });

  const env = {
    ...process.env,
    ...(chromium.path ? { CHROMIUM_PATH: chromium.path } : { NO_CHROMIUM_REASON: chromium.reason }),
    ...(python.path ? { PYTHON_PATH: python.path } : { NO_PYTHON_REASON: python.reason }),
  };
  const folder = path.join(root, 'coverage');
  const whole = args.length === 0;
  const result = await jest({ root, env, args: [...(whole ? ['--coverage', '--coverageReporters=json-summary', `--coverageDirectory=${folder}`] : []), ...args] });
  const complaints = [...result.complaints];
  for (const what of WIDE_SUITES) {
    const table = tableOfSuites(result.tests, what);
    if (table) console.log(`\n${table}`);
  }
  if (whole && result.ran > 0) {
    const { table, missed } = checkCoverage(JSON.parse(fs.readFileSync(path.join(folder, 'coverage-summary.json'), 'utf8')), root);
    console.log(`\n${table}`);
    complaints.push(...missed);
  }
  for (const line of result.skipped) console.log(`skipped: ${line}`);
  for (const line of complaints) console.error(`\n${line}`);
  console.log(`${result.passed} passed, ${result.failed} failed${result.skipped.length > 0 ? `, ${result.skipped.length} skipped` : ''}`);
  if (result.failed > 0 || complaints.length > 0 || result.ran === 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch(error => fail(error));
