import { spawn } from 'node:child_process';
import readline from 'node:readline';

// Enough to hold a compiler's error with its notes.
const TAIL_LINES = 40;

/**
 * Runs a program and waits for it. `onLine` hears what it writes, both streams, line by line. The result has its exit
 * `status` (`null` when a signal ended it or it could not be started) and the `tail` of what it wrote. Never throws.
 */
export function run(command, args, { cwd, env, onLine = () => {} } = {}) {
  return new Promise(resolve => {
    const tail = [];
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    // Whoever ends us without a word to the group (a supervisor) must not leave a compiler behind.
    const stop = () => child.kill();
    process.once('exit', stop);
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on('line', line => {
        tail.push(line);
        if (tail.length > TAIL_LINES) tail.shift();
        onLine(line);
      });
    }
    const done = (status, error) => {
      process.off('exit', stop);
      if (error) tail.push(error.message);
      resolve({ status, tail: tail.join('\n') });
    };
    child.once('error', error => done(null, error));
    child.once('close', status => done(status));
  });
}
