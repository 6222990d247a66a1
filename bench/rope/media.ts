import { once } from 'node:events';

import { RopeClient } from '@mediacluster/rope';
import { methods } from '@mediacluster/rope/contract';
import type { Methods } from '@mediacluster/rope/contract';
import { WebSocket } from 'ws';

import { median, ratio } from './figures.ts';
import type { Peer } from './run.ts';
import { cpuUs } from './run.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { World } from './world.ts';

const PACKETS = 20_000;
const PER_TICK = 16;
const PACKET = Buffer.alloc(1_200, 7);
/** More than this on its way, and a sender would lose the oldest. */
const WINDOW_BYTES = 1_024 * 1_024;

/** RTP packets from an app to a node, as they go to a DirectTransport there; beside it the same as base64 in JSON. */
export async function media(rounds: number, templates: Templates, keepApart: (peer: Peer) => () => void): Promise<Row[]> {
  const world = await World.of(25, templates);
  const nobody = () => {};
  const client = new RopeClient<Methods>({ url: world.url, WebSocket, methods, host: { created: nobody, patched: nobody, event: nobody, closed: nobody, lost: nobody, left: nobody } });
  client.open();
  await once(client as never, 'connected');
  const together = keepApart(world.peer);
  const sends = {
    binary: () => client.notify('producer.send', { producer: 1, data: PACKET }),
    base64: () => client.notify('dataProducer.send', { dataProducer: 1, text: PACKET.toString('base64') }),
  };
  const perSecond = { binary: [] as number[], base64: [] as number[] };
  const us = { binary: [] as number[], base64: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    for (const way of ['binary', 'base64'] as const) {
      await world.peer.ask('forgetPackets');
      const [appFrom, nodeFrom, fromMs] = [cpuUs(), await world.peer.cpuUs(), performance.now()];
      const all = world.peer.ask('packets', PACKETS);
      await sendAll(client, sends[way]);
      await all;
      const tookMs = performance.now() - fromMs;
      if (round < 0) continue;
      perSecond[way].push(PACKETS / (tookMs / 1_000));
      us[way].push((cpuUs() - appFrom + await world.peer.cpuUs() - nodeFrom) / PACKETS);
    }
  }
  together();
  client.destroy();
  await world.stop();
  return [
    { measure: `RTP of 1,200 B, ${PER_TICK} in a tick: packets/s`, measured: `base64 ${digits(median(perSecond.base64))}/s`, value: median(perSecond.binary), target: { atLeast: 100_000, unit: '/s' } },
    { measure: 'CPU for one, both ends', measured: `base64 ${digits(median(us.base64))} µs`, value: median(us.binary), target: { atMost: 8, unit: 'µs' } },
    { measure: 'packets/s ÷ base64 in JSON', measured: '', value: ratio(perSecond.binary, perSecond.base64), target: { atLeast: 2 } },
  ];
}

async function sendAll(client: RopeClient<Methods>, send: () => void): Promise<void> {
  for (let sent = 0; sent < PACKETS; sent += PER_TICK) {
    for (let packet = 0; packet < PER_TICK; packet += 1) send();
    await new Promise(resolve => setImmediate(resolve));
    if (sent % (16 * PER_TICK) === 0) while (client.inspect().keptBytes! > WINDOW_BYTES / 2) await new Promise(resolve => setImmediate(resolve));
  }
}
