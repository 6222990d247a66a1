/** A kind of object and where the API server keeps it. One of your own: write the four members down. */
export interface ResourceKind {
  /** Group and version as in manifests: `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The name in the address: lower case, plural. */
  readonly plural: string;
  readonly namespaced: boolean;
}

const namespaced = (apiVersion: string, kind: string, plural: string): ResourceKind => ({ apiVersion, kind, plural, namespaced: true });
const clusterWide = (apiVersion: string, kind: string, plural: string): ResourceKind => ({ apiVersion, kind, plural, namespaced: false });

/** The kinds of Kubernetes' own that programs of this project use. */
export const kinds: {
  readonly pods: ResourceKind;
  readonly services: ResourceKind;
  readonly serviceAccounts: ResourceKind;
  readonly secrets: ResourceKind;
  readonly configMaps: ResourceKind;
  readonly endpointSlices: ResourceKind;
  readonly events: ResourceKind;
  readonly leases: ResourceKind;
  readonly podDisruptionBudgets: ResourceKind;
  readonly networkPolicies: ResourceKind;
  readonly nodes: ResourceKind;
  readonly namespaces: ResourceKind;
  readonly tokenReviews: ResourceKind;
  readonly clusterRoleBindings: ResourceKind;
  readonly customResourceDefinitions: ResourceKind;
} = {
  pods: namespaced('v1', 'Pod', 'pods'),
  services: namespaced('v1', 'Service', 'services'),
  serviceAccounts: namespaced('v1', 'ServiceAccount', 'serviceaccounts'),
  secrets: namespaced('v1', 'Secret', 'secrets'),
  configMaps: namespaced('v1', 'ConfigMap', 'configmaps'),
  endpointSlices: namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  events: namespaced('events.k8s.io/v1', 'Event', 'events'),
  leases: namespaced('coordination.k8s.io/v1', 'Lease', 'leases'),
  podDisruptionBudgets: namespaced('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  networkPolicies: namespaced('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  nodes: clusterWide('v1', 'Node', 'nodes'),
  namespaces: clusterWide('v1', 'Namespace', 'namespaces'),
  tokenReviews: clusterWide('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews'),
  clusterRoleBindings: clusterWide('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'),
  customResourceDefinitions: clusterWide('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'),
};
