import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WorkerError } from './worker/errors.mjs';
import { provideWorker } from './worker/provide.mjs';
import { runtimeLibraries } from './worker/runtime-libraries.mjs';

export { WorkerError } from './worker/errors.mjs';
export { provideWorker } from './worker/provide.mjs';
export { RUNTIME_PACKAGES, runtimeLibraries } from './worker/runtime-libraries.mjs';

const USAGE = `Provides mediasoup's native worker: the one MEDIASOUP_WORKER_BIN names, one that is there already, a download, or a build.

  node tools/worker.mjs [--path | --libraries] [FOLDER]

  FOLDER        where mediasoup is installed (default: the current folder)
  --path        print the worker's path alone on standard output
  --libraries   print the shared libraries it needs at run time, one to a line`;

const WAYS = {
  given: 'named by MEDIASOUP_WORKER_BIN', installed: 'was there already', cache: 'from the cache',
  download: 'downloaded', build: 'built',
};

async function main(args) {
  if (args.includes('--help')) return console.log(USAGE);
  const unknown = args.find(arg => arg.startsWith('-') && !['--path', '--libraries'].includes(arg));
  if (unknown) throw new WorkerError('WORKER_USAGE', `unknown option ${unknown}`, { remedy: USAGE });
  const root = args.find(arg => !arg.startsWith('-'));
  const { path, way, sha256 } = await provideWorker({ root });
  if (args.includes('--path')) console.log(path);
  else if (args.includes('--libraries')) console.log(runtimeLibraries(path).join('\n'));
  else console.log(`mediasoup-worker (${WAYS[way]}): ${path}\nsha256 ${sha256}`);
}

// Imported by the other tools, run by `npm run worker` and in Dockerfile.node.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // Through exit(), so that a compiler that is at work ends with us and the lock is given back.
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) process.once(signal, () => process.exit(128 + number));
  main(process.argv.slice(2)).catch(error => {
    console.error(error instanceof WorkerError ? `\n${error.code}: ${error.message}` : error);
    process.exitCode = 1;
  });
}
