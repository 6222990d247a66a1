import { connectKube } from '@mediacluster/kube';

import { KubernetesDiscovery } from './discovery/kubernetes.ts';
import { MediaCluster as NodeCluster } from './media-cluster.ts';
import type { MediaClusterOptions as NodeClusterOptions } from './media-cluster.ts';

/** Which MediaCluster, and how its nodes are spoken with. */
export interface MediaClusterOptions extends Omit<NodeClusterOptions, 'urls' | 'discovery'> {
  /** The name of the MediaCluster in Kubernetes; its Service has the same. */
  readonly name: string;
  /** Default: the namespace of this pod's ServiceAccount, else the kubeconfig's. */
  readonly namespace?: string;
  /** Path of a kubeconfig. Default: `KUBECONFIG`, else the pod's ServiceAccount, else `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig other than its current one. */
  readonly context?: string;
}

/**
 * A MediaCluster of Kubernetes as one mediasoup: a set of nodes that fills itself.
 *
 *     const cluster = new MediaCluster({ name: 'calls' });
 *     const { mediasoup } = await cluster.connect();
 *
 * Needs the right to get, list and watch EndpointSlices in the namespace; the chart's ClusterRole `mediacluster-client` has it.
 * The app's signals are left to the app: call `destroy()` when it ends.
 */
export class MediaCluster extends NodeCluster {
  /** @throws when there is no cluster to be found: neither a ServiceAccount nor a kubeconfig. */
  constructor({ name, namespace, kubeconfig, context, ...options }: MediaClusterOptions) {
    super({ ...options, discovery: new KubernetesDiscovery(connectKube({ kubeconfig, context, namespace }), { service: name, namespace }) });
  }
}

export * from './errors.ts';
export type { ManagerLike, Mediasoup, MediasoupManager, MediasoupModule, NodeInfo, NodeStats } from './manager.ts';
