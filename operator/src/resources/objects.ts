import type { KubeObject } from '@mediacluster/kube';

import type { TopologySpreadConstraint } from '../api/v1alpha1.ts';

/*
 * The objects of Kubernetes that the operator writes and reads, as much of them as it does: Kubernetes' own reference explains every
 * field. Timestamps are strings, as the API server sends them.
 */

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { fieldRef: { fieldPath: string } };
}

export interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly: true;
}

/** A folder of files that Kubernetes writes, from one source or, as with `projected`, several. */
export interface Volume {
  name: string;
  secret?: { secretName: string };
  projected?: { sources: VolumeSource[] };
}

export interface VolumeSource {
  serviceAccountToken?: { path: string; expirationSeconds: number };
  configMap?: { name: string; items: { key: string; path: string }[] };
  downwardAPI?: { items: { path: string; fieldRef: { fieldPath: string } }[] };
}

export interface Container {
  name: string;
  image: string;
  env?: EnvVar[];
  ports?: { name: string; containerPort: number; protocol: 'TCP' | 'UDP' }[];
  resources?: { limits?: Record<string, number | string>; requests?: Record<string, number | string> };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  securityContext?: object;
  volumeMounts?: VolumeMount[];
}

export interface PodSpec {
  containers: Container[];
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  imagePullSecrets?: { name: string }[];
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  securityContext?: object;
  terminationGracePeriodSeconds?: number;
  volumes?: Volume[];
  topologySpreadConstraints?: (TopologySpreadConstraint & { labelSelector: { matchLabels: Record<string, string> } })[];
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode?: number; signal?: number; reason?: string; message?: string };
}

export interface PodCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    reason?: string;
    message?: string;
    conditions?: PodCondition[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Service extends KubeObject {
  spec: {
    clusterIP?: string;
    type?: string;
    selector: Record<string, string>;
    ports?: { name: string; port: number; targetPort: number | string; protocol: 'TCP' | 'UDP' }[];
  };
}

export interface ServiceAccount extends KubeObject {
  automountServiceAccountToken?: boolean;
}

export interface Secret extends KubeObject {
  type: string;
  /** By key, in base64. */
  data: Record<string, string>;
}

export interface ClusterRoleBinding extends KubeObject {
  /** Absent where there is none: the API server leaves empty lists out. */
  subjects?: { kind: string; name: string; namespace?: string; apiGroup?: string }[];
}
