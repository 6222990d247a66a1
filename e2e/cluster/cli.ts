// `npm run cluster -- up|load|down|status`: a cluster to play with, left running in the background.
import { parseArgs } from 'node:util';
import { openCluster, startCluster, type Cluster } from './cluster.ts';
import { CLUSTERS } from './layout.ts';
import { withLock } from './lock.ts';
import { clusterLock } from './guard.ts';
import { leftovers, removeCluster } from './teardown.ts';
import { whyNot } from './why-not.ts';

/** For names that have no subnet of their own; one of them at a time. */
const OTHER_SUBNET = 79;

const USAGE = `usage: npm run cluster -- up [--nodes 2] | run [--nodes 2] | load [ARCHIVE.tar...] | down | status  [--name dev]
  up       starts a Kubernetes on this machine and leaves it running
  run      starts one and ends it with Ctrl-C
  load     builds our images and loads them into all its nodes; with ARCHIVE.tar: loads these image archives
  down     ends it and removes everything but its logs, also after a crash
  status   says whether it runs, and lists what belongs to it; ends with 1 when it does not run; --quiet says nothing`;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { nodes: { type: 'string', default: '2' }, name: { type: 'string', default: 'dev' }, quiet: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const [command, ...rest] = positionals;
  if (values.help) return say(USAGE);
  switch (command) {
    case 'up': return up(values.name, Number(values.nodes));
    case 'run': return runUntilSignal(values.name, Number(values.nodes));
    case 'load': return load(values.name, rest);
    case 'down': return down(values.name);
    case 'status': return status(values.name, values.quiet);
    default: throw new TypeError(command === undefined ? USAGE : `no command "${command}"\n${USAGE}`);
  }
}

async function up(name: string, nodes: number): Promise<void> {
  const reason = whyNot();
  if (reason !== undefined) return say(`skipped: ${reason}`);
  const running = openCluster(name);
  if (running) {
    say(`cluster ${name} is up already, with ${running.nodes.length} nodes`);
    return tell(running);
  }
  const cluster = await start(name, nodes);
  await cluster.release();
  tell(cluster);
}

async function runUntilSignal(name: string, nodes: number): Promise<void> {
  tell(await start(name, nodes));
  say('Ctrl-C ends it');
  // It ends by its own signal handler; until then something must keep this process alive.
  setInterval(() => {}, 60_000);
}

function start(name: string, nodes: number): Promise<Cluster> {
  return startCluster({ name, nodes, ...(name in CLUSTERS ? {} : { subnet: OTHER_SUBNET }) });
}

async function load(name: string, archives: readonly string[]): Promise<void> {
  const cluster = openCluster(name);
  if (!cluster) throw new Error(`cluster ${name} does not run; start it with: npm run cluster -- up`);
  if (archives.length === 0) throw new Error('name the archives to load; our own images are built by: npm run cluster -- load');
  for (const archive of archives) {
    await cluster.loadImage(archive);
    say(`${archive} is in all nodes`);
  }
}

async function down(name: string): Promise<void> {
  await withLock(clusterLock(name), () => removeCluster(name), () => say(`cluster ${name} is being started or stopped; waiting`));
  const left = await leftovers(name);
  if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
  say(`cluster ${name} is gone; nothing is left but its logs`);
}

async function status(name: string, quiet: boolean): Promise<void> {
  const cluster = openCluster(name);
  if (!cluster) process.exitCode = 1;
  if (quiet) return;
  if (cluster) tell(cluster);
  else say(`cluster ${name} does not run`);
  for (const line of await leftovers(name)) say(`  ${line}`);
}

function tell({ binDir, kubeconfig, nodes, logDir }: Cluster): void {
  say(`nodes        ${nodes.map(({ name, address }) => `${name} at ${address}`).join(', ')}`);
  say(`logs         ${logDir}`);
  say(`kubectl, helm are in ${binDir}\n`);
  say(`export KUBECONFIG=${kubeconfig}`);
  say(`export PATH=${binDir}:$PATH`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
