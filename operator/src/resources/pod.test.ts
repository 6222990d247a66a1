import { describe, expect, test } from '@jest/globals';
import { Pod as PodModel } from 'kubernetes-models/v1/Pod';

import { faultsOf, unknownFields } from '../../test/kubernetes-checks.ts';
import { DEFAULT_IMAGE, OWNER, specOf } from '../../test/samples.ts';
import { buildPod } from './pod.ts';

const build = (spec: object = {}, ordinal = 0) =>
  buildPod({ clusterName: 'calls', namespace: 'media', ordinal, spec: specOf(spec), defaultImage: DEFAULT_IMAGE, owner: OWNER });
const everything = {
  image: 'a:1',
  imagePullSecrets: [{ name: 'registry' }],
  pod: {
    workers: 4,
    resources: { limits: { cpu: 2, memory: '1Gi' }, requests: { cpu: '500m' } },
    topologySpreadConstraints: [{ maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2, nodeAffinityPolicy: 'Honor', nodeTaintsPolicy: 'Honor' }],
  },
};

describe('a pod', () => {
  test.each([['a plain spec', {}], ['everything that a spec can say', everything]])('is what Kubernetes understands, of %s', (_what, spec) => {
    const pod = build(spec);
    expect(faultsOf(new PodModel(pod as ConstructorParameters<typeof PodModel>[0]))).toEqual([]);
    expect(unknownFields(pod, 'V1Pod')).toEqual([]);
  });

  test('is owned by its MediaCluster, under a stable name', () => {
    const { metadata } = build({}, 3);
    expect(metadata).toMatchObject({ name: 'calls-3', namespace: 'media', ownerReferences: [OWNER] });
    expect(metadata.labels).toMatchObject({ 'mediacluster.dev/cluster': 'calls', 'app.kubernetes.io/managed-by': 'mediacluster-operator' });
  });

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  test('passes the restricted Pod Security Standard', () => {
    const { spec } = build(everything);
    for (const { name: _, ...source } of spec.volumes ?? []) expect(['secret', 'projected']).toEqual(expect.arrayContaining(Object.keys(source)));
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec).not.toHaveProperty(field);
    expect(spec.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of spec.containers) {
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      for (const port of container.ports ?? []) expect(port).not.toHaveProperty('hostPort');
    }
  });

  test('leaves to the image which user it runs as', () => {
    expect(JSON.stringify(build(everything))).not.toContain('runAsUser');
  });

  test('gets no token but the one that it asks for, and no variables of other Services', () => {
    expect(build().spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false, serviceAccountName: 'calls-node' });
  });

  test('tells the media node all that it needs', () => {
    const env = build({ pod: { workers: 4 } }).spec.containers[0]?.env ?? [];
    expect(Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath]))).toEqual({
      MEDIASOUP_SERVER_NODE_NAME: 'metadata.name',
      MEDIASOUP_SERVER_HOST: '0.0.0.0',
      MEDIASOUP_SERVER_PORT: '4443',
      MEDIASOUP_SERVER_ADMIN_PORT: '9090',
      MEDIASOUP_SERVER_ANNOUNCED_ADDRESS: 'status.podIP',
      MEDIASOUP_SERVER_PIPE_ADDRESS: 'status.podIP',
      MEDIASOUP_SERVER_WEBRTC_SERVER: 'auto',
      MEDIASOUP_SERVER_MAX_WORKERS: '4',
      MEDIASOUP_SERVER_AUTH_TOKEN_FILE: '/var/run/mediacluster/auth/token',
      MEDIASOUP_SERVER_AUTH_KUBERNETES: 'true',
      MEDIASOUP_SERVER_AUTH_ALLOW: 'media/*',
    });
  });

  test('has the ports that probes and Service name, and is asked on the admin port', () => {
    const [container] = build().spec.containers;
    expect(container?.ports).toEqual([{ name: 'rope', containerPort: 4443, protocol: 'TCP' }, { name: 'admin', containerPort: 9090, protocol: 'TCP' }]);
    expect([container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map(probe => probe?.httpGet))
      .toEqual([{ path: '/livez', port: 'admin' }, { path: '/livez', port: 'admin' }, { path: '/readyz', port: 'admin' }]);
  });

  test('takes the image of the spec, else the operator\'s default', () => {
    expect(build().spec.containers[0]?.image).toBe(DEFAULT_IMAGE);
    expect(build({ image: 'a:1' }).spec.containers[0]?.image).toBe('a:1');
  });

  test('carries the spec\'s resources and pull secrets, and neither when there are none', () => {
    const { spec } = build(everything);
    expect(spec.containers[0]?.resources).toEqual(everything.pod.resources);
    expect(spec.imagePullSecrets).toEqual(everything.imagePullSecrets);
    expect(build().spec).not.toHaveProperty('imagePullSecrets');
    expect(build().spec.containers[0]).not.toHaveProperty('resources');
  });

  test('spreads among the pods of its own cluster', () => {
    expect(build().spec.topologySpreadConstraints).toEqual([{
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'mediacluster-node', 'mediacluster.dev/cluster': 'calls' } },
    }]);
  });

  test('keeps autoscalers from taking its machine away', () => {
    expect(build().metadata.annotations).toEqual({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false', 'karpenter.sh/do-not-disrupt': 'true' });
  });
});
