#!/usr/bin/env node
import { check } from './check/check.ts';

const USAGE = `usage: npx @mediacluster/sdk check PATH…

Lists what in an app's source hurts when its media is remote, with file and line, and the remedy.
Exit code: 0 nothing found, 1 something found, 2 it could not be done.`;

const [command, ...paths] = process.argv.slice(2);
if (command === 'check' && paths.length > 0) {
  const { lines, exitCode } = check(paths);
  console.log(lines.join('\n'));
  process.exitCode = exitCode;
} else {
  const asked = command === '--help' || command === '-h' || command === 'help';
  console[asked ? 'log' : 'error'](USAGE);
  process.exitCode = asked ? 0 : 2;
}
