import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import { RopeServer } from '../src/server/index.ts';
import type { Credentials } from '../src/server/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'rope-peer-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate that nobody but itself has signed. */
function certificate(name: string, subject: string): { cert: string; key: string } {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-multivalue-rdn',
    '-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile,
  ], { stdio: 'pipe' });
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

const [known, stranger, nameless, twice] = [certificate('known', '/CN=app'), certificate('stranger', '/CN=app'), certificate('nameless', '/O=org'), certificate('twice', '/CN=app/CN=admin')];
const seen: Credentials[] = [];
const http = createServer({ ...known, ca: [known.cert], requestCert: true, rejectUnauthorized: false });
const server = new RopeServer({
  methods: {}, handlers: {}, node: { id: 'n', name: 'n', epoch: 'e' },
  authenticate: credentials => {
    seen.push(credentials);
    return { name: 'x', scopes: ['own'] };
  },
});

beforeAll(async () => {
  server.attach(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterAll(async () => {
  await server.close();
  http.close();
  http.closeAllConnections();
});

test.each([
  ['one that we trust', known, { subject: 'app', authorized: true }],
  ['one that we do not', stranger, { subject: 'app', authorized: false }],
  ['one without a common name', nameless, { subject: '', authorized: false }],
  ['one with several', twice, { subject: '', authorized: false }],
  ['none', {}, undefined],
])('a server knows the address and certificate of its peer: %s', async (_, shown, expected) => {
  const socket = new WebSocket(`wss://127.0.0.1:${(http.address() as AddressInfo).port}`, ['rope'], { ...shown, rejectUnauthorized: false });
  await once(socket, 'open');
  socket.send('{"hello":{"protocol":[1,1],"client":"c","scope":"own"}}');
  await once(socket, 'message');
  const { peer } = seen.at(-1)!;
  expect(peer).toEqual({ address: '127.0.0.1', ...(expected && { certificate: { ...expected, fingerprint256: expect.stringMatching(/^[0-9A-F:]{95}$/) } }) });
  socket.close();
  await once(socket, 'close');
});
