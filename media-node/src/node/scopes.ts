import type { Scope } from '@mediacluster/rope';

/** What a client may ask to see and change, least first. */
const SCOPES: readonly Scope[] = ['observe', 'own', 'all'];

/** `own+observe` → its scopes; `undefined` when one of them is none. */
export function parseScopes(text: string): readonly Scope[] | undefined {
  const scopes = text.split('+') as Scope[];
  return scopes.every(scope => SCOPES.includes(scope)) ? scopes : undefined;
}
