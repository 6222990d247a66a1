import { afterAll, expect, test } from '@jest/globals';

import { repeatable, startTcpProxy } from '../../../tools/steps/tcp-proxy.mjs';
import { connect, endAll, startSocketNode } from '../node-on-socket.ts';
import { CANNOT_PASS_REMOTE } from './cannot-pass.ts';
import { runUpstreamSuites } from './upstream.ts';

const UP_TO_BYTES = 20_000;

const node = await startSocketNode({ allowWorkerBin: true });
const proxy = await startTcpProxy(node.port);
const client = await connect(proxy.url);
const random = repeatable(1);
client.on('connected', cutSoon);
cutSoon();
afterAll(async () => {
  await endAll();
  await proxy.close();
});

/** After so many bytes, in the middle of whatever is being said then. */
function cutSoon(): void {
  proxy.cutAfter(Math.ceil(random() * UP_TO_BYTES));
}

await runUpstreamSuites({ name: 'a socket, cut often', mediasoup: client.mediasoup, cannotPass: CANNOT_PASS_REMOTE });

test('it was cut often, and no cut lost anything', async () => {
  while (client.inspect().resumes.replay < proxy.cuts) await new Promise(setImmediate); // the last one may be just now
  expect(proxy.cuts).toBeGreaterThan(100);
  expect(client.inspect().resumes).toEqual({ new: 1, snapshot: 0, replay: proxy.cuts });
});

test('they leave no object behind on the node', async () => {
  // The last words may be waiting for the link.
  while (Object.keys(node.server.objectCounts()).length > 0) await new Promise(setImmediate);
  expect(node.server.objectCounts()).toEqual({});
});
