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

/** How an app proves who it is. */
export type Proof = 'account' | 'secret' | 'secretFile' | 'nothing';

/** What differs between apps. */
export interface AppOptions {
  /** Default `call`: of the Deployment, its ServiceAccount, and the label `app` of its pod. */
  name?: string;
  /** Default `account`: the projected token of its ServiceAccount, which the SDK finds by itself. */
  proof?: Proof;
  /** Where the MediaCluster is. Default: where the app is. */
  clusterNamespace?: string;
}

/** The example app: a ServiceAccount that may find media nodes and nothing else, and a Deployment of one. */
export function app(namespaceName: string, { name = 'call', proof = 'account', clusterNamespace = namespaceName }: AppOptions = {}): object[] {
  const metadata = { name, namespace: namespaceName };
  const { env = [], volumes = [], volumeMounts = [] } = proofs[proof];
  const container = {
    name: 'call',
    image: `localhost/mediacluster-example-call:${version}`,
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'MEDIACLUSTER_NAME', value: 'calls' }, { name: 'MEDIACLUSTER_NAMESPACE', value: clusterNamespace }, { name: 'DEBUG', value: 'mediacluster:*' }, ...env],
    ports: [{ name: 'http', containerPort: 3000 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts,
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: clusterNamespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'mediacluster-client' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: namespaceName }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            serviceAccountName: name,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [container],
            volumes,
          },
        },
      },
    },
  ];
}

const SECRET_FILE_FOLDER = '/etc/mediacluster';

/** As docs/mediacluster.md tells people to write it. */
const proofs: Record<Proof, { env?: object[]; volumes?: object[]; volumeMounts?: object[] }> = {
  account: {
    volumes: [{ name: 'mediacluster', projected: { sources: [{ serviceAccountToken: { audience: 'mediacluster', path: 'token' } }] } }],
    volumeMounts: [{ name: 'mediacluster', mountPath: '/var/run/secrets/mediacluster', readOnly: true }],
  },
  secret: { env: [{ name: 'MEDIACLUSTER_TOKEN', valueFrom: { secretKeyRef: { name: 'calls-auth', key: 'token' } } }] },
  secretFile: {
    env: [{ name: 'MEDIACLUSTER_TOKEN_FILE', value: `${SECRET_FILE_FOLDER}/token` }],
    volumes: [{ name: 'mediacluster', secret: { secretName: 'calls-auth' } }],
    volumeMounts: [{ name: 'mediacluster', mountPath: SECRET_FILE_FOLDER, readOnly: true }],
  },
  nothing: {},
};
