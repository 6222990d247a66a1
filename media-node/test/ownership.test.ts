import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

import { afterEach, describe, expect, test } from '@jest/globals';
import type { RemoteMediasoupClientOptions } from '@mediacluster/sdk';
import type { Router, Worker } from 'mediasoup/types';

import { repeatable } from '../../tools/steps/tcp-proxy.mjs';
import { AppProcess } from './apps/app-process.ts';
import { connect as connectClient, endAll } from './node-on-socket.ts';
import { opus, rtpCapabilities, rtpPacket } from './rtp.ts';
import { childrenOf, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** Real nodes, real apps that are really killed, and real RTP. `CRASHES` says how often an app crashes in a row. */
const CRASHES = Number(process.env['CRASHES'] ?? 50);
/** More would only wait for each other on a machine with two cores. */
const AT_ONCE = 4;
const SEND_EVERY_MS = 5;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  await endAll();
});

const start = async (...args: string[]): Promise<ServerProcess> => {
  const server = await startServer(...args);
  ends.push(() => server.kill('SIGKILL'));
  return server;
};

const launch = (...args: ConstructorParameters<typeof AppProcess>): AppProcess => {
  const app = new AppProcess(...args);
  ends.push(() => app.kill());
  return app;
};

const connect = (url: string, options?: RemoteMediasoupClientOptions): ReturnType<typeof connectClient> => connectClient(url, options);

/** A node is asked until it is as it shall be: what it does in its own time tells nobody outside. */
async function until(server: ServerProcess, holds: (status: Awaited<ReturnType<ServerProcess['status']>>) => boolean): Promise<void> {
  while (!holds(await server.status()));
}

/** Whom RTP packets reach, by their sequence numbers. */
class Listener {
  readonly sequences: number[] = [];
  #heard = (): void => {};

  packet(packet: Uint8Array): void {
    this.sequences.push(Buffer.from(packet).readUInt16BE(2));
    this.#heard();
  }

  /** Resolves when so many more have come. */
  async hears(count: number): Promise<void> {
    const enough = this.sequences.length + count;
    while (this.sequences.length < enough) await new Promise<void>(resolve => { this.#heard = resolve; });
  }

  /** How many are missing between the first and the last; more than none when something came twice too. */
  get lost(): number {
    const { sequences } = this;
    return Math.abs(sequences.at(-1)! - sequences[0]! + 1 - sequences.length) + (sequences.length - new Set(sequences).size);
  }
}

async function udp(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  ends.push(() => socket.close());
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}

async function listen(): Promise<Listener & { port: number }> {
  const { socket, port } = await udp();
  const listener = Object.assign(new Listener(), { port });
  // A mediasoup that shares the port speaks RTCP on it as well: packet types 200 to 207.
  socket.on('message', packet => packet[1]! >= 200 && packet[1]! <= 207 || listener.packet(packet));
  return listener;
}

/** Somebody who talks all the time, as a microphone does. */
async function talk(port: number): Promise<void> {
  const { socket } = await udp();
  let sequence = 0;
  const timer = setInterval(() => socket.send(rtpPacket({ ssrc: 1, sequence: sequence += 1 }), port, '127.0.0.1'), SEND_EVERY_MS);
  ends.push(() => clearInterval(timer));
}

describe('an app that is killed', () => {
  test('leaves nothing behind once its lease has ended, and nobody else is touched', async () => {
    const leaseMs = 500;
    const server = await start('--lease-ms', String(leaseMs));
    const { mediasoup } = await connect(server.url, { scope: 'all' });
    const mine = await mediasoup.createWorker();
    const app = launch('crash-app.mjs', server.url);
    // The worker, a router and all that the app makes in it, and the next router.
    const [theirs] = await once(mediasoup.observer, 'newworker') as [Worker];
    while ((await app.said()) !== 'DataProducerImpl');
    const closed = once(theirs.observer, 'close');
    const killedMs = performance.now();
    await app.kill();
    await closed;
    expect(performance.now() - killedMs).toBeGreaterThan(leaseMs * 0.9);
    await mine.dump();
    const { sessions, workers } = await server.status();
    expect([sessions, workers.map(({ pid }) => pid)]).toEqual([1, [mine.pid]]);
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics.match(/^mediacluster_node_objects.*$/gm)).toEqual(['mediacluster_node_objects{class="worker"} 1']);
  });

  test('is followed by a process with its ownerId, which finds all of it and goes on; media flow all the time', async () => {
    const server = await start('--lease-ms', '1500');
    const [first, second] = [launch('takeover-app.mjs', server.url, 'calls'), launch('takeover-app.mjs', server.url, 'calls')];
    const [ears, newEars, direct] = [await listen(), await listen(), new Listener()];
    await first.ask('connect');
    const { routerId, producerId, sourcePort } = await first.ask<{ routerId: string; producerId: string; sourcePort: number }>('make', { port: ears.port });
    await talk(sourcePort);
    await ears.hears(5);

    // Somebody else listens too, through a transport of its own in the same router.
    const other = await connect(server.url, { scope: 'all' });
    const [router] = [...other.workers].flatMap(worker => other.childrenOf(worker)) as [Router];
    expect(router.id).toBe(routerId);
    const consumer = await (await router.createDirectTransport()).consume({ producerId, rtpCapabilities });
    consumer.on('rtp', packet => direct.packet(packet));
    await direct.hears(5);
    const made = await first.ask('find');

    await first.kill();
    await Promise.all([ears.hears(20), direct.hears(20)]);
    await second.ask('connect');
    expect(await second.ask('find')).toEqual(made);
    expect(made).toMatchObject([{
      class: 'WorkerImpl', appData: { made: 'in the first life' },
      below: [{
        class: 'RouterImpl', id: routerId, appData: { room: 'blue' },
        below: [
          { class: 'PlainTransportImpl', tuple: { localPort: sourcePort }, below: [{ class: 'ProducerImpl', id: producerId, paused: false, appData: { from: 'Ada' } }] },
          { class: 'PlainTransportImpl', tuple: { remotePort: ears.port }, below: [{ class: 'ConsumerImpl', paused: false }] },
        ],
      }],
    }]);
    // The session of the first life ends with its lease; what it made has another owner's word by then.
    await until(server, ({ sessions }) => sessions === 2);
    await Promise.all([ears.hears(20), direct.hears(20)]);
    await second.ask('goOn', { port: newEars.port });
    await newEars.hears(20);
    expect([ears.lost, newEars.lost, direct.lost]).toEqual([0, 0, 0]);
    await second.ask('pause');
    // Its next packet comes after those that were under way at the pause.
    await newEars.hears(5);
    const heard = ears.sequences.length;
    await newEars.hears(20);
    expect(ears.sequences).toHaveLength(heard);

    const closed = once(router.observer, 'close');
    await second.kill();
    await closed;
    await until(server, ({ sessions, workers }) => sessions === 1 && workers.length === 0);
  });

  test(`leaves nothing behind when it happens ${CRASHES} times in a row, at any moment of its work`, async () => {
    const server = await start('--lease-ms', '300');
    const random = repeatable(1);
    let left = CRASHES;
    const found: Record<string, number> = {};
    const crashes = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        // Every third has an ownerId, and meets what the one before had made, or others that have it at the same time.
        const app = launch('crash-app.mjs', server.url, ...(left % 3 === 0 ? [`owner-${left % 2}`] : []));
        for (let words = Math.floor(random() * 14); words >= 0; words -= 1) {
          const word = await app.said() as string;
          found[word] = (found[word] ?? 0) + 1;
        }
        await app.kill();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, crashes));
    await until(server, ({ sessions, workers }) => sessions === 0 && workers.length === 0);
    expect(found['started']).toBe(CRASHES);
    expect(found['WebRtcTransportImpl']).toBeGreaterThan(CRASHES / 10);
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics.match(/^mediacluster_node_(?:objects|workers|sessions)[ {].*$/gm)).toEqual(['mediacluster_node_workers 0', 'mediacluster_node_sessions 0']);
    // A worker's process ends a moment after it was closed.
    while (childrenOf(server.child.pid!).length > 0) await server.status();
    // It is as good as new.
    const { mediasoup } = await connect(server.url);
    await (await mediasoup.createWorker()).createRouter({ mediaCodecs: [opus] });
  }, 30_000 + CRASHES * 3_000);
});

describe('an app that floods its node', () => {
  test('does not keep others waiting: they are answered between its calls', async () => {
    const server = await start();
    const [flooder, other] = [await connect(server.url), await connect(server.url)];
    const [theirs, mine] = await Promise.all([flooder, other].map(async ({ mediasoup }) => (await mediasoup.createWorker()).createRouter({ mediaCodecs: [opus] }))) as [Router, Router];
    const CALLS = 9_000; // one session may have 10,000 under way
    let answered = 0;
    const flood = Array.from({ length: CALLS }, async () => {
      await theirs.dump();
      answered += 1;
    });
    const after: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      await mine.dump();
      after.push(answered);
    }
    await Promise.all(flood);
    expect(after[0]).toBeLessThan(CALLS / 2);
    expect(after.at(-1)).toBeLessThan(CALLS);
    expect(answered).toBe(CALLS);
  });
});
