// npm start: two media nodes and the example call on this machine, from a fresh clone too.
//
//   port free? → dependencies → worker → build → node-1 ┐
//                                               node-2 ┴→ the call → one URL; Ctrl-C → the call, then the nodes, end
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './steps/build.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { nodeEnv, nodeProgram } from './steps/node.mjs';
import { onParentGone } from './steps/parent.mjs';
import { freePort } from './steps/port.mjs';
import { keepRunning, startProgram } from './steps/program.mjs';
import { fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';
import { provideWorker } from './worker.mjs';

const USAGE = `Starts two media nodes and the example call on this machine, and prints the call's URL.

  npm start [-- --verbose]

  --verbose   show what the nodes and the call log
  PORT        the call's port (default 3000)`;

const NODES = ['node-1', 'node-2'];
// Ctrl-C has to be over within 3 s: the call says goodbye first, then the nodes, and what hangs is killed.
const CALL_ENDS_WITHIN_MS = 1_000;
const NODE_ENDS_WITHIN_MS = 1_200;

const root = fileURLToPath(new URL('..', import.meta.url));
const log = terminalLog();
const running = [];
const ending = new AbortController();

async function main(args) {
  if (args.includes('--help')) return console.log(USAGE);
  const show = args.includes('--verbose') ? name => line => log(`${name} | ${line}`) : name => line => isWarning(line) && log(`${name} | ${line}`);
  const port = await freePort();
  await provideDependencies({ root, log });
  const node = nodeProgram(root);
  const worker = await provideWorker({ root, log });
  await build({ root, log, target: 'start' });

  const env = { ...nodeEnv(root), MEDIASOUP_WORKER_BIN: worker.path };
  const nodes = await Promise.all(NODES.map(name => keepRunning({
    log,
    start: async before => startProgram({
      node,
      name,
      env,
      script: path.join(root, 'media-node/dist/cli/mediasoup-server.js'),
      // Started again it takes the port that it had: the call knows it by that.
      args: ['--node-name', name, '--host', '127.0.0.1', '--port', before ? new URL(before.match[0]).port : '0', '--admin-port', '0', '--webrtc-server', 'auto', '--log-level', args.includes('--verbose') ? 'info' : 'warn'],
      signal: ending.signal,
      ready: /ws:\/\/[^\s)]+/,
      onLine: show(name),
    }),
  }).then(kept => {
    running.push(kept);
    return kept;
  })));

  const call = await keepRunning({
    log,
    onGivenUp: () => void stop(1),
    start: () => startProgram({
      node,
      name: 'the call',
      env: { ...env, PORT: String(port), HOST: 'localhost', MEDIACLUSTER_URLS: nodes.map(({ program }) => program.match[0]).join(',') },
      script: path.join(root, 'examples/call/main.ts'),
      signal: ending.signal,
      ready: /http:\/\/\S+/,
      onLine: show('the call'),
    }),
  });
  running.unshift(call);
  console.log(`
  MediaCluster is running: two media nodes and a call between them.

    http://localhost:${port}

  Open it in two tabs. Ctrl-C ends everything.
`);
}

let stopping = false;
/** Ends everything and this process. The call goes first, so that its page says what happened. */
async function stop(exitCode) {
  if (stopping) return;
  stopping = true;
  ending.abort(); // what is being started at this moment
  setTimeout(() => process.exit(exitCode), CALL_ENDS_WITHIN_MS + NODE_ENDS_WITHIN_MS + 300).unref();
  const [first, ...rest] = running;
  await first?.stop(CALL_ENDS_WITHIN_MS);
  await Promise.all(rest.map(each => each.stop(NODE_ENDS_WITHIN_MS)));
  process.exit(exitCode);
}

/** A line of pino's (level 40 and above), or one that is not pino's: Node's own words about a crash, for example. */
function isWarning(line) {
  try {
    return JSON.parse(line).level >= 40;
  } catch {
    return true;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
onParentGone(() => void stop(0));

main(process.argv.slice(2)).catch(error => {
  if (!stopping) fail(error);
  void stop(1);
});
