import type { KubeObject, OwnerReference } from '@mediacluster/kube';
import { keyOf, ownerRefOf } from '@mediacluster/kube';

import { parseSpec } from '../api/v1alpha1.ts';
import type { MediaCluster, MediaClusterSpec } from '../api/v1alpha1.ts';
import { authSecretName, serviceAccountName, serviceName } from '../resources/names.ts';
import type { Pod, Service, ServiceAccount } from '../resources/objects.ts';
import { BY_CLUSTER } from './watches.ts';
import type { Stores } from './watches.ts';

/** What the stores know of one MediaCluster. */
export interface Observed {
  cluster: MediaCluster;
  clusterName: string;
  namespace: string;
  owner: OwnerReference;
  /** Missing where it can't be read; then `problem` says why. */
  spec: MediaClusterSpec | undefined;
  problem: string;
  /** The pods that this very MediaCluster controls, not those of one that had its name before. */
  pods: Pod[];
  service: Service | undefined;
  serviceAccount: ServiceAccount | undefined;
  /** That it is there and whose it is; what it holds is none of the operator's business. */
  authSecret: KubeObject | undefined;
}

/** Looks a MediaCluster and its children up; `undefined` when it is gone or going: Kubernetes then removes the children. */
export function observe(key: string, stores: Stores): Observed | undefined {
  const cluster = stores.clusters.get(key);
  if (!cluster || cluster.metadata.deletionTimestamp) return undefined;
  const { name: clusterName, namespace = '' } = cluster.metadata;
  const child = <T extends KubeObject>(object: T | undefined) => (object && isControlledBy(object, cluster) ? object : undefined);
  const { spec, problem = '' } = parseSpec(cluster);
  return {
    cluster,
    clusterName,
    namespace,
    owner: ownerRefOf(cluster, { controller: true, blockOwnerDeletion: true }),
    spec,
    problem,
    pods: stores.pods.byIndex(BY_CLUSTER, key).filter(pod => isControlledBy(pod, cluster)),
    service: child(stores.services.get(keyOf({ metadata: { name: serviceName(clusterName), namespace } }))),
    serviceAccount: child(stores.serviceAccounts.get(keyOf({ metadata: { name: serviceAccountName(clusterName), namespace } }))),
    authSecret: child(stores.secrets.get(keyOf({ metadata: { name: authSecretName(clusterName), namespace } }))),
  };
}

/** True when the object's controller is that very object: by uid, since names come back. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return object.metadata.ownerReferences?.some(reference => reference.controller && reference.uid === owner.metadata.uid) ?? false;
}
