import { createHash } from 'node:crypto';

import { connectKube, kinds, systemClock } from '@mediacluster/kube';
import type { Clock, KubeClient, KubeObject } from '@mediacluster/kube';
import { ForbiddenError, UnauthorizedError } from '@mediacluster/rope';
import type { Principal } from '@mediacluster/rope/server';

import { AuthenticationUnavailableError } from '../errors.ts';
import { principal } from './principal.ts';
import { claimsOf } from './service-account-token.ts';

/** What tokens must be made for: one for the API server itself is refused, since whoever receives it could use it there. */
export const AUDIENCE = 'mediacluster';

/** How a node asks Kubernetes who a token belongs to. */
export interface TokenReviewsOptions {
  /** Who may come in: `namespace/serviceaccount`, or `namespace/*`. Default: the ServiceAccounts of the node's own namespace. */
  readonly allow: readonly string[];
  readonly scopes: Principal['scopes'];
  /** Default: the API of the cluster that this pod or `KUBECONFIG` names. Closed by `close()`. */
  readonly kube?: KubeClient;
  readonly clock?: Clock;
}

interface TokenReview extends KubeObject {
  spec: { token: string; audiences: string[] };
  status?: { authenticated?: boolean; user?: { username?: string }; audiences?: string[] };
}

/** What Kubernetes said of a token: whose it is, or nothing when it is nobody's. */
interface Verdict {
  readonly serviceAccount?: string;
  readonly atMs: number;
}

/** A ServiceAccount or a pod that is deleted takes its tokens along: so long one may still come in. */
const POSITIVE_MS = 60_000;
/** A wrong token stays wrong; a moment, so that a client which tries again and again costs the API server nothing. */
const NEGATIVE_MS = 5_000;
/** While the API does not answer, nothing is deleted either: who came in before may come back, and calls go on. */
const OUTAGE_MS = 600_000;
/** Below the 5 s that a socket has until its client must have come in. */
const TIMEOUT_MS = 4_000;
const MAX_UNDER_WAY = 64;
const MAX_KNOWN = 10_000;
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Asks Kubernetes, by a TokenReview, which ServiceAccount a token belongs to, and remembers the answer for a short while. */
export class TokenReviews {
  readonly #kube: KubeClient;
  readonly #clock: Clock;
  readonly #allow: ReadonlySet<string>;
  readonly #scopes: Principal['scopes'];
  /** By the token's hash: what is kept of a secret must not be one. */
  readonly #known = new Map<string, Verdict>();
  readonly #underWay = new Map<string, Promise<Verdict>>();

  /** @throws KubeError `KUBE_CONFIG` when there is no cluster to be found. */
  constructor({ allow, scopes, kube, clock = systemClock }: TokenReviewsOptions) {
    this.#kube = kube ?? connectKube({ timeoutMs: TIMEOUT_MS, userAgent: 'mediacluster-media-node' });
    this.#clock = clock;
    this.#allow = new Set(allow.length > 0 ? allow : [`${this.#kube.namespace}/*`]);
    this.#scopes = scopes;
  }

  /**
   * @throws UnauthorizedError when the token is not one of a ServiceAccount for our audience, ForbiddenError when that may not come in,
   * AuthenticationUnavailableError when Kubernetes cannot be asked
   */
  async principalOf(token: string): Promise<Principal> {
    const claims = claimsOf(token);
    if (!claims) throw new UnauthorizedError('the token is neither known to this node nor one of a ServiceAccount');
    if (claims.expiresAtMs <= this.#clock.nowMs()) throw new UnauthorizedError('the ServiceAccount\'s token has expired: read it from its file again at each attempt');
    if (!claims.audiences.includes(AUDIENCE)) {
      throw new UnauthorizedError(`the ServiceAccount's token is not for the audience ${AUDIENCE}: mount a projected one with this audience`);
    }
    const { serviceAccount } = await this.#verdict(token);
    if (serviceAccount === undefined) throw new UnauthorizedError('Kubernetes does not know this token as one of a ServiceAccount');
    const [namespace] = serviceAccount.split('/');
    if (!this.#allow.has(serviceAccount) && !this.#allow.has(`${namespace}/*`)) {
      throw new ForbiddenError(`ServiceAccount ${serviceAccount} may not come in here: add it to the node's --auth-allow`);
    }
    return principal('serviceaccount', serviceAccount, this.#scopes);
  }

  /** Ends what is under way and the connections. Safe to call twice. */
  async close(): Promise<void> {
    await this.#kube.close();
  }

  async #verdict(token: string): Promise<Verdict> {
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(key);
    const ageMs = known ? this.#clock.nowMs() - known.atMs : Number.POSITIVE_INFINITY;
    // A negative age: the clock was set back, and nothing is known of its age.
    if (known && ageMs >= 0 && ageMs < (known.serviceAccount === undefined ? NEGATIVE_MS : POSITIVE_MS)) return known;
    try {
      return await (this.#underWay.get(key) ?? this.#begin(key, token));
    } catch (error) {
      if (known?.serviceAccount !== undefined && ageMs >= 0 && ageMs < OUTAGE_MS) return known;
      throw error;
    }
  }

  /** One review for all who come with the same token at once. */
  #begin(key: string, token: string): Promise<Verdict> {
    if (this.#underWay.size >= MAX_UNDER_WAY) return Promise.reject(new AuthenticationUnavailableError('too many tokens are being looked at on this node: try again'));
    const review = this.#review(token).then(verdict => {
      this.#remember(key, verdict);
      return verdict;
    }).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, review);
    return review;
  }

  async #review(token: string): Promise<Verdict> {
    let review: TokenReview;
    try {
      review = await this.#kube.create<TokenReview>(kinds.tokenReviews, {
        metadata: { name: AUDIENCE }, // nothing is stored; with a name the call may be made again on another connection
        spec: { token, audiences: [AUDIENCE] },
      });
    } catch (cause) {
      // Its message goes to somebody who is not known yet: why, stands in the node's log.
      throw new AuthenticationUnavailableError('Kubernetes cannot be asked at this moment whose token this is: try again', { cause });
    }
    const { authenticated, user, audiences } = review.status ?? {};
    // An authenticator that knows nothing of audiences names none: its word would let in tokens that were made for others.
    const match = authenticated && audiences?.includes(AUDIENCE) ? SERVICE_ACCOUNT.exec(user?.username ?? '') : null;
    return { atMs: this.#clock.nowMs(), ...(match ? { serviceAccount: `${match[1]}/${match[2]}` } : {}) };
  }

  #remember(key: string, verdict: Verdict): void {
    this.#known.delete(key);
    this.#known.set(key, verdict);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value as string);
  }
}
