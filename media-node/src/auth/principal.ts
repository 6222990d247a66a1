import type { Principal } from '@mediacluster/rope/server';

/** What was proven: by a token of this node's own, by a certificate, or by a ServiceAccount of Kubernetes. */
export type PrincipalKind = 'token' | 'certificate' | 'serviceaccount';

/** A principal's name carries its kind: equal names of two kinds are not one owner. */
export function principal(kind: PrincipalKind, name: string, scopes: Principal['scopes']): Principal {
  return { name: `${kind}:${name}`, scopes };
}
