import { read } from './contract.ts';

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
