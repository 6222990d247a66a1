import { afterAll, expect, test } from '@jest/globals';

import { startTcpProxy } from '../../../tools/steps/tcp-proxy.mjs';
import { connect, endAll, startSocketNode } from '../node-on-socket.ts';
import { CANNOT_PASS_REMOTE } from './cannot-pass.ts';
import { runUpstreamSuites } from './upstream.ts';

const node = await startSocketNode({ allowWorkerBin: true });
const proxy = await startTcpProxy(node.port, { roundTripMs: 20, jitterMs: 10 });
const client = await connect(proxy.url);
afterAll(async () => {
  await endAll();
  await proxy.close();
});

await runUpstreamSuites({ name: 'a socket, 20 ms away', mediasoup: client.mediasoup, cannotPass: CANNOT_PASS_REMOTE });

test('the way is as long as it says', async () => {
  const startMs = performance.now();
  await client.getStats();
  expect(performance.now() - startMs).toBeGreaterThan(18); // timers may ring a millisecond early, at each end
});

test('they leave no object behind on the node', async () => {
  await client.getStats(); // whatever was sent before has been done by then
  expect(node.server.objectCounts()).toEqual({});
});
