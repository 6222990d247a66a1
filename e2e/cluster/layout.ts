// Where everything of a cluster lies and how it is called. Every name is made from the cluster's own name, so that
// what a crashed run left behind is found again without asking that run.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** One machine of the cluster: a process tree with its own address. */
export interface KubeNode {
  readonly name: string;
  /** Its address on the cluster's bridge; NodePorts and hostPorts answer here. */
  readonly address: string;
  readonly podCidr: string;
}

/** A cluster's names, addresses and folders. Pure: making one touches nothing. */
export interface Layout {
  readonly name: string;
  /** Third number of the bridge's network, second of the pods'. Two clusters at once need two numbers. */
  readonly subnet: number;
  readonly nodes: readonly KubeNode[];
  /** The root namespace's address on the bridge; the API server listens here. */
  readonly gateway: string;
  readonly apiUrl: string;
  readonly podCidr: string;
  /** Config, keys, disks of the nodes; gone after the end. */
  readonly runDir: string;
  /** One file per program; kept after the end, until the next start. */
  readonly logDir: string;
  readonly kubeconfig: string;
  readonly stateFile: string;
}

/** Addresses that Services get. Pods reach the API server at the first one. */
export const SERVICE_CIDR = '10.96.0.0/16';
/** The API server's address as pods see it. */
export const API_SERVICE_ADDRESS = '10.96.0.1';

/** The cluster of `npm run cluster` and the one of the e2e scenarios: they may run side by side. */
export const CLUSTERS = { dev: 77, e2e: 78 } as const;

const MAX_NODES = 9;

/** The user's cache folder for programs, archives and runs of all clusters. */
export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mediacluster', 'cluster');
}

/** Lays a cluster out. Throws a `TypeError` for a name or a number of nodes that does not fit. */
export function layoutOf(name: string, subnet: number, nodeCount: number): Layout {
  // Interface names have 15 characters: "mc-", the name, "-", a digit.
  if (!/^[a-z][a-z0-9]{0,8}$/.test(name)) throw new TypeError(`a cluster's name is 1 to 9 small letters and digits, not "${name}"`);
  if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > MAX_NODES) throw new TypeError(`a cluster has 1 to ${MAX_NODES} nodes, not ${nodeCount}`);
  if (!Number.isInteger(subnet) || subnet < 1 || subnet > 254) throw new TypeError(`subnet is 1 to 254, not ${subnet}`);
  const runDir = join(cacheDir(), 'run', name);
  return {
    name,
    subnet,
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      name: `kube-${index + 1}`,
      address: `172.31.${subnet}.${index + 11}`,
      podCidr: `10.${subnet}.${index + 1}.0/24`,
    })),
    gateway: `172.31.${subnet}.1`,
    apiUrl: `https://172.31.${subnet}.1:6443`,
    podCidr: `10.${subnet}.0.0/16`,
    runDir,
    logDir: join(cacheDir(), 'logs', name),
    kubeconfig: join(runDir, 'kubeconfig'),
    stateFile: join(runDir, 'cluster.json'),
  };
}

/** The bridge all nodes hang on. */
export const bridgeOf = (cluster: string): string => `mc-${cluster}`;
/** The root namespace's end of a node's cable. */
export const cableOf = (cluster: string, node: string): string => `mc-${cluster}-${node.replace('kube-', '')}`;
/** The cgroup that all processes of a node are in, below each hierarchy's root. */
export const cgroupOf = (cluster: string, node: string): string => `mc-${cluster}-${node}`;
/** A node's own folder: its disk, its certificates, its config. */
export const nodeDir = (layout: Layout, node: string): string => join(layout.runDir, node);

/** In the environment of every program of a cluster: which cluster it belongs to, and which part of it it is. */
export const CLUSTER_VARIABLE = 'MEDIACLUSTER_CLUSTER';
export const PART_VARIABLE = 'MEDIACLUSTER_PART';
