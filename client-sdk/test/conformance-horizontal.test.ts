import { afterAll, describe, test } from '@jest/globals';
import { LocalManager, MediasoupHorizontal } from '@mediacluster/sdk';
import { conformance } from '@mediacluster/sdk/conformance';
import * as mediasoup from 'mediasoup';

import { connectWerift } from './werift-peer.ts';

// Many managers as one behave as one mediasoup: here of two, so that workers land on either.
describe('conformance over a horizontal of two', () => conformance({
  open() {
    const horizontal = new MediasoupHorizontal([new LocalManager(mediasoup), new LocalManager(mediasoup)]);
    return { mediasoup: horizontal.mediasoup!, close: () => horizontal.destroy() };
  },
  signalWorker: true,
  connectPeer: connectWerift,
  differs: { failedPipeStays: 'what failed once may work the next time' },
}, { describe, test, after: afterAll }));
