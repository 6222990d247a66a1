import { readFile } from 'node:fs/promises';
import os from 'node:os';

import type { NetworkCounters, NodeStats } from '@mediacluster/rope/contract';

/** What one process has used, in the shape that users of `pidusage` know. */
export interface PidUsage {
  /** Percent of one core, since the reading before (the process's whole life at the first one). */
  readonly cpu: number;
  /** Resident bytes. */
  readonly memory: number;
  readonly ppid: number;
  readonly pid: number;
  /** Milliseconds of CPU time. */
  readonly ctime: number;
  /** Milliseconds since the process began. */
  readonly elapsed: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The load of this host, this process and the workers below it. */
export interface HostStats extends NodeStats {
  readonly pidusages?: Readonly<Record<number, PidUsage>>;
  readonly process: NodeStats['process'] & {
    /** All of it when it was asked for; else the resident bytes alone, which cost least to read. */
    readonly memoryUsage: { readonly rss: number } & Partial<NodeJS.MemoryUsage>;
    readonly availableMemory: number;
    readonly constrainedMemory: number;
    readonly resourceUsage: NodeJS.ResourceUsage;
  };
}

// Linux reports times in these to user space, whatever the kernel was built with (USER_HZ, proc(5)).
const TICKS_PER_SECOND = 100;

/** Reads the stats of one host; remembers the last reading of each process, of which it needs two to tell a rate. */
export class HostStatsReader {
  readonly #last = new Map<number, PidUsage>();
  readonly #proc: string;

  /** @param proc where the kernel tells of processes and networks */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /** The stats now; `pids` are the worker processes. One that is gone meanwhile is left out. */
  async read(pids: readonly number[], fullMemoryUsage = false): Promise<HostStats> {
    const [network, ...found] = await Promise.all([this.#readNetwork(), ...pids.map(pid => this.#usageOf(pid))]);
    const usages = found.filter(usage => usage !== undefined);
    this.#last.clear();
    for (const usage of usages) this.#last.set(usage.pid, usage);
    return {
      os: {
        availableParallelism: os.availableParallelism(),
        cpus: os.cpus(),
        freemem: os.freemem(),
        loadavg: os.loadavg(),
        totalmem: os.totalmem(),
        uptime: os.uptime(),
      },
      pidusages: usages.length > 0 ? Object.fromEntries(usages.map(usage => [usage.pid, usage])) : undefined,
      network,
      process: {
        availableMemory: process.availableMemory(),
        constrainedMemory: process.constrainedMemory(),
        cpuUsage: process.cpuUsage(),
        hrtime: process.hrtime.bigint(),
        memoryUsage: fullMemoryUsage ? process.memoryUsage() : { rss: process.memoryUsage.rss() },
        resourceUsage: process.resourceUsage(),
        uptime: process.uptime(),
      },
    };
  }

  async #usageOf(pid: number): Promise<PidUsage | undefined> {
    // A process may end between list and reading, and other systems have no /proc: both mean that nothing is known of it.
    const files = Promise.all([readFile(`${this.#proc}/${pid}/stat`, 'utf8'), readFile(`${this.#proc}/${pid}/status`, 'utf8')]);
    const texts = await files.catch(() => undefined);
    return texts && usageFrom(...texts, { uptimeMs: os.uptime() * 1000, nowMs: Date.now(), last: this.#last.get(pid) });
  }

  async #readNetwork(): Promise<NodeStats['network']> {
    const text = await readFile(`${this.#proc}/net/dev`, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : networkFrom(text);
  }
}

/** What `/proc/<pid>/stat` and `/proc/<pid>/status` say, as a usage; a rate needs the `last` one. */
export function usageFrom(stat: string, status: string, { uptimeMs, nowMs, last }: { uptimeMs: number; nowMs: number; last?: PidUsage }): PidUsage {
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fromThird[number - 3]);
  const ctime = msOf(field(14) + field(15));
  const elapsed = Math.max(uptimeMs - msOf(field(22)), 0);
  const [usedMs, spanMs] = last ? [ctime - last.ctime, nowMs - last.timestamp] : [ctime, elapsed];
  return {
    cpu: spanMs > 0 ? (usedMs / spanMs) * 100 : 0,
    // `stat` counts pages, whose size differs between machines; a process that has just ended has no such line.
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
    ppid: field(4),
    pid: Number.parseInt(stat, 10),
    ctime,
    elapsed,
    timestamp: nowMs,
  };
}

/** What `/proc/net/dev` says, by interface: two lines of headings, then eight columns of what came and eight of what went. */
export function networkFrom(text: string): Record<string, NetworkCounters> {
  return Object.fromEntries(text.trimEnd().split('\n').slice(2).map(line => {
    const [name, values] = line.split(':') as [string, string];
    const [rxBytes, rxPackets, , rxDropped, , , , , txBytes, txPackets, , txDropped] = values.trim().split(/\s+/).map(Number);
    return [name.trim(), { rxBytes, rxPackets, rxDropped, txBytes, txPackets, txDropped }];
  })) as Record<string, NetworkCounters>;
}

function msOf(ticks: number): number {
  return (ticks * 1000) / TICKS_PER_SECOND;
}
