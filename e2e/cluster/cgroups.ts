// A node's cgroup: its processes are born in it, its pods are below it. Version 1 (one tree per controller) and version 2 (one tree).
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupOf } from './layout.ts';
import { until } from './poll.ts';

const ROOT = '/sys/fs/cgroup';
/** Controllers that kubelet insists on, as version 2 calls them. */
const CONTROLLERS_V2 = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

/** The trees in which a node needs a folder; empty where this machine has no cgroups. */
export function hierarchies(): string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  if (!existsSync(ROOT)) return [];
  // cpu,cpuacct is one tree with two names as links; each real folder is one tree. "unified" is version 2 beside version 1, without controllers.
  return readdirSync(ROOT, { withFileTypes: true }).filter(entry => entry.isDirectory() && entry.name !== 'unified').map(entry => join(ROOT, entry.name));
}

/** Makes a node's cgroup in all hierarchies, and `system` below it for the node's own programs. Returns the latter's folders. */
export function makeCgroups(cluster: string, node: string): string[] {
  return hierarchies().map(tree => {
    if (tree === ROOT) enableControllers(ROOT);
    const folder = join(tree, cgroupOf(cluster, node));
    const system = join(folder, 'system');
    mkdirSync(folder, { recursive: true });
    inheritCpuset(tree, folder);
    if (tree === ROOT) enableControllers(folder);
    mkdirSync(system, { recursive: true });
    inheritCpuset(folder, system);
    return system;
  });
}

/** All cgroup folders of a cluster, or of one of its nodes, deepest first. */
export function cgroupsOf(cluster: string, node = 'kube-'): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of list(folder)) walk(join(folder, entry));
    found.push(folder);
  };
  for (const tree of [...hierarchies(), join(ROOT, 'unified')]) {
    for (const entry of list(tree)) if (entry.startsWith(cgroupOf(cluster, node))) walk(join(tree, entry));
  }
  return found;
}

/** Removes the cgroups whose processes have ended. The kernel takes a moment to let go of the dead, so it is tried until it works. */
export async function removeCgroups(cluster: string, node?: string): Promise<void> {
  await until('the end of all cgroups', () => {
    for (const folder of cgroupsOf(cluster, node)) rmdirSync(folder);
    return true;
  }, { timeoutMs: 15_000, everyMs: 50 });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);
  } catch {
    return []; // Removed while we looked.
  }
}

// Version 1: a new cpuset has no CPUs and no memory, and refuses processes until it is given some.
function inheritCpuset(parent: string, folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (!parent.startsWith(join(ROOT, 'cpuset'))) return;
    writeFileSync(join(folder, file), readFileSync(join(parent, file)));
  }
}

function enableControllers(folder: string): void {
  const available = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted = CONTROLLERS_V2.filter(name => available.includes(name)).map(name => `+${name}`);
  writeFileSync(join(folder, 'cgroup.subtree_control'), wanted.join(' '));
}
