import { afterAll, describe, test } from '@jest/globals';
import { conformance } from '@mediacluster/sdk/conformance';

import { connectWerift } from '../../client-sdk/test/werift-peer.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

conformance({
  open: async () => ({ mediasoup: (await connect((await startSocketNode()).url)).mediasoup, close: endAll }),
  signalWorker: true, // the node runs on this machine
  connectPeer: connectWerift,
  // Each is told, with what an app sees of it, in docs/differences.md.
  differs: {
    lateChildStaysOpen: 'nobody could close it any more',
    rtpObserverPausesTwice: 'an event tells of a change, and there was one',
    canConsumeAfterServerClose: 'the producer is gone',
    subprocessCloseLater: 'the node does not tell when the process has ended',
    processSignals: 'the workers live in another process, whose signals are its own',
    workerBin: 'a client could start any program of the node',
  },
}, { describe, test, after: afterAll });
