import type { OwnerReference } from '@mediacluster/kube';

import type { MediaClusterSpec } from '../api/v1alpha1.ts';
import { authParts } from './authentication.ts';
import type { AuthParts } from './authentication.ts';
import { childLabels, podSelector, REVISION_LABEL } from './labels.ts';
import { podName, serviceAccountName } from './names.ts';
import type { Container, EnvVar, Pod, Probe } from './objects.ts';
import { revisionOf } from './revision.ts';

/** The container of the media node. */
export const CONTAINER_NAME = 'media-node';
/** Where a media node in a pod speaks ROPE. */
export const ROPE_PORT = 4443;
/** Where it answers `/livez`, `/readyz`, `/metrics` and `/status`. */
export const ADMIN_PORT = 9090;

/** A node that is asked to end says goodbye to its apps at once; this is the time it has before it is killed. */
const TERMINATION_GRACE_SECONDS = 30;

/** What a pod is built from. */
export interface PodPlan {
  clusterName: string;
  namespace: string;
  ordinal: number;
  spec: MediaClusterSpec;
  /** For a spec without an image. */
  defaultImage: string;
  owner: OwnerReference;
}

/** One media node. It passes the *restricted* Pod Security Standard, and says nothing that is the image's to say, such as its user. */
export function buildPod({ clusterName, namespace, ordinal, spec, defaultImage, owner }: PodPlan): Pod {
  const selector = { matchLabels: podSelector(clusterName) };
  const auth = authParts(clusterName, namespace, spec.security.authentication);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(clusterName, ordinal),
      namespace,
      labels: { ...childLabels(clusterName), [REVISION_LABEL]: revisionOf(spec) },
      annotations: keepAutoscalersAway,
      ownerReferences: [owner],
    },
    spec: {
      serviceAccountName: serviceAccountName(clusterName),
      automountServiceAccountToken: false, // where the media node needs a token it is mounted by name
      enableServiceLinks: false, // else each Service of the namespace adds seven variables to a node's environment
      terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
      restartPolicy: 'Always',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      topologySpreadConstraints: spec.pod.topologySpreadConstraints.map(constraint => ({ ...constraint, labelSelector: selector })),
      ...(spec.imagePullSecrets ? { imagePullSecrets: spec.imagePullSecrets } : {}),
      ...(auth.volumes.length > 0 ? { volumes: auth.volumes } : {}),
      containers: [mediaNode(spec, defaultImage, auth)],
    },
  };
}

/**
 * Autoscalers of kube nodes must not take a machine away under a call, and a media node has no drain that they would wait for yet. The
 * cluster autoscaler leaves pods of a custom owner alone by itself unless its admin has cleared that flag; Karpenter does not. Who
 * wants their machines consolidated all the same overwrites both on the pods: the operator sets them once, when it makes a pod.
 */
const keepAutoscalersAway = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
};

function mediaNode(spec: MediaClusterSpec, defaultImage: string, auth: AuthParts): Container {
  return {
    name: CONTAINER_NAME,
    image: spec.image ?? defaultImage,
    env: [...environment(spec), ...auth.env],
    ports: [
      { name: 'rope', containerPort: ROPE_PORT, protocol: 'TCP' },
      { name: 'admin', containerPort: ADMIN_PORT, protocol: 'TCP' },
    ],
    ...(spec.pod.resources ? { resources: spec.pod.resources } : {}),
    startupProbe: probe('/livez', { periodSeconds: 1, failureThreshold: 60 }),
    // Killing a node ends its calls: a minute of silence, not a slow answer under load, is what it takes.
    livenessProbe: probe('/livez', { periodSeconds: 10, failureThreshold: 6 }),
    readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 3 }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(auth.volumeMounts.length > 0 ? { volumeMounts: auth.volumeMounts } : {}),
  };
}

function probe(path: string, { periodSeconds, failureThreshold }: { periodSeconds: number; failureThreshold: number }): Probe {
  return { httpGet: { path, port: 'admin' }, periodSeconds, timeoutSeconds: 5, failureThreshold };
}

/** The options of `mediasoup-server`, by the environment. */
function environment(spec: MediaClusterSpec): EnvVar[] {
  return [
    { name: 'MEDIASOUP_SERVER_NODE_NAME', ...fromPod('metadata.name') },
    { name: 'MEDIASOUP_SERVER_HOST', value: '0.0.0.0' },
    { name: 'MEDIASOUP_SERVER_PORT', value: String(ROPE_PORT) },
    { name: 'MEDIASOUP_SERVER_ADMIN_PORT', value: String(ADMIN_PORT) },
    { name: 'MEDIASOUP_SERVER_ANNOUNCED_ADDRESS', ...fromPod('status.podIP') },
    { name: 'MEDIASOUP_SERVER_PIPE_ADDRESS', ...fromPod('status.podIP') },
    { name: 'MEDIASOUP_SERVER_WEBRTC_SERVER', value: 'auto' },
    { name: 'MEDIASOUP_SERVER_MAX_WORKERS', value: String(spec.pod.workers) },
  ];
}

function fromPod(fieldPath: string): Pick<EnvVar, 'valueFrom'> {
  return { valueFrom: { fieldRef: { fieldPath } } };
}
