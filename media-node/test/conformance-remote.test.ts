import { readFileSync } from 'node:fs';

import { afterAll, describe, expect, test } from '@jest/globals';
import { conformance, quirks } from '@mediacluster/sdk/conformance';
import type { ConformanceOptions } from '@mediacluster/sdk/conformance';

import { connectWerift } from '../../client-sdk/test/werift-peer.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

// Each is told, with what an app sees of it, in docs/differences.md.
const differs = {
  lateChildStaysOpen: 'nobody could close it any more',
  rtpObserverPausesTwice: 'an event tells of a change, and there was one',
  canConsumeAfterServerClose: 'the producer is gone',
  failedPipeStays: 'what failed once may work the next time',
  subprocessCloseLater: 'the node does not tell when the process has ended',
  processSignals: 'the workers live in another process, whose signals are its own',
  workerBin: 'a client could start any program of the node',
} as const satisfies ConformanceOptions['differs'];

test('docs/differences.md decides every quirk as it is examined here', () => {
  const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)`: .* \| (.*) \| .* \|$/gm)].map(([, name, ours]) => [name, ours !== 'the same'] as const);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(quirks.map(name => [name, name in differs])));
});

conformance({
  open: async () => ({ mediasoup: (await connect((await startSocketNode()).url)).mediasoup, close: endAll }),
  signalWorker: true, // the node runs on this machine
  connectPeer: connectWerift,
  differs,
}, { describe, test, after: afterAll });
