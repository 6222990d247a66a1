export { mediaClusterCrd } from './api/crd.ts';
export type { CustomResourceDefinition } from './api/crd.ts';
export { API_VERSION, GROUP, KIND, PLURAL, VERSION, mediaClusterSpec, mediaClusterStatus, parseSpec } from './api/v1alpha1.ts';
export type { Condition, MediaCluster, MediaClusterSpec, MediaClusterStatus, TopologySpreadConstraint } from './api/v1alpha1.ts';
