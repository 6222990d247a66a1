import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { KubeError } from '../errors.ts';
import { anonymous, type CredentialSource } from './credentials.ts';
import { inCluster, isInCluster } from './in-cluster.ts';
import { fromKubeconfig } from './kubeconfig.ts';

/** Where to look; everything is optional, and what is not given is the process's own. */
export interface Whereabouts {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  server?: string;
  clock: Clock;
  env?: Readonly<Record<string, string | undefined>>;
  home?: string;
  serviceAccountDir?: string;
}

/**
 * Finds the API server, in the order of Go's controller-runtime: what the caller names; `KUBECONFIG`; the pod's ServiceAccount;
 * `~/.kube/config`.
 * @throws KubeError `KUBE_CONFIG` when none is there, with what to do.
 */
export function locate(where: Whereabouts): CredentialSource {
  const source = find(where);
  return where.namespace === undefined ? source : { ...source, namespace: where.namespace };
}

function find({ kubeconfig, context, server, clock, env = process.env, home = homedir(), serviceAccountDir: dir }: Whereabouts): CredentialSource {
  if (server !== undefined) return anonymous(server, 'default');
  if (kubeconfig !== undefined) return fromKubeconfig([kubeconfig], context);
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '');
  if (listed.length > 0) {
    // kubectl passes over files of the list that are not there, unless none is.
    const present = listed.filter(path => existsSync(path));
    return fromKubeconfig(present.length > 0 ? present : listed, context);
  }
  if (context === undefined && isInCluster({ env, dir })) return inCluster({ env, dir, clock });
  const usual = join(home, '.kube', 'config');
  if (existsSync(usual)) return fromKubeconfig([usual], context);
  throw new KubeError('KUBE_CONFIG', `no Kubernetes found: KUBECONFIG is not set, this is no pod with a ServiceAccount, and ${usual} is not there`);
}
