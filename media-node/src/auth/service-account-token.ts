/** What a ServiceAccount's token says of itself. Nobody has checked it yet. */
export interface Claims {
  readonly audiences: readonly string[];
  /** In ms since 1970; without one it never ends. */
  readonly expiresAtMs: number;
}

/** Longer than any token of Kubernetes, which go in an HTTP header. */
const MAX_TOKEN_LENGTH = 16_384;

/** Reads the claims of a JSON Web Token (RFC 7519); `undefined` when it is none, so that nobody need be asked about it. */
export function claimsOf(token: string): Claims | undefined {
  const parts = token.split('.');
  if (token.length > MAX_TOKEN_LENGTH || parts.length !== 3) return undefined;
  try {
    const { aud, exp } = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString('utf8')) as { aud?: unknown; exp?: unknown };
    return {
      audiences: [aud].flat().filter(audience => typeof audience === 'string'),
      expiresAtMs: typeof exp === 'number' ? exp * 1_000 : Number.POSITIVE_INFINITY,
    };
  } catch {
    return undefined;
  }
}
