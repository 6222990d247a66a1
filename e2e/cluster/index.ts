// The public face of e2e/cluster: a real Kubernetes of several nodes on this machine.
export { Cluster, openCluster, startCluster, type ClusterOptions } from './cluster.ts';
export { CommandError, run, type CommandOptions } from './command.ts';
export { ensurePrograms, type DebianProgram } from './debian.ts';
export { API_SERVICE_ADDRESS, CLUSTERS, type KubeNode } from './layout.ts';
export { until, type PollOptions } from './poll.ts';
export { leftovers, removeCluster } from './teardown.ts';
export { whyNot } from './why-not.ts';
