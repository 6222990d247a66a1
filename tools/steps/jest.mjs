import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { nodeEnv, nodeProgram } from './node.mjs';

/**
 * Runs Jest over the repository and counts. `tests` are all of them, as Jest tells them. `complaints` are what makes a run fail besides failed tests: in CI a skip
 * that nobody expected, and suites that could not even start.
 */
export async function jest({ root, args, env = process.env, config = 'jest.config.mjs' }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mediacluster-jest-'));
  const outputFile = path.join(folder, 'results.json');
  try {
    const program = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const child = spawn(nodeProgram(root), [
      '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', program, '--config', path.join(root, config),
      '--json', `--outputFile=${outputFile}`, ...args,
    ], { cwd: root, env: nodeEnv(root, env), stdio: ['ignore', 'ignore', 'inherit'] });
    const forward = signal => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    const [code, signal] = await once(child, 'exit');
    process.off('SIGINT', forward).off('SIGTERM', forward);
    if (!fs.existsSync(outputFile)) return { passed: 0, failed: 1, ran: 0, tests: [], skipped: [], complaints: [`Jest ended without results (${signal ?? code})`] };
    return count(JSON.parse(fs.readFileSync(outputFile, 'utf8')), code, env);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function count(results, code, env) {
  const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(({ status }) => status === 'pending' || status === 'todo').map(({ fullName }) => fullName);
  const broken = results.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  const complaints = [];
  if (env.CI === 'true' && skipped.length > 0) complaints.push(`CI expects no skipped test here, and ${skipped.length} were`);
  if (broken > 0) complaints.push(`${broken} test files could not be run`);
  if (code !== 0 && results.numFailedTests === 0 && broken === 0) complaints.push(`Jest ended with ${code}`);
  return { passed: results.numPassedTests, failed: results.numFailedTests + broken, ran: tests.length - skipped.length, tests, skipped, complaints };
}
