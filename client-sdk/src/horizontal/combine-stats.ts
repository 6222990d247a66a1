import type { NetworkCounters } from '@mediacluster/rope/contract';

import type { NodeStats } from '../manager.ts';

/** The stats of a set: its members' summed up in the shape of one, so that sets stack, and each member's own. */
export interface CombinedStats extends NodeStats {
  /** By the members' names. */
  readonly nodes: Readonly<Record<string, NodeStats>>;
}

/** A member's stats, with the pids that the set shows for its workers. */
export interface MemberStats {
  readonly name: string;
  readonly stats: NodeStats;
  readonly pids: ReadonlyMap<number, number>;
}

type PidUsages = NonNullable<NodeStats['pidusages']>;

/** Sums up; `undefined` when no member could tell anything. Two members on one machine both count it. */
export function combineStats(members: readonly MemberStats[]): CombinedStats | undefined {
  if (members.length === 0) return undefined;
  const all = members.map(({ stats }) => stats);
  const sum = (read: (stats: NodeStats) => number): number => all.reduce((total, stats) => total + read(stats), 0);
  const longest = (read: (stats: NodeStats) => number): number => Math.max(...all.map(read));
  const usages = members.flatMap(usagesOf);
  return {
    os: {
      availableParallelism: sum(({ os }) => os.availableParallelism),
      cpus: all.flatMap(({ os }) => os.cpus),
      freemem: sum(({ os }) => os.freemem),
      loadavg: [0, 1, 2].map(span => sum(({ os }) => os.loadavg[span] ?? 0)),
      totalmem: sum(({ os }) => os.totalmem),
      uptime: longest(({ os }) => os.uptime),
    },
    pidusages: usages.length > 0 ? Object.fromEntries(usages.map(usage => [usage.pid, usage])) : undefined,
    workers: workersOf(members),
    network: networkOf(all),
    process: {
      cpuUsage: { user: sum(stats => stats.process.cpuUsage.user), system: sum(stats => stats.process.cpuUsage.system) },
      // Counted from a moment of each machine's own: no sum has a meaning.
      hrtime: all[0]!.process.hrtime,
      memoryUsage: { rss: sum(stats => stats.process.memoryUsage.rss) },
      uptime: longest(stats => stats.process.uptime),
    },
    nodes: Object.fromEntries(members.map(({ name, stats }, index) => [nameOf(name, index, members), stats])),
  };
}

/** A worker that the set did not hand out keeps its own pid, unless one that it did has it. */
function usagesOf({ stats, pids }: MemberStats): PidUsages[number][] {
  return Object.values(stats.pidusages ?? {}).map(usage => ({ ...usage, pid: pids.get(usage.pid) ?? usage.pid }));
}

function workersOf(members: readonly MemberStats[]): NodeStats['workers'] {
  const counts = members.flatMap(({ stats, pids }) => Object.entries(stats.workers ?? {}).map(([pid, each]) => [pids.get(Number(pid)) ?? pid, each] as const));
  return counts.length > 0 ? Object.fromEntries(counts) : undefined;
}

/** Nodes of one kind name their interfaces alike: what went through `eth0` is what went through the `eth0` of all. */
function networkOf(all: readonly NodeStats[]): NodeStats['network'] {
  const sums: Record<string, NetworkCounters> = {};
  for (const [name, counters] of all.flatMap(({ network }) => Object.entries(network ?? {}))) {
    const before = sums[name];
    sums[name] = before ? mapValues(counters, (value, key) => value + before[key]) : counters;
  }
  return Object.keys(sums).length > 0 ? sums : undefined;
}

const mapValues = (counters: NetworkCounters, change: (value: number, key: keyof NetworkCounters) => number): NetworkCounters => (
  Object.fromEntries(Object.entries(counters).map(([key, value]) => [key, change(value, key as keyof NetworkCounters)])) as unknown as NetworkCounters
);

function nameOf(name: string, index: number, members: readonly MemberStats[]): string {
  const earlier = members.slice(0, index).filter(member => member.name === name).length;
  return earlier === 0 ? name : `${name}#${earlier + 1}`;
}
