import { TooManySessionsError } from '../errors.ts';

/** Who owns what a session makes. */
export interface Membership {
  /** The name of the principal. */
  readonly principal: string;
  /** The owner's key: the session's id, or one that several sessions share. */
  readonly owner: string;
}

export interface OwnersOptions {
  readonly maxSessionsPerOwner: number;
  readonly maxSessionsPerPrincipal: number;
}

/** The key of what sessions of one principal own together, under an id of their choice. Never that of a session. */
export function sharedOwner(principal: string, ownerId: string): string {
  return `owner:${JSON.stringify([principal, ownerId])}`;
}

/** Counts the sessions of each owner and of each principal. */
export class Owners {
  readonly #options: OwnersOptions;
  readonly #sessions = new Map<string, number>();
  readonly #ofPrincipal = new Map<string, number>();

  constructor(options: OwnersOptions) {
    this.#options = options;
  }

  /** A session begins. Throws a TooManySessionsError. */
  enter({ principal, owner }: Membership): void {
    const { maxSessionsPerOwner, maxSessionsPerPrincipal } = this.#options;
    if ((this.#sessions.get(owner) ?? 0) >= maxSessionsPerOwner) {
      throw new TooManySessionsError(`this ownerId has ${maxSessionsPerOwner} sessions, which is the limit: end others, or wait for their leases`);
    }
    if ((this.#ofPrincipal.get(principal) ?? 0) >= maxSessionsPerPrincipal) {
      throw new TooManySessionsError(`${principal} has ${maxSessionsPerPrincipal} sessions, which is the limit: end others, or wait for their leases`);
    }
    add(this.#sessions, owner, 1);
    add(this.#ofPrincipal, principal, 1);
  }

  /** A session has ended. Returns whether it was its owner's last. */
  leave({ principal, owner }: Membership): boolean {
    add(this.#ofPrincipal, principal, -1);
    return add(this.#sessions, owner, -1) === 0;
  }
}

function add(counts: Map<string, number>, key: string, by: number): number {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count;
}
