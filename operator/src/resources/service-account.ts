import type { OwnerReference } from '@mediacluster/kube';

import { childLabels } from './labels.ts';
import { serviceAccountName } from './names.ts';
import type { ServiceAccount } from './objects.ts';

/**
 * The identity of a cluster's pods. It mounts no token by itself; its one right, to ask Kubernetes whose a token is, comes from a binding
 * of the chart (media-cluster/token-reviewers.ts).
 */
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
