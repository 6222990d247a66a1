import { afterAll, expect, test } from '@jest/globals';

import { connect, endAll, startSocketNode } from '../node-on-socket.ts';
import { CANNOT_PASS_REMOTE } from './cannot-pass.ts';
import { runUpstreamSuites } from './upstream.ts';

const node = await startSocketNode({ allowWorkerBin: true });
const client = await connect(node.url);
afterAll(endAll);

await runUpstreamSuites({ name: 'a socket', mediasoup: client.mediasoup, cannotPass: CANNOT_PASS_REMOTE });

test('they leave no object behind on the node', async () => {
  await client.getStats(); // whatever was sent before has been done by then
  expect(node.server.objectCounts()).toEqual({});
});
