import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { RequestListener } from 'node:http';
import { createSecureContext } from 'node:tls';

import { FreshFiles } from './fresh-files.ts';
import type { OnProblem } from './fresh-files.ts';

/** PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Clients are asked for a certificate that this one has signed. */
  readonly clientCa?: string;
}

interface Pem {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
  readonly minVersion: 'TLSv1.2';
}

const HANDSHAKE_TIMEOUT_MS = 10_000; // as long as a client of ours waits for its connection

/**
 * An HTTPS server whose certificates may be renewed at any time: the next connection gets the new ones, those that are there stay.
 * A client without a certificate, or with a bad one, gets as far as authentication, which tells it why it is refused.
 *
 * @throws ConfigError when the files cannot be used
 */
export function createTlsServer({ cert, key, clientCa }: TlsFiles, listener: RequestListener, onProblem: OnProblem): Server {
  const files = new FreshFiles([cert, key, ...(clientCa === undefined ? [] : [clientCa])], texts => pemOf(texts), onProblem);
  let current = files.value;
  const server = createServer({ ...current, requestCert: clientCa !== undefined, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, listener);
  // Before the server's own listener, which begins the handshake with the certificates that it finds.
  server.prependListener('connection', () => {
    const next = files.value;
    if (next === current) return;
    current = next;
    server.setSecureContext(next);
  });
  return server;
}

function pemOf([cert, key, ca]: readonly string[]): Pem {
  const pem: Pem = { cert, key, ca, minVersion: 'TLSv1.2' };
  createSecureContext(pem); // throws when they are no certificates, or the key is another one's
  return pem;
}
