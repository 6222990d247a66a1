import type { Authentication } from '../api/v1alpha1.ts';
import { TOKEN_KEY } from './auth-secret.ts';
import { authSecretName } from './names.ts';
import type { EnvVar, Volume, VolumeMount } from './objects.ts';

/** What a media node needs to know who comes in: where its Secret is, and a token of its own to ask Kubernetes about the tokens of others. */
export interface AuthParts {
  env: EnvVar[];
  volumes: Volume[];
  volumeMounts: VolumeMount[];
}

const SECRET_FOLDER = '/var/run/mediacluster/auth';
/** Where every Kubernetes client looks for the token of its pod. */
const API_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews it in time. Not 3607: of tokens that live that long the API server thinks they are of the old kind, and makes it a year. */
const API_TOKEN_SECONDS = 3_600;

/** The parts of a pod by which its media node asks who comes in; all empty where it lets everyone in. */
export function authParts(clusterName: string, namespace: string, { enabled, allowedServiceAccounts }: Authentication): AuthParts {
  if (!enabled) return { env: [], volumes: [], volumeMounts: [] };
  const secret = part('auth', SECRET_FOLDER, { secret: { secretName: authSecretName(clusterName) } });
  const parts = {
    env: [{ name: 'MEDIASOUP_SERVER_AUTH_TOKEN_FILE', value: `${SECRET_FOLDER}/${TOKEN_KEY}` }],
    volumes: [secret.volume],
    volumeMounts: [secret.mount],
  };
  const allowed = (allowedServiceAccounts ?? [{ namespace }]).map(account => `${account.namespace ?? namespace}/${account.name ?? '*'}`);
  if (allowed.length === 0) return parts; // the Secret's token alone: no reason to speak with the Kubernetes API
  const api = part('kube-api', API_FOLDER, { projected: { sources: apiAccess } });
  return {
    env: [...parts.env, { name: 'MEDIASOUP_SERVER_AUTH_KUBERNETES', value: 'true' }, { name: 'MEDIASOUP_SERVER_AUTH_ALLOW', value: allowed.join(',') }],
    volumes: [...parts.volumes, api.volume],
    volumeMounts: [...parts.volumeMounts, api.mount],
  };
}

/** What Kubernetes mounts by itself where a pod leaves it to do so; said here, it reaches this one container, and nothing that a webhook adds. */
const apiAccess = [
  { serviceAccountToken: { path: 'token', expirationSeconds: API_TOKEN_SECONDS } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
];

function part(name: string, mountPath: string, source: Omit<Volume, 'name'>): { volume: Volume; mount: VolumeMount } {
  return { volume: { name, ...source }, mount: { name, mountPath, readOnly: true } };
}
