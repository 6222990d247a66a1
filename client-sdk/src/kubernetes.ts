import { connectKube } from '@mediacluster/kube';

import { clusterToken } from './discovery/cluster-token.ts';
import { KubernetesDiscovery } from './discovery/kubernetes.ts';
import { MediaCluster as NodeCluster } from './media-cluster.ts';
import type { MediaClusterOptions as NodeClusterOptions } from './media-cluster.ts';
import type { RemoteMediasoupClientOptions } from './remote/remote-client.ts';

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
  /**
   * What lets this app in, asked for at every attempt when it is a function. Default: `MEDIACLUSTER_TOKEN`, else what is in the file that
   * `MEDIACLUSTER_TOKEN_FILE` names, else the token for the audience `mediacluster` that this pod has at
   * `/var/run/secrets/mediacluster/token`.
   */
  readonly token?: RemoteMediasoupClientOptions['token'];
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
  constructor({ name, namespace, kubeconfig, context, token, client, ...options }: MediaClusterOptions) {
    const tokens = token ?? client?.token ?? (() => clusterToken({ env: process.env }));
    super({ ...options, client: { ...client, token: tokens }, discovery: new KubernetesDiscovery(connectKube({ kubeconfig, context, namespace }), { service: name, namespace }) });
  }
}

export * from './errors.ts';
export type { ManagerLike, Mediasoup, MediasoupManager, MediasoupModule, NodeInfo, NodeStats } from './manager.ts';
