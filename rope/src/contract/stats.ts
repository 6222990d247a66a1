import { read } from './contract.ts';

/** What there is in one worker. */
export interface WorkerCounts {
  readonly routers: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  readonly dataProducers: number;
  readonly dataConsumers: number;
}

/** What went through a network interface since the machine started. */
export interface NetworkCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  /** Packets that came and were lost here. */
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txDropped: number;
}

/** The load of a node's host and process, in the shape that users of Mafalda's getStats know, plus ours. */
export interface NodeStats {
  readonly os: {
    readonly availableParallelism: number;
    readonly cpus: readonly { readonly model: string; readonly speed: number; readonly times: Readonly<Record<string, number>> }[];
    /** Bytes. */
    readonly freemem: number;
    readonly loadavg: readonly number[];
    /** Bytes. */
    readonly totalmem: number;
    /** Seconds. */
    readonly uptime: number;
  };
  /** Per worker process, by its pid; absent when the node has no worker. */
  readonly pidusages?: Readonly<Record<number, { readonly cpu: number; readonly memory: number; readonly pid: number; readonly elapsed: number; readonly timestamp: number }>>;
  /** Per worker process, by its pid: what apps have made in it. Absent when the node has no worker. */
  readonly workers?: Readonly<Record<number, WorkerCounts>>;
  /** Per network interface of the machine or pod, the loopback too; absent where the system does not tell. */
  readonly network?: Readonly<Record<string, NetworkCounters>>;
  readonly process: {
    readonly cpuUsage: { readonly user: number; readonly system: number };
    readonly hrtime: bigint;
    readonly memoryUsage: { readonly rss: number };
    readonly uptime: number;
  };
}

export const statsMethods = {
  'node.getStats': read<Record<string, never>, NodeStats | undefined>({ rich: true }),
} as const;
