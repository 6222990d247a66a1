import { z } from 'zod';

import type { KubeObject } from '@mediacluster/kube';

/*
 * The MediaCluster resource, version v1alpha1. This file is the single source: `npm run generate` derives the CRD (crds/, and its
 * copy in the chart) and the table of fields in docs/mediacluster.md from it; the operator's types and defaults are these too.
 *
 * Rules of this file: every string, list and map has a bound (the API server budgets CEL by them); patterns keep to what RE2 and
 * JavaScript share; objects are loose, so that an operator reads what a newer CRD stored. Never change a default in place: the API
 * server applies defaults when it reads, too, so it would change clusters that run.
 */

/** The API group of our resources, and the prefix of our labels. */
export const GROUP = 'mediacluster.dev';
/** The one version there is. */
export const VERSION = 'v1alpha1';
/** The kind as manifests write it. */
export const KIND = 'MediaCluster';
/** The kind as addresses of the API write it. */
export const PLURAL = 'mediaclusters';
/** Group and version as manifests write them. */
export const API_VERSION: string = `${GROUP}/${VERSION}`;

/** Longest name of a MediaCluster: its pods add an ordinal, later children a word, and all must fit the 63 characters of a label. */
export const MAX_NAME_LENGTH = 50;
/** Most pods of one MediaCluster. A bound for typing mistakes (`replicas: 30000`), not a limit of the design. */
export const MAX_REPLICAS = 1000;

// A resource quantity as Kubernetes' own API documents it.
const QUANTITY_PATTERN = /^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$/;
const quantity = z.union([z.int(), z.string().max(32).regex(QUANTITY_PATTERN)]);
const quantities = z.record(z.string().max(253), quantity).meta({ maxProperties: 16 });

const resources = z.object({
  limits: quantities.optional().describe('The most that a pod may use, by resource name.'),
  requests: quantities.optional().describe('What the scheduler reserves for a pod, by resource name.'),
});

const topologySpreadConstraint = z.object({
  maxSkew: z.int().min(1).max(MAX_REPLICAS).describe('By how many pods two topology domains may differ.'),
  topologyKey: z.string().min(1).max(316).describe('The kube node label whose values are the domains, such as topology.kubernetes.io/zone.'),
  whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']).describe('DoNotSchedule keeps a pod waiting rather than break the constraint.'),
  minDomains: z.int().min(1).max(MAX_REPLICAS).optional().describe('The least number of domains; with DoNotSchedule alone.'),
  nodeAffinityPolicy: z.enum(['Honor', 'Ignore']).optional().describe("Whether kube nodes outside the pod's node affinity count. Kubernetes' default: Honor."),
  nodeTaintsPolicy: z.enum(['Honor', 'Ignore']).optional().describe("Whether taints of kube nodes count. Kubernetes' default: Ignore."),
}).meta({
  'x-kubernetes-validations': [{
    rule: "!has(self.minDomains) || self.whenUnsatisfiable == 'DoNotSchedule'",
    message: 'minDomains may be set with whenUnsatisfiable: DoNotSchedule only',
  }],
});

const pod = z.object({
  resources: resources.optional().describe('CPU and memory of each pod. A media node wants whole CPUs: one mediasoup worker uses at most one.'),
  workers: z.int().min(1).max(256).default(16).describe('The most mediasoup workers that apps may have on one pod; one more is refused with NoCapacityError.'),
  topologySpreadConstraints: z.array(topologySpreadConstraint).max(8)
    .default([{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }])
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'] })
    .describe("How pods spread over the cluster. The label selector is this MediaCluster's own pods. Default: evenly over kube nodes, where possible."),
});

const exposure = z.object({
  mode: z.enum(['PodIP']).default('PodIP').describe("How peers reach the media. PodIP: by the pod's own address, which peers must be able to route to."),
});

const serviceAccount = z.object({
  namespace: z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).optional().describe("Its namespace. Default: the MediaCluster's."),
  name: z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/).optional().describe('Its name. Default: every ServiceAccount of that namespace.'),
}).meta({
  'x-kubernetes-validations': [{ rule: 'has(self.namespace) || has(self.name)', message: 'name a namespace, a name or both' }],
});

const authentication = z.object({
  enabled: z.boolean().default(true).describe('Whether an app must show who it is before it may do anything. False lets in everyone who reaches a pod.'),
  allowedServiceAccounts: z.array(serviceAccount).max(64).optional()
    .describe("ServiceAccounts whose pods may come in by their own tokens. Default: all of the MediaCluster's namespace. An empty list: none, the Secret's token alone opens."),
}).meta({
  'x-kubernetes-validations': [{
    rule: '!has(self.allowedServiceAccounts) || self.enabled',
    message: 'allowedServiceAccounts says nothing while authentication is not enabled',
  }],
});

const security = z.object({
  authentication: authentication.prefault({}).describe('Who may come in.'),
});

/** What a user asks for. */
export const mediaClusterSpec = z.object({
  replicas: z.int().min(0).max(MAX_REPLICAS).default(1).describe('How many media nodes (pods) there are.'),
  image: z.string().min(1).max(512).regex(/^\S+$/).optional()
    .describe("Image of the media node. Without it each new pod takes the operator's default, and an upgrade of the operator restarts no pod."),
  imagePullSecrets: z.array(z.object({ name: z.string().min(1).max(253).describe('Name of a Secret in this namespace.') })).max(16).optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Secrets with which the image is pulled.'),
  pod: pod.prefault({}).describe('What each pod is like.'),
  exposure: exposure.prefault({}).describe('How media of peers reaches the pods.'),
  security: security.prefault({}).describe('Who may use the pods.'),
});

const condition = z.object({
  type: z.string().min(1).max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().min(1).max(1024).regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32_768),
  lastTransitionTime: z.string().meta({ format: 'date-time' }),
  observedGeneration: z.int().min(0).optional(),
});

/** What the operator found. */
export const mediaClusterStatus = z.object({
  observedGeneration: z.int().min(0).optional().describe('The generation of the spec that this status speaks of.'),
  replicas: z.int().min(0).optional().describe('Pods that exist and are not on their way out.'),
  readyReplicas: z.int().min(0).optional().describe('Pods of these that are ready.'),
  selector: z.string().max(1024).optional().describe('Selects the pods, in the text form that the scale subresource wants.'),
  authSecretName: z.string().max(253).optional().describe("The Secret whose key `token` lets an app in. Absent while authentication isn't enabled."),
  conditions: z.array(condition).max(16).optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe("Ready: every pod asked for is ready; when False the reason is the pod's own. Progressing: the operator is changing something or waiting for a pod."),
});

/** The whole resource; metadata is Kubernetes' own business. */
export const mediaClusterSchema = z.object({
  spec: mediaClusterSpec.prefault({}).describe('What you ask for.'),
  status: mediaClusterStatus.optional().describe('What the operator found.'),
}).meta({
  'x-kubernetes-validations': [
    { rule: `size(self.metadata.name) <= ${MAX_NAME_LENGTH}`, message: `the name of a MediaCluster may have at most ${MAX_NAME_LENGTH} characters: its pods and Service are named after it` },
    { rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", message: 'the name of a MediaCluster must be a DNS label that begins with a letter: its Service is named after it' },
  ],
});

/** A spec with its defaults filled in. */
export type MediaClusterSpec = z.output<typeof mediaClusterSpec>;
/** What `status` holds. */
export type MediaClusterStatus = z.output<typeof mediaClusterStatus>;
/** `security.authentication`. */
export type Authentication = z.output<typeof authentication>;
/** One entry of `pod.topologySpreadConstraints`. */
export type TopologySpreadConstraint = z.output<typeof topologySpreadConstraint>;
/** A condition as Kubernetes writes it. */
export type Condition = z.output<typeof condition>;

/** A MediaCluster as the API server hands it out: not checked yet, since an older CRD may have let it in. */
export interface MediaCluster extends KubeObject {
  spec?: unknown;
  status?: MediaClusterStatus;
}

/** What `parseSpec` answers: the spec, or one line that says what is wrong with it. */
export type ParsedSpec = { spec: MediaClusterSpec; problem?: undefined } | { spec?: undefined; problem: string };

/** Reads the spec of an object, defaults filled in. Never throws; fields that this version doesn't know are left out. */
export function parseSpec(cluster: MediaCluster): ParsedSpec {
  const parsed = mediaClusterSpec.safeParse(cluster.spec ?? {});
  if (parsed.success) return { spec: parsed.data };
  return { problem: parsed.error.issues.map(issue => `${['spec', ...issue.path].join('.')}: ${issue.message}`).join('; ') };
}
