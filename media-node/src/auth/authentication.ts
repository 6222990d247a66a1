import { UnauthorizedError } from '@mediacluster/rope';
import type { Authenticate, Credentials, Principal } from '@mediacluster/rope/server';

import type { Config } from '../node/config.ts';
import { BearerTokens } from './bearer-token.ts';
import { principal } from './principal.ts';
import type { PrincipalKind } from './principal.ts';
import { RefusalLog } from './refusal-log.ts';
import type { AuthLog } from './refusal-log.ts';
import type { TokenReviews, TokenReviewsOptions } from './token-review.ts';

/** What decides who may come in. */
export interface Authentication {
  /** By what one may: nothing means that everybody may. */
  readonly kinds: readonly PrincipalKind[];
  /** Absent where everybody may come in. */
  readonly authenticate?: Authenticate;
  close(): Promise<void>;
}

/**
 * Reads from the configuration who may come in: by a token where the node knows tokens and the client sends one, else by a client
 * certificate.
 *
 * @throws ConfigError when the file of tokens cannot be used, KubeError when Kubernetes is asked for and there is none
 */
export async function authentication({ auth, tls }: Pick<Config, 'auth' | 'tls'>, log: AuthLog): Promise<Authentication> {
  const { tokenFile, token, scopes } = auth;
  const tokens = tokenFile === undefined && token === undefined ? undefined : new BearerTokens({
    file: tokenFile,
    token,
    scopes: scopes.token,
    onProblem: error => log.warn({ file: tokenFile, why: error.message }, 'tokensNotRead'),
  });
  const reviews = auth.kubernetes ? await tokenReviews({ allow: auth.allow, scopes: scopes.serviceaccount }) : undefined;
  const kinds: PrincipalKind[] = [];
  if (tokens) kinds.push('token');
  if (reviews) kinds.push('serviceaccount');
  if (tls?.clientCa !== undefined) kinds.push('certificate');
  if (kinds.length === 0) return { kinds, close: async () => {} };

  const knowsTokens = tokens !== undefined || reviews !== undefined;
  const ways = [...(knowsTokens ? ['a token (option `token`)'] : []), ...(kinds.includes('certificate') ? ['a client certificate (option `tls`)'] : [])];
  const decide = async ({ token, peer: { certificate } }: Credentials): Promise<Principal> => {
    if (knowsTokens && token !== undefined) return tokens?.find(token) ?? await byReview(token, reviews);
    if (kinds.includes('certificate') && certificate) return byCertificate(certificate, scopes.certificate);
    throw new UnauthorizedError(`this node lets nobody in without ${ways.join(' or ')}`);
  };
  const refusals = new RefusalLog(log);
  return {
    kinds,
    async authenticate(credentials) {
      try {
        return await decide(credentials);
      } catch (error) {
        refusals.add(credentials, error as Error);
        throw error;
      }
    },
    close: async () => { await reviews?.close(); },
  };
}

/** Loaded where it is asked for: what speaks with Kubernetes costs a process 30 MB (measured). */
async function tokenReviews(options: TokenReviewsOptions): Promise<TokenReviews> {
  const { TokenReviews } = await import('./token-review.ts');
  return new TokenReviews(options);
}

function byReview(token: string, reviews: TokenReviews | undefined): Promise<Principal> {
  if (!reviews) throw new UnauthorizedError('this node does not know the token');
  return reviews.principalOf(token);
}

function byCertificate({ subject, authorized }: NonNullable<Credentials['peer']['certificate']>, scopes: Principal['scopes']): Principal {
  if (!authorized) throw new UnauthorizedError('the client certificate has expired, or none of the node\'s --tls-client-ca has signed it');
  if (subject === '') throw new UnauthorizedError('the client certificate has no common name (CN): nobody knows whose it is');
  return principal('certificate', subject, scopes);
}
