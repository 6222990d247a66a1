import { Informer, kinds, systemClock } from '@mediacluster/kube';
import type { Clock, InformerOptions, KubeClient, KubeObject, ReadonlyStore, ResourceKind } from '@mediacluster/kube';

import { API_VERSION, KIND, PLURAL } from '../api/v1alpha1.ts';
import type { MediaCluster } from '../api/v1alpha1.ts';
import { CLUSTER_LABEL, MANAGED_SELECTOR } from '../resources/labels.ts';
import type { Pod, Service, ServiceAccount } from '../resources/objects.ts';

/** MediaCluster as an address of the API. */
export const mediaClusters: ResourceKind = { apiVersion: API_VERSION, kind: KIND, plural: PLURAL, namespaced: true };

/** The index of pods by the cluster that they are labelled with, whoever owns them. */
export const BY_CLUSTER = 'cluster';

/** What the operator knows of the cluster. */
export interface Stores {
  clusters: ReadonlyStore<MediaCluster>;
  pods: ReadonlyStore<Pod>;
  services: ReadonlyStore<Service>;
  serviceAccounts: ReadonlyStore<ServiceAccount>;
  /** Without what they hold. */
  secrets: ReadonlyStore<KubeObject>;
}

/** The informers behind the stores. */
export interface Watches {
  clusters: Informer<MediaCluster>;
  pods: Informer<Pod>;
  services: Informer<Service>;
  serviceAccounts: Informer<ServiceAccount>;
  secrets: Informer<KubeObject>;
}

/** Informers for what matters to us in one namespace, or in all. They don't run yet. */
export function createWatches(kube: KubeClient, namespace: string | undefined, clock: Clock = systemClock): Watches {
  const everything = { namespace };
  const ours = { namespace, labelSelector: MANAGED_SELECTOR };
  const pods: InformerOptions<Pod> = { clock, indexers: { [BY_CLUSTER]: clusterKeys } };
  return {
    clusters: new Informer<MediaCluster>(kube, mediaClusters, everything, { clock }),
    pods: new Informer<Pod>(kube, kinds.pods, ours, pods),
    services: new Informer<Service>(kube, kinds.services, ours, { clock }),
    serviceAccounts: new Informer<ServiceAccount>(kube, kinds.serviceAccounts, ours, { clock }),
    // Ours alone, and of these not their tokens: what the operator doesn't know it can't give away.
    secrets: new Informer<KubeObject>(kube, kinds.secrets, { ...ours, metadataOnly: true }, { clock }),
  };
}

/** Calls `enqueue` with the key of each MediaCluster for which something has changed. */
export function followChanges(watches: Watches, enqueue: (key: string) => void): void {
  follow(watches.clusters, cluster => [`${cluster.metadata.namespace}/${cluster.metadata.name}`], enqueue);
  follow(watches.pods, clusterKeys, enqueue);
  follow(watches.services, clusterKeys, enqueue);
  follow(watches.serviceAccounts, clusterKeys, enqueue);
  follow(watches.secrets, clusterKeys, enqueue);
}

/** The stores of those informers. */
export function storesOf({ clusters, pods, services, serviceAccounts, secrets }: Watches): Stores {
  return { clusters: clusters.store, pods: pods.store, services: services.store, serviceAccounts: serviceAccounts.store, secrets: secrets.store };
}

function follow<T extends KubeObject>(informer: Informer<T>, keysOf: (object: T) => readonly string[], enqueue: (key: string) => void): void {
  const enqueueAll = (...objects: T[]): void => {
    for (const key of new Set(objects.flatMap(keysOf))) enqueue(key);
  };
  // Of a change both states count: a child whose label was altered concerns the cluster that it left, too.
  informer.on({ added: enqueueAll, updated: enqueueAll, deleted: enqueueAll });
}

/**
 * The cluster that a child is labelled with. By label and not by owner: a pod left over from an earlier MediaCluster of the same name
 * holds a name that the new one waits for.
 */
function clusterKeys(child: KubeObject): string[] {
  const cluster = child.metadata.labels?.[CLUSTER_LABEL];
  return cluster ? [`${child.metadata.namespace}/${cluster}`] : [];
}
