// What a user would apply by hand, as objects: kubectl takes JSON as well as YAML.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** A namespace that refuses every pod that does not meet the restricted standard. */
export function namespace(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Its pods must stand on different kube nodes as long as there are enough of them. */
export function mediaCluster(namespaceName: string, replicas: number): object {
  const topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' }];
  return {
    apiVersion: 'mediacluster.dev/v1alpha1',
    kind: 'MediaCluster',
    metadata: { name: 'calls', namespace: namespaceName },
    spec: { replicas, pod: { topologySpreadConstraints } },
  };
}

/** The example app: a ServiceAccount that may find media nodes and nothing else, and a Deployment of one. */
export function app(namespaceName: string): object[] {
  const metadata = { name: 'call', namespace: namespaceName };
  const container = {
    name: 'call',
    image: `localhost/mediacluster-example-call:${version}`,
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'MEDIACLUSTER_NAME', value: 'calls' }, { name: 'DEBUG', value: 'mediacluster:*' }],
    ports: [{ name: 'http', containerPort: 3000 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'mediacluster-client' },
      subjects: [{ kind: 'ServiceAccount', name: 'call', namespace: namespaceName }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { app: 'call' } },
        template: {
          metadata: { labels: { app: 'call' } },
          spec: {
            serviceAccountName: 'call',
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [container],
          },
        },
      },
    },
  ];
}
