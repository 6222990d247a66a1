import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { KubeError } from '../errors.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

/** Where the kubelet mounts a pod's ServiceAccount. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet renews the token's file long before the old one ends; client-go reads it again every minute too. */
const REREAD_AFTER_MS = 60_000;

/** What the in-cluster credentials are read from. */
export interface InClusterPlace {
  env: Readonly<Record<string, string | undefined>>;
  dir?: string;
  clock: Clock;
}

/** Whether this process runs in a pod that has a ServiceAccount. */
export function isInCluster({ env, dir = SERVICE_ACCOUNT_DIR }: Omit<InClusterPlace, 'clock'>): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST']) && existsSync(join(dir, 'token'));
}

/**
 * The pod's ServiceAccount. It is three files, so this is done here: the Kubernetes client, which knows every other way to log in,
 * costs a second of start-up and 60 MB of memory, and nothing that runs in a pod needs it.
 * @throws KubeError `KUBE_CONFIG` when the files are not there.
 */
export function inCluster({ env, dir = SERVICE_ACCOUNT_DIR, clock }: InClusterPlace): CredentialSource {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  let known: { credentials: Credentials; readAtMs: number } | undefined;

  async function read(): Promise<Credentials> {
    try {
      const [token, ca] = await Promise.all([readFile(join(dir, 'token'), 'utf8'), readFile(join(dir, 'ca.crt'), 'utf8')]);
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    } catch (cause) {
      throw new KubeError('KUBE_CONFIG', `the ServiceAccount's files in ${dir} cannot be read: is automountServiceAccountToken off?`, { cause, retryable: true });
    }
  }

  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: readNamespace(dir),
    async get() {
      const nowMs = clock.nowMs();
      // A clock that was set back counts as a minute gone by: one read too many does no harm, an expired token does.
      if (!known || nowMs - known.readAtMs >= REREAD_AFTER_MS || nowMs < known.readAtMs) known = { credentials: await read(), readAtMs: nowMs };
      return known.credentials;
    },
    forget: () => {
      known = undefined;
    },
  };
}

function readNamespace(dir: string): string {
  try {
    return readFileSync(join(dir, 'namespace'), 'utf8').trim() || 'default';
  } catch {
    return 'default'; // a token mounted by hand, without its namespace
  }
}
