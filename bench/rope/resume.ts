import { once } from 'node:events';

import { startTcpProxy } from '../../tools/steps/tcp-proxy.mjs';
import { median } from './figures.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { watchedSocket } from './watched-socket.ts';
import { World } from './world.ts';

const MISSED = 100;
const NEAR_MS = 10;
const FAR_MS = 50;

/** A link that breaks and is made again: from the new socket to the last of the events that were missed. */
export async function resume(rounds: number, templates: Templates): Promise<Row[]> {
  const world = await World.of(10_000, templates);
  const near = await startTcpProxy(world.url, { roundTripMs: NEAR_MS });
  const far = await startTcpProxy(world.url, { roundTripMs: FAR_MS });
  const direct = await cuts(world, world.url, rounds * 3);
  const nearMs = await cuts(world, near.url, rounds);
  const farMs = await cuts(world, far.url, rounds);
  await Promise.all([near.close(), far.close()]);
  await world.stop();
  return [
    {
      measure: 'resume after a cut, in round trips', measured: `${digits(median(nearMs))} ms with ${NEAR_MS} ms there and back, ${digits(median(farMs))} ms with ${FAR_MS} ms`,
      // What grows with the distance: the rest is work.
      value: (median(farMs) - median(nearMs)) / (FAR_MS - NEAR_MS), target: { atMost: 2.05, unit: 'RTT' },
    },
    { measure: `resume with ${MISSED} missed events, all in all`, measured: `${world.objects.toLocaleString('en')} objects held`, value: median(direct), target: { atMost: 2, unit: 'ms' } },
  ];
}

async function cuts(world: World, url: string, times: number): Promise<number[]> {
  const { Socket, watch } = watchedSocket();
  const client = await world.enter({ url, WebSocket: Socket as never, backoff: { initialMs: 30, maxMs: 30 } });
  const tookMs: number[] = [];
  for (let time = -2; time < times; time += 1) {
    const target = client.inspect().received! + MISSED;
    const connected = once(client as never, 'connected');
    watch.last!.terminate();
    await world.peer.ask('unlinked');
    await world.peer.ask('emit', { count: MISSED, from: (time + 2) * MISSED });
    await connected;
    while (client.inspect().received! < target || client.inspect().unhandled! > 0) await new Promise(resolve => setImmediate(resolve));
    if (time >= 0) tookMs.push(performance.now() - watch.madeAtMs);
  }
  client.destroy();
  return tookMs;
}
