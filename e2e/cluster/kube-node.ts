// One node: a process tree in namespaces of its own.
//
//   sh (into the node's cgroup) → unshare net,mount,uts,ipc,pid ─ fork ─▶ init.sh, process 1 in there ─▶ containerd, kubelet, kube-proxy ─▶ pods
//
// Ending the outer process ends process 1 (--kill-child), hence everything: mounts go with the mount namespace,
// interfaces and packet filter rules with the network namespace. What stays outside is the cable and the cgroups.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeStatus } from './api.ts';
import { cgroupsOf, makeCgroups, removeCgroups } from './cgroups.ts';
import { run } from './command.ts';
import { daemonEnv, endProcesses, processesOf } from './daemon.ts';
import { cgroupOf, nodeDir, type KubeNode, type Layout } from './layout.ts';
import { plugIn, unplug } from './network.ts';
import { CONTAINERD_SOCKET, nodeFiles } from './node-config.ts';
import { until } from './poll.ts';
import { programPath } from './programs.ts';

/** `exec` keeps the process, so that the one we started is the one that holds the namespaces. */
const ENTER_CGROUP_AND_UNSHARE = `for folder in $1; do echo 0 > "$folder/cgroup.procs"; done
exec unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private /bin/sh "$2"`;

const READY_TIMEOUT_MS = 90_000;

/** A node that takes images but is no part of the cluster yet. */
export interface BootedNode {
  /** Lets it join the cluster, whose API server must answer by now; it is Ready some seconds later. */
  join(): void;
}

/** Boots a node, new or with the disk of one that crashed. */
export async function bootNode(layout: Layout, node: KubeNode): Promise<BootedNode> {
  const systemCgroups = makeCgroups(layout.name, node.name);
  const files = nodeFiles(layout, node, cgroupOf(layout.name, node.name));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { pid, goOn } = await startTree(layout, node, systemCgroups);
  await until(`containerd of ${node.name} answers`, () => ctr(layout, node.name, ['version']), {
    timeoutMs: 30_000,
    orFail: () => {
      if (firstProcess(layout.name, node.name) !== pid) throw new Error(`${node.name} has ended while it booted; see ${layout.logDir}/${node.name}`);
    },
  });
  return { join: goOn };
}

/** Resolves when a node is Ready by its own word, not by what it said before it crashed. */
export async function waitUntilReady(layout: Layout, node: string, saidBefore?: string): Promise<void> {
  let last: string | undefined;
  let begun = false;
  const orFail = () => {
    const lives = processesOf(layout.name).some(({ part, command }) => part === node && command.startsWith(programPath('kubelet')));
    // On a busy machine the node takes a moment to start it.
    if (begun && !lives) throw new Error('kubelet has ended');
    begun ||= lives;
  };
  const ready = async () => {
    const status = await nodeStatus(layout, node);
    last = status?.message;
    return status?.ready && status.heartbeat !== saidBefore;
  };
  await until(`${node} is Ready`, ready, { timeoutMs: READY_TIMEOUT_MS, everyMs: 200, orFail }).catch((error: unknown) => {
    throw new Error(`${node} did not become Ready: ${last ?? (error as Error).message}; see ${layout.logDir}/${node}`, { cause: error });
  });
}

/** Ends a node as a power cut does. Its disk stays. Safe to call when it does not run. */
export async function endNode(cluster: string, node: string): Promise<void> {
  await endProcesses(cluster, part => part === node);
  await unplug(cluster, node);
  await removeCgroups(cluster, node);
}

/** Whether a node has been started and not ended. */
export function nodeRuns(cluster: string, node: string): boolean {
  return processesOf(cluster).some(({ part }) => part === node) || cgroupsOf(cluster, node).length > 0;
}

/** Runs a program inside a node's namespaces. */
export async function runInNode(cluster: string, node: string, command: readonly string[]): Promise<string> {
  const pid = firstProcess(cluster, node);
  if (pid === undefined) throw new Error(`${node} does not run [cluster ${cluster}]`);
  // The outer process has unshared all but the process ids, which its child has.
  return run('nsenter', ['--target', `${pid}`, '--mount', '--net', '--uts', '--ipc', `--pid=/proc/${pid}/ns/pid_for_children`, '--', ...command]);
}

/** Loads an image archive into a node. */
export async function loadImage(cluster: string, node: string, archive: string): Promise<void> {
  await runInNode(cluster, node, [programPath('ctr'), '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', 'images', 'import', '--local', '--all-platforms', archive]);
}

function ctr(layout: Layout, node: string, args: readonly string[]): Promise<string> {
  return runInNode(layout.name, node, [programPath('ctr'), '--address', CONTAINERD_SOCKET, ...args]);
}

/** Starts the tree and gives it its cable. Resolves with the outer process' id and what lets it go on from containerd to kubelet. */
async function startTree(layout: Layout, node: KubeNode, systemCgroups: readonly string[]): Promise<{ pid: number; goOn: () => void }> {
  const logFile = join(layout.logDir, node.name, 'init.log');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const args = ['-c', ENTER_CGROUP_AND_UNSHARE, 'node', systemCgroups.join(' '), join(nodeDir(layout, node.name), 'init.sh')];
  const child = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', log, log], env: daemonEnv(layout.name, node.name) });
  closeSync(log);
  child.stdin!.on('error', () => {}); // Its end is noticed below.
  await once(child, 'spawn');
  const pid = child.pid!;
  const own = readlinkSync('/proc/self/ns/net');
  await until(`${node.name} has its namespaces`, () => readlinkSync(`/proc/${pid}/ns/net`) !== own, { timeoutMs: 10_000, everyMs: 5 });
  await plugIn(layout, node, pid);
  child.stdin!.write('the cable is in\n');
  child.unref();
  return { pid, goOn: () => child.stdin!.end('join\n') };
}

/** The outer process of a node: it has the node's network, but the root namespace's process ids. */
function firstProcess(cluster: string, node: string): number | undefined {
  const own = readlinkSync('/proc/self/ns/pid');
  return processesOf(cluster).find(({ pid, part }) => {
    try {
      return part === node && readlinkSync(`/proc/${pid}/ns/pid`) === own && readlinkSync(`/proc/${pid}/ns/pid_for_children`) !== own;
    } catch {
      return false; // Ended while we looked.
    }
  })?.pid;
}
