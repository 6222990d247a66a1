import { GROUP } from '../api/v1alpha1.ts';

/** Names the MediaCluster on all its children, and, since Kubernetes copies a Service's labels to them, on its EndpointSlices. */
export const CLUSTER_LABEL: string = `${GROUP}/cluster`;
/** The part of the spec that a pod was made from, as `revisionOf` computes it. */
export const REVISION_LABEL: string = `${GROUP}/revision`;
/** What the operator writes into `app.kubernetes.io/managed-by`, and its name as field manager. */
export const MANAGER = 'mediacluster-operator';
/** Its name as field manager of the status: an apply states all that its manager wants, and the two are written apart. */
export const STATUS_MANAGER: string = `${MANAGER}-status`;

/** Selects everything that an operator made, of whatever cluster: what its informers watch. */
export const MANAGED_SELECTOR: string = `app.kubernetes.io/managed-by=${MANAGER},${CLUSTER_LABEL}`;

/** What selects the pods of a cluster. It never changes for a cluster: spread constraints and the Service hold on to it. */
export function podSelector(clusterName: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'mediacluster-node', [CLUSTER_LABEL]: clusterName };
}

/** The labels of every child of a cluster. */
export function childLabels(clusterName: string): Record<string, string> {
  return { ...podSelector(clusterName), 'app.kubernetes.io/managed-by': MANAGER };
}

/** A selector as `kubectl -l` and the scale subresource write it. */
export function selectorText(labels: Record<string, string>): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(',');
}
