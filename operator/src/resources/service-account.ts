import type { OwnerReference } from '@mediacluster/kube';

import { childLabels } from './labels.ts';
import { serviceAccountName } from './names.ts';
import type { ServiceAccount } from './objects.ts';

/** The identity of a cluster's pods. It has no rights and mounts no token; it is there so that policies can name the pods. */
export function buildServiceAccount(
  { clusterName, namespace, owner }: { clusterName: string; namespace: string; owner: OwnerReference },
): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: serviceAccountName(clusterName), namespace, labels: childLabels(clusterName), ownerReferences: [owner] },
    automountServiceAccountToken: false,
  };
}
