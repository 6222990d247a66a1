import { readFileSync, readdirSync } from 'node:fs';

/** The resolution of `monitorEventLoopDelay()` as prom-client asks for it; an idle loop shows it as delay. */
const LAG_RESOLUTION_MS = 10;

/** A process as the kernel sees it. */
export interface ProcessReading {
  readonly rssKb: number;
  readonly handles: number;
}

export function readProcess(pid: number): ProcessReading {
  const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { rssKb, handles: readdirSync(`/proc/${pid}/fd`).length };
}

/** A node as it tells over its admin port. */
export interface NodeReading {
  readonly objects: number;
  readonly sessions: number;
  readonly workers: number;
  /** The p99 of its event loop's lag since it was asked last. */
  readonly lagP99Ms: number;
}

export async function readNode(adminUrl: string): Promise<NodeReading> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const sum = (name: string) => [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((all, [, value]) => all + Number(value), 0);
  return {
    objects: sum('mediacluster_node_objects'),
    sessions: sum('mediacluster_node_sessions'),
    workers: sum('mediacluster_node_workers'),
    lagP99Ms: Math.max(0, sum('nodejs_eventloop_lag_p99_seconds') * 1_000 - LAG_RESOLUTION_MS),
  };
}
