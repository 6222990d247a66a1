import type { OwnerReference } from '@mediacluster/kube';

import { childLabels, podSelector } from './labels.ts';
import { serviceName } from './names.ts';
import type { Service } from './objects.ts';
import { ROPE_PORT } from './pod.ts';

/**
 * The headless Service of a cluster: it balances nothing, Kubernetes keeps EndpointSlices of the pods for it, and these are what the
 * SDK follows. A pod that isn't ready is listed as such, so that nothing new is placed on it.
 */
export function buildService({ clusterName, namespace, owner }: { clusterName: string; namespace: string; owner: OwnerReference }): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName(clusterName), namespace, labels: childLabels(clusterName), ownerReferences: [owner] },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      selector: podSelector(clusterName),
      ports: [{ name: 'rope', port: ROPE_PORT, targetPort: 'rope', protocol: 'TCP' }],
    },
  };
}
