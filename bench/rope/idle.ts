import { once } from 'node:events';

import { RopeClient } from '@mediacluster/rope';
import type { WebSocket } from 'ws';

import { median } from './figures.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { watchedSocket } from './watched-socket.ts';
import { World } from './world.ts';

const STEP = 1_000;
const STEPS = 3;
const HEARTBEAT_MS = 2_000;
const SLOTS = 10;
const OFFLINE = 300;
const KIB = 1_024;

/** Sessions of which nobody hears for a while. */
export async function idle(templates: Templates): Promise<Row[]> {
  const world = await World.made({ templates, transports: 1, producers: 2, consumers: 10 }, { heartbeatMs: HEARTBEAT_MS, execArgv: ['--expose-gc'] });
  const { Socket, watch } = watchedSocket();
  const clients: Connected[] = [];
  await connect(world, Socket, clients, 200, 'own'); // what the first ones bring with them is none of theirs
  const bytes: number[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const before = await world.peer.ask<number>('rss');
    await connect(world, Socket, clients, STEP, 'own');
    bytes.push((await world.peer.ask<number>('rss') - before) / STEP);
  }
  const busiest = await busiestSlot(watch);
  for (const { client } of clients) client.destroy();
  const { most, sum } = await offline(world, Socket);
  await world.stop();
  return [
    { measure: 'RSS of an idle session on the server', measured: `${(STEP * STEPS).toLocaleString('en')} sessions`, value: median(bytes) / KIB, target: { atMost: 12, unit: 'KB' } },
    { measure: `pings in the busiest ${HEARTBEAT_MS / SLOTS} ms of ${HEARTBEAT_MS}`, measured: `${digits(100 / SLOTS)} % if they were spread evenly`, value: busiest * 100, target: { atMost: 20, unit: '%' } },
    { measure: 'replay buffer of one session without a link', measured: `${OFFLINE} of them, events without end`, value: most / KIB, target: { atMost: 256, unit: 'KiB' } },
    { measure: 'replay buffers of all sessions', measured: '', value: sum / KIB / KIB, target: { atMost: 64, unit: 'MiB' } },
  ];
}

interface Connected {
  readonly client: RopeClient;
  readonly socket: WebSocket;
}

/** All at once, as after a restart of the server. */
async function connect(world: World, Socket: typeof WebSocket, clients: Connected[], count: number, scope: 'own' | 'all'): Promise<void> {
  const nobody = () => {};
  for (let left = count; left > 0; left -= 100) {
    await Promise.all(Array.from({ length: Math.min(100, left) }, async () => {
      const sockets: WebSocket[] = [];
      class Own extends Socket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          sockets.push(this);
        }
      }
      const client = new RopeClient({
        url: world.url, WebSocket: Own, scope, backoff: { initialMs: 600_000, maxMs: 600_000 },
        host: { created: nobody, patched: nobody, event: nobody, closed: nobody, lost: nobody, left: nobody },
      });
      client.open();
      await once(client as never, 'connected');
      clients.push({ client, socket: sockets[0]! });
    }));
  }
}

/** The share of one interval's pings that fall into its busiest tenth. */
async function busiestSlot(watch: { onPing: () => void }): Promise<number> {
  const slots = Array.from({ length: SLOTS }, () => 0);
  const fromMs = performance.now();
  watch.onPing = () => {
    const slot = Math.floor((performance.now() - fromMs) / (HEARTBEAT_MS / SLOTS));
    if (slot < SLOTS) slots[slot]! += 1;
  };
  await new Promise(resolve => setTimeout(resolve, HEARTBEAT_MS));
  watch.onPing = () => {};
  return Math.max(...slots) / slots.reduce((sum, count) => sum + count, 0);
}

/** Breaks the links of some who see everything, then tells of more than is kept for them. */
async function offline(world: World, Socket: typeof WebSocket): Promise<{ most: number; sum: number }> {
  const clients: Connected[] = [];
  await connect(world, Socket, clients, OFFLINE, 'all');
  for (const { socket } of clients) socket.terminate();
  await world.peer.ask('unlinked');
  const worst = { most: 0, sum: 0 };
  for (let batch = 0; batch < 30; batch += 1) {
    await world.peer.ask('emit', { count: 100, from: batch });
    const { most, sum } = await world.peer.ask<{ most: number; sum: number }>('kept');
    worst.most = Math.max(worst.most, most);
    worst.sum = Math.max(worst.sum, sum);
  }
  for (const { client } of clients) client.destroy();
  return worst;
}
