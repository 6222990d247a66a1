// Programs that stay: started with a log file, found again by what stands in their environment or by their cgroup,
// and ended with a deadline. Nothing here remembers process ids, so the process that ends them need not be the one that started them.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CLUSTER_VARIABLE, PART_VARIABLE, cgroupOf } from './layout.ts';
import { until } from './poll.ts';

/** A process that belongs to a cluster. */
export interface ClusterProcess {
  readonly pid: number;
  /** `etcd`, `kube-apiserver`, …, or the node's name for a node's first process and all below it. */
  readonly part: string;
  readonly command: string;
}

/** Starts a program of a cluster in a session of its own, so that a Ctrl-C in the terminal does not reach it. */
export function startDaemon(cluster: string, part: string, command: string, args: readonly string[], logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: daemonEnv(cluster, part) });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** A clean environment: nothing of the caller's shell (KUBECONFIG, GOFLAGS, proxies) may change how the cluster behaves. */
export function daemonEnv(cluster: string, part: string): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/nonexistent',
    [CLUSTER_VARIABLE]: cluster,
    [PART_VARIABLE]: part,
  };
}

/** Every living process of a cluster, containers included. Zombies do not count: they only wait for their parent. */
export function processesOf(cluster: string): ClusterProcess[] {
  const found: ClusterProcess[] = [];
  const cgroup = `/${cgroupOf(cluster, 'kube-')}`;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = read(`/proc/${entry}/environ`).split('\0');
    const inNode = read(`/proc/${entry}/cgroup`).split('\n').map(line => line.split(':')[2] ?? '').find(path => path.startsWith(cgroup));
    const marked = environment.includes(`${CLUSTER_VARIABLE}=${cluster}`);
    if (!marked && inNode === undefined) continue;
    if (/^State:\s+[ZX]/m.test(read(`/proc/${entry}/status`))) continue;
    const part = marked ? environment.find(line => line.startsWith(`${PART_VARIABLE}=`))?.slice(PART_VARIABLE.length + 1) : undefined;
    found.push({
      pid: Number(entry),
      part: part ?? `kube-${inNode?.slice(cgroup.length).split('/')[0] ?? '?'}`,
      command: read(`/proc/${entry}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 200),
    });
  }
  return found;
}

/** Ends the processes of some parts: SIGTERM first when `graceMs` is given, SIGKILL after it. Resolves when none is left. */
export async function endProcesses(cluster: string, isPart: (part: string) => boolean, graceMs = 0): Promise<void> {
  const left = () => processesOf(cluster).filter(({ part }) => isPart(part));
  if (graceMs > 0) {
    signal(left(), 'SIGTERM');
    if (await until('the end by SIGTERM', () => left().length === 0, { timeoutMs: graceMs }).catch(() => false)) return;
  }
  // Anew at each look, since a process that was just born is in no earlier list.
  await until('the end of all processes', () => {
    const rest = left();
    signal(rest, 'SIGKILL');
    return rest.length === 0;
  }, { timeoutMs: 30_000, everyMs: 50 });
}

function signal(processes: readonly ClusterProcess[], name: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // ESRCH: it ended between the look and the signal, which is what was wanted.
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // The process ended while we looked.
  }
}
