import { afterAll, describe, test } from '@jest/globals';
import { conformance } from '@mediacluster/sdk/conformance';
import * as mediasoup from 'mediasoup';

import { connectWerift } from './werift-peer.ts';

// The suite tells the truth about mediasoup: it passes on mediasoup itself, without a difference declared.
describe('conformance over plain mediasoup', () => conformance({ open: () => ({ mediasoup }), signalWorker: true, connectPeer: connectWerift }, { describe, test, after: afterAll }));
