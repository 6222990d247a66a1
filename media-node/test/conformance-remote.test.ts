import { readFileSync } from 'node:fs';

import { afterAll, describe, expect, test } from '@jest/globals';
import { conformance, quirks } from '@mediacluster/sdk/conformance';

import { connectWerift } from '../../client-sdk/test/werift-peer.ts';
import { differs } from './media-node-differs.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

test('docs/differences.md decides every quirk as it is examined here', () => {
  const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)`: .* \| (.*) \| .* \|$/gm)].map(([, name, ours]) => [name, ours !== 'the same'] as const);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(quirks.map(name => [name, name in differs])));
});

describe('conformance over Remote', () => conformance({
  open: async () => ({ mediasoup: (await connect((await startSocketNode()).url)).mediasoup, close: endAll }),
  signalWorker: true, // the node runs on this machine
  connectPeer: connectWerift,
  differs,
}, { describe, test, after: afterAll }));
