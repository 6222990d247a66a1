import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WorkerError } from '../errors.mjs';
import { duration } from '../progress.mjs';
import { run } from '../run.mjs';

const CPU_MINUTES = 13; // measured: gcc 12, 262 steps, two cores of a small virtual machine
const BYTES_PER_COMPILER = 1024 ** 3; // the largest of the worker's files takes about 0.8 GB to compile

/**
 * Configures and compiles the worker in `dir` (source in `dir/source`), and returns the program's path. Goes on where
 * an interrupted build stopped. Throws `WORKER_BUILD_FAILED` with what the tool said last.
 */
export async function compileWorker({ dir, meson, log }) {
  const source = path.join(dir, 'source');
  const out = path.join(dir, 'out');
  const transcript = fs.createWriteStream(path.join(dir, 'build.log'), { flags: 'a' });
  const write = line => transcript.write(`${line}\n`);
  try {
    if (!fs.existsSync(path.join(out, 'build.ninja'))) {
      log('configuring the build of the worker (about 10 s) …');
      const setup = await run(meson.command, [
        ...meson.args, 'setup', '--buildtype', 'release', '-Db_ndebug=true', '--wrap-mode=nodownload',
        '-Dcpp_link_args=-s', // nobody debugs this program: without symbols it is a third of the size
        out, source,
      ], { env: meson.env, onLine: write });
      if (setup.status !== 0) throw failed('Meson could not configure the build', setup.tail, dir);
    }
    const jobs = Math.max(1, Math.min(os.availableParallelism(), Math.floor(os.totalmem() / BYTES_PER_COMPILER)));
    const startedMs = performance.now();
    log(`compiling the worker with ${jobs} ${jobs === 1 ? 'compiler' : 'compilers'} at a time (about ${Math.ceil(CPU_MINUTES / jobs)} minutes on an idle machine) …`);
    const { status, tail } = await run('ninja', ['-C', out, '-j', String(jobs), 'mediasoup-worker'], {
      env: { ...meson.env, NINJA_STATUS: '[%f/%t] ' },
      onLine: line => {
        write(line);
        const text = ninjaProgress(line, performance.now() - startedMs);
        if (text) log.update(text);
      },
    });
    if (status !== 0) throw failed('the worker could not be compiled', tail, dir);
    log(`compiled the worker in ${duration(performance.now() - startedMs)}`);
    return path.join(out, 'mediasoup-worker');
  } finally {
    await new Promise(resolve => transcript.end(resolve));
  }
}

/** Exported for its test: what a line of ninja's says about where it is, `undefined` when it says nothing. */
export function ninjaProgress(line, elapsedMs) {
  const counts = /^\[(\d+)\/(\d+)\]/.exec(line);
  if (!counts) return undefined;
  const [, done, total] = counts.map(Number);
  // Before this the first, small files would promise too much.
  const left = done >= 20 ? `, about ${duration(elapsedMs / done * (total - done))} left` : '';
  return `compiling the worker: ${done} of ${total}${left}`;
}

function failed(what, tail, dir) {
  return new WorkerError('WORKER_BUILD_FAILED', `${what}:\n${tail}`, {
    remedy: `The whole transcript is in ${path.join(dir, 'build.log')}. A try from scratch:  rm -r ${dir}`,
  });
}
