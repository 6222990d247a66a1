/** The other app of a soak, which is killed again and again: `churn` makes, uses and closes objects; `flood` calls as fast as it can. */
import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';

import { repeatable } from '../tools/steps/tcp-proxy.mjs';
import { Churn, mediaCodecs } from './soak/churn.ts';
import { callsOf } from './soak/calls.ts';

const LANES = 4;
const FLOOD_AT_ONCE = 1_000;
const TELL_EVERY_MS = 250;

/** What this app has told last is what it did: it does not know when it is killed. */
export interface PeerWord {
  /** Objects of an earlier life that it found. */
  readonly found: number;
  readonly calls: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const [what, url, seed, ownerId] = process.argv.slice(2);
// It is a child; an orphan has nobody to soak for.
process.once('disconnect', () => process.exit());
const client = new RemoteMediasoupClient(url, { ownerId, clientName: `soak-peer ${what}` });
await once(client, 'connected');
const outcomes: Record<string, number> = {};
let found = 0;
if (what === 'flood') await flood();
else {
  const churn = new Churn({
    client,
    random: repeatable(Number(seed)),
    tell: outcome => { outcomes[outcome] = (outcomes[outcome] ?? 0) + 1; },
  });
  found = churn.adopt();
  churn.start(LANES);
}
const tell = (): void => void process.send?.({ found, calls: callsOf(client), outcomes } satisfies PeerWord);
tell();
setInterval(tell, TELL_EVERY_MS);

async function flood(): Promise<void> {
  const worker = await (client.mediasoup as Mediasoup).createWorker();
  const router = await worker.createRouter({ mediaCodecs });
  const again = (): Promise<unknown> => router.dump().then(again);
  for (let call = 0; call < FLOOD_AT_ONCE; call += 1) again().catch(() => {});
}
