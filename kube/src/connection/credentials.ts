/** What TLS needs to know about the API server and, with a client certificate, about us. */
export interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  pfx?: string | Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** What one request is sent with. */
export interface Credentials {
  headers: Record<string, string>;
  tls: TlsOptions;
}

/** Where the API server is, and who we are to it. */
export interface CredentialSource {
  /** Without a slash at its end. */
  readonly server: string;
  readonly namespace: string;
  /** The proxy through which the server is reached. */
  readonly proxyUrl?: string;
  /** Credentials for the next request; cheap to ask for each one. Rejects with a `KubeError` (`KUBE_CONFIG`). */
  get(): Promise<Credentials>;
  /** The server refused the last ones (401): whatever is kept in memory is forgotten. */
  forget(): void;
}

/** A server that asks nobody who they are, as in tests and behind `kubectl proxy`. */
export function anonymous(server: string, namespace: string): CredentialSource {
  return { server: server.replace(/\/+$/, ''), namespace, get: () => Promise.resolve({ headers: {}, tls: {} }), forget: () => {} };
}
