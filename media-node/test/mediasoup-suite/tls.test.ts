import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { Authority } from '../certificates.ts';
import { connect, endAll } from '../node-on-socket.ts';
import { startServer } from '../server-process.ts';
import { CANNOT_PASS_REMOTE } from './cannot-pass.ts';
import { runUpstreamSuites } from './upstream.ts';

// The node is a process of its own here, as it is in the field: this one has no mediasoup running.
const authority = new Authority();
const { certFile, keyFile } = authority.sign('/CN=node');
const tokens = join(authority.folder, 'tokens');
const TOKEN = 'correct-horse-battery-staple';
writeFileSync(tokens, `${TOKEN} suite\n`);

const server = await startServer('--tls-cert', certFile, '--tls-key', keyFile, '--auth-token-file', tokens, '--allow-worker-bin');
const client = await connect(server.url, { token: TOKEN, tls: { ca: authority.ca.cert } });
afterAll(async () => {
  await endAll();
  await server.kill('SIGTERM');
  authority.remove();
});

await runUpstreamSuites({ name: 'TLS, with a token', mediasoup: client.mediasoup, cannotPass: CANNOT_PASS_REMOTE });

test('they leave no worker behind on the node', async () => {
  await client.getStats(); // whatever was sent before has been done by then
  expect(server.url).toMatch(/^wss:/);
  expect((await server.status()).workers).toEqual([]);
});
