import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';

import { Authority } from '../../test/certificates.ts';
import type { Certificate } from '../../test/certificates.ts';
import { ConfigError } from '../errors.ts';
import { createTlsServer } from './tls.ts';

let authority: Authority;
let first: Certificate;
let second: Certificate;
let problems: Error[];
let server: Server;
const sockets: TLSSocket[] = [];

beforeAll(() => {
  authority = new Authority();
  first = authority.sign('/CN=first');
  second = authority.sign('/CN=second');
});
afterAll(() => authority.remove());

const file = (name: string): string => join(authority.folder, name);
const install = ({ certFile, keyFile }: Certificate): void => {
  copyFileSync(certFile, file('tls.crt'));
  copyFileSync(keyFile, file('tls.key'));
};

async function listen(clientCa?: string): Promise<void> {
  server = createTlsServer({ cert: file('tls.crt'), key: file('tls.key'), clientCa }, (_, response) => void response.end('here'), error => problems.push(error));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** The common name that the server shows, and the socket. */
async function shown(options: ConnectionOptions = {}): Promise<{ name: unknown; socket: TLSSocket }> {
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: authority.ca.cert, ...options });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return { name: socket.getPeerCertificate().subject.CN, socket };
}

beforeEach(() => {
  problems = [];
  install(first);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
});

test('shows new certificates from the next connection on, and keeps those that are there', async () => {
  await listen();
  const before = await shown();
  expect(before.name).toBe('first');
  install(second);
  expect((await shown()).name).toBe('second');
  before.socket.write('GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n');
  expect(String((await once(before.socket, 'data'))[0])).toContain('200 OK');
  expect(problems).toEqual([]);
});

test('goes on with the old ones while the new ones do not fit together', async () => {
  await listen();
  copyFileSync(second.certFile, file('tls.crt')); // its key is not there yet
  expect([(await shown()).name, (await shown()).name]).toEqual(['first', 'first']);
  expect(problems).toHaveLength(1);
  copyFileSync(second.keyFile, file('tls.key'));
  expect((await shown()).name).toBe('second');
});

test('asks for certificates of clients only where somebody has signed them, and takes a changed list of who may', async () => {
  await listen();
  const accepted = async (options: ConnectionOptions): Promise<[string | undefined, boolean]> => {
    const secure = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    await shown(options);
    const [socket] = await secure;
    return [socket.getPeerCertificate().subject?.CN as string | undefined, socket.authorized];
  };
  const { cert, key } = second;
  expect(await accepted({ cert, key })).toEqual([undefined, false]);
  server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  await once(server, 'close');

  const other = new Authority();
  const stranger = other.sign('/CN=stranger');
  copyFileSync(authority.ca.certFile, file('clients.pem'));
  await listen(file('clients.pem'));
  expect(await accepted({ cert, key })).toEqual(['second', true]);
  expect(await accepted({})).toEqual([undefined, false]);
  expect(await accepted({ cert: stranger.cert, key: stranger.key })).toEqual(['stranger', false]);
  copyFileSync(other.ca.certFile, file('clients.pem'));
  expect(await accepted({ cert: stranger.cert, key: stranger.key })).toEqual(['stranger', true]);
  expect(await accepted({ cert, key })).toEqual(['second', false]);
  other.remove();
});

test('speaks TLS 1.2 and newer', async () => {
  await listen();
  expect((await shown({ maxVersion: 'TLSv1.2' })).name).toBe('first');
  install(second); // and after a change too
  await expect(shown({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
});

test('does not begin with files that are none', () => {
  writeFileSync(file('tls.key'), 'no key');
  const begin = (): Server => createTlsServer({ cert: file('tls.crt'), key: file('tls.key') }, () => {}, () => {});
  expect(begin).toThrow(ConfigError);
  expect(begin).toThrow(/tls\.crt, .*tls\.key cannot be used/);
});
