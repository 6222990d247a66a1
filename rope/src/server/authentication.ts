import type { Scope } from '../protocol/message.ts';
import type { Peer } from '../session/transport.ts';

/** Who a client is, as the server has found out, and what it may do. */
export interface Principal {
  /** Stands for it in logs, and for what it owns: two clients of one name are the same. */
  readonly name: string;
  /** What it may come in with. */
  readonly scopes: readonly Scope[];
}

/** What a client shows before anything of it is looked at. */
export interface Credentials {
  readonly token?: string;
  readonly ownerId?: string;
  readonly scope: Scope;
  readonly peer: Peer;
}

/**
 * Finds out who comes in. Throws an UnauthorizedError or a ForbiddenError to refuse it; whatever else it throws says that it
 * cannot be found out now, and the client tries again.
 */
export type Authenticate = (credentials: Credentials) => Principal | Promise<Principal>;

const SCOPES: readonly Scope[] = ['own', 'all', 'observe'];

/** Lets everybody in, with every scope: for a server that only friends can reach. */
export const allowEverybody: Authenticate = () => ({ name: 'anonymous', scopes: SCOPES });
