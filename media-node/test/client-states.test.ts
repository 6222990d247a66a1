import { afterAll, expect, test } from '@jest/globals';
import { RemoteMediasoupClient } from '@mediacluster/sdk';

import { describeClientStates } from '../../client-sdk/test/client-states.ts';
import { endAll, startSocketNode } from './node-on-socket.ts';

// The same table describes the client mock: client-sdk/test/mock.test.ts.
const { url, server } = await startSocketNode();
afterAll(endAll);

describeClientStates({ url: () => url, make: (...args) => new RemoteMediasoupClient(...args) });

test('whatever they did, nothing of them is left on the node', async () => {
  await server.goodbye('end of test');
  while (server.workerCount > 0) await new Promise(setImmediate); // the one that nobody waited for takes its time to start
  expect([server.sessionCount, server.objectCounts()]).toEqual([0, {}]);
});
