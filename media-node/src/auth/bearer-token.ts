import { createHash, timingSafeEqual } from 'node:crypto';

import type { Principal } from '@mediacluster/rope/server';

import { parseScopes } from '../node/scopes.ts';
import { FreshFiles } from './fresh-files.ts';
import type { OnProblem } from './fresh-files.ts';
import { principal } from './principal.ts';

/** Where a node's own tokens come from; both may be given. */
export interface BearerTokensOptions {
  /** A file with a line for each token: `token [name] [scopes]`. Read again when it has changed. */
  readonly file?: string;
  /** One token more, named `default`. */
  readonly token?: string;
  /** What a token may do whose line does not say so. */
  readonly scopes: Principal['scopes'];
  readonly onProblem: OnProblem;
}

interface KnownToken {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** The name of a token that has none: the old and the new one of a rotation are one principal. */
const UNNAMED = 'default';
const NAME = /^[\w.@-]{1,200}$/;

/** The tokens that a node knows by itself. Only their hashes are kept. */
export class BearerTokens {
  readonly #fixed: readonly KnownToken[];
  readonly #file: FreshFiles<readonly KnownToken[]> | undefined;

  /** @throws ConfigError when the file cannot be read, or a line of it is wrong */
  constructor({ file, token, scopes, onProblem }: BearerTokensOptions) {
    this.#fixed = token === undefined ? [] : [known(token, UNNAMED, scopes)];
    this.#file = file === undefined ? undefined : new FreshFiles([file], ([text]) => parse(text as string, scopes), onProblem);
  }

  /** Whose token this is; `undefined` when it is not known. Takes as long for a wrong token as for a right one. */
  find(token: string): Principal | undefined {
    const digest = digestOf(token);
    let found: Principal | undefined;
    // Through to the end, whatever is found: how long it takes tells nothing.
    for (const { digest: expected, principal } of [...this.#fixed, ...this.#file?.value ?? []]) {
      if (timingSafeEqual(digest, expected)) found ??= principal;
    }
    return found;
  }
}

function parse(text: string, scopes: Principal['scopes']): KnownToken[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    // The message must not repeat the line: there is a token in it.
    const fail = (why: string): never => { throw new Error(`line ${index + 1} ${why}`); };
    const [token, name = UNNAMED, own, ...rest] = line.trim().split(/\s+/);
    if (!token || token.startsWith('#')) return [];
    if (!NAME.test(name)) fail('has a name with other characters than letters, digits and _ . @ -');
    const given = own === undefined ? scopes : parseScopes(own);
    if (!given || rest.length > 0) fail('must read: token [name] [scopes], the scopes such as own+observe');
    return [known(token, name, given as Principal['scopes'])];
  });
}

function known(token: string, name: string, scopes: Principal['scopes']): KnownToken {
  return { digest: digestOf(token), principal: principal('token', name, scopes) };
}

/** Of equal length for all, as `timingSafeEqual` asks for. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
