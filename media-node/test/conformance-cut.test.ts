import { afterAll, describe, test } from '@jest/globals';
import { conformance } from '@mediacluster/sdk/conformance';

import { connectWerift } from '../../client-sdk/test/werift-peer.ts';
import { startTcpProxy } from '../../tools/steps/tcp-proxy.mjs';
import { differs } from './media-node-differs.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

const CUT_EVERY_MS = 60; // a case takes 5 to 500 ms: hundreds of cuts in all, at any byte

// An app does not notice that its link breaks: not one case may tell the difference.
describe(`conformance over Remote, cut every ${CUT_EVERY_MS} ms`, () => conformance({
  open: async () => {
    const proxy = await startTcpProxy((await startSocketNode()).port);
    const { mediasoup } = await connect(proxy.url);
    const cutting = setInterval(() => proxy.cut(), CUT_EVERY_MS);
    return {
      mediasoup,
      async close() {
        clearInterval(cutting);
        await endAll();
        await proxy.close();
      },
    };
  },
  signalWorker: true,
  connectPeer: connectWerift,
  differs,
}, { describe, test, after: afterAll }));
