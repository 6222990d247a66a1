import { once } from 'node:events';

import { startTcpProxy } from '../../tools/steps/tcp-proxy.mjs';
import { median } from './figures.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { watchedSocket } from './watched-socket.ts';
import { World, consumersOf } from './world.ts';

const MISSED = 100;
const NEAR_MS = 10;
const FAR_MS = 50;

/** A link that breaks and is made again, to the last of the events that were missed: from the new socket on, and from the time it is open. */
export async function resume(rounds: number, templates: Templates): Promise<Row[]> {
  const world = await World.of(10_000, templates);
  const near = await startTcpProxy(world.url, { roundTripMs: NEAR_MS });
  const far = await startTcpProxy(world.url, { roundTripMs: FAR_MS });
  const { allMs, workMs } = await cuts(world, world.url, rounds * 3);
  const { allMs: nearMs } = await cuts(world, near.url, rounds);
  const { allMs: farMs } = await cuts(world, far.url, rounds);
  await Promise.all([near.close(), far.close()]);
  await world.stop();
  return [
    {
      measure: 'resume after a cut, in round trips', measured: `${digits(median(nearMs))} ms with ${NEAR_MS} ms there and back, ${digits(median(farMs))} ms with ${FAR_MS} ms`,
      // What grows with the distance: the rest is work.
      value: (median(farMs) - median(nearMs)) / (FAR_MS - NEAR_MS), target: { atMost: 2.05, unit: 'RTT' },
    },
    { measure: `resume with ${MISSED} missed events, once the socket is open`, measured: `${digits(median(allMs))} ms with the socket; ${world.objects.toLocaleString('en')} objects held`, value: median(workMs), target: { atMost: 2, unit: 'ms' } },
  ];
}

async function cuts(world: World, url: string, times: number): Promise<{ allMs: number[]; workMs: number[] }> {
  const { Socket, watch } = watchedSocket();
  const client = await world.enter({ url, WebSocket: Socket, backoff: { initialMs: 30, maxMs: 30 } });
  const allMs: number[] = [];
  const workMs: number[] = [];
  const consumers = consumersOf(client);
  let openMs = 0;
  client.on('websocketOpen', () => { openMs = performance.now(); });
  for (let time = -2; time < times; time += 1) {
    const from = (time + 2) * MISSED;
    const told = once(consumers[(from + MISSED - 1) % consumers.length] as never, 'score');
    watch.last!.terminate();
    await world.peer.ask('unlinked');
    await world.peer.ask('emit', { count: MISSED, from });
    await told;
    const nowMs = performance.now();
    if (time < 0) continue;
    allMs.push(nowMs - watch.madeAtMs);
    workMs.push(nowMs - openMs);
  }
  client.destroy();
  return { allMs, workMs };
}
