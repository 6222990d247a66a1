import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MediaCluster, nodeNameOf } from '@mediacluster/sdk';
import type { Discovery, Endpoint, Mediasoup, RemoteMediasoupClient } from '@mediacluster/sdk';
import type { PipeTransport, Router, Worker } from 'mediasoup/types';
import { WebSocket } from 'ws';

import { cuttable, endAll, startSocketNode, told } from './node-on-socket.ts';
import type { SocketNode } from './node-on-socket.ts';

const SSRC = 1234;
const mediaCodecs = [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] as const;
const rtpParameters = { codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc: SSRC }] };

let nodes: [SocketNode, SocketNode];
let cluster: MediaCluster;
let mediasoup: Mediasoup;
let emit: (endpoints: readonly Endpoint[]) => void;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  nodes = [await startSocketNode({ name: 'node-a' }), await startSocketNode({ name: 'node-b' })];
});
afterEach(async () => {
  cluster.destroy();
  for (const socket of sockets) socket.close();
  await endAll();
});

/** A cluster of both nodes, as a discovery lists them. */
async function start(client: ConstructorParameters<typeof MediaCluster>[0]['client'] = {}): Promise<void> {
  const discovery: Discovery = {
    start: listener => {
      emit = listener;
      queueMicrotask(() => list(...nodes));
    },
    stop: () => {},
    explain: () => ({ found: 'no-endpoints', text: '' }),
  };
  cluster = new MediaCluster({ discovery, client: { backoff: { initialMs: 5, maxMs: 20 }, ...client } });
  ({ mediasoup } = await cluster.connect());
  await Promise.all(members().map(async member => member.connected || told(member, 'connected')));
}

const list = (...listed: SocketNode[]): void => emit(listed.map(({ url }) => ({ url, ready: true })));
const members = (): RemoteMediasoupClient[] => [...cluster] as RemoteMediasoupClient[];
const memberOf = (node: SocketNode): RemoteMediasoupClient => members().find(({ url }) => url === node.url)!;

async function routers(): Promise<{ workers: [Worker, Worker]; near: Router; far: Router }> {
  const workers: [Worker, Worker] = [await mediasoup.createWorker(), await mediasoup.createWorker()];
  return { workers, near: await workers[0].createRouter({ mediaCodecs: [...mediaCodecs] }), far: await workers[1].createRouter({ mediaCodecs: [...mediaCodecs] }) };
}

/** A peer that speaks plain RTP with a router: a socket of the test, and the transport it is connected to. */
async function peerOf(router: Router): Promise<{ socket: Socket; transport: PipeTransport }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const transport = await router.createPipeTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' } });
  await transport.connect({ ip: '127.0.0.1', port: socket.address().port });
  return { socket, transport };
}

function rtp(sequence: number): Buffer {
  const packet = Buffer.alloc(60);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(111, 1);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 960, 4);
  packet.writeUInt32BE(SSRC, 8);
  packet.write('this is node a', 12);
  return packet;
}

test('spreads workers over the nodes, and says on which each one is', async () => {
  await start();
  const workers = await Promise.all(Array.from({ length: 4 }, () => mediasoup.createWorker()));
  expect(workers.map(worker => String(nodeNameOf(worker))).toSorted((a, b) => a.localeCompare(b))).toEqual(['node-a', 'node-a', 'node-b', 'node-b']);
  expect(nodes.map(({ server }) => server.workerCount)).toEqual([2, 2]);
});

test('carries media from a router on one node to a router on another, protected on its way', async () => {
  await start();
  const { near, far } = await routers();
  expect([cluster.nodeOf(near)?.name, cluster.nodeOf(far)?.name]).toEqual(['node-a', 'node-b']);
  const pipes: PipeTransport[] = [];
  const [sender, receiver] = [await peerOf(near), await peerOf(far)];
  near.observer.on('newtransport', transport => pipes.push(transport as PipeTransport));
  const producer = await sender.transport.produce({ kind: 'audio', rtpParameters });
  await near.pipeToRouter({ producerId: producer.id, router: far });
  await receiver.transport.consume({ producerId: producer.id });
  expect(pipes[0]!.srtpParameters).toBeDefined();

  let sequence = 0;
  const sending = setInterval(() => sender.socket.send(rtp(++sequence), sender.transport.tuple.localPort, '127.0.0.1'), 5);
  try {
    for (let received = 0; received < 10;) {
      const [packet] = await once(receiver.socket, 'message') as [Buffer];
      if (packet.includes('this is node a')) received += 1;
    }
  } finally {
    clearInterval(sending);
  }
});

test('tries the next node when one is full', async () => {
  const full = await startSocketNode({ name: 'full', maxWorkers: 1 });
  nodes = [full, nodes[1]];
  await start();
  const workers = await Promise.all(Array.from({ length: 4 }, () => mediasoup.createWorker()));
  expect(workers.map(nodeNameOf).filter(name => name === 'full')).toHaveLength(1);
});

describe('a node that goes', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  beforeEach(() => {
    exit.mockClear();
  });

  test('as planned closes quietly what is on it; nobody hears died, and the rest goes on', async () => {
    await start();
    const { workers, near, far } = await routers();
    for (const worker of workers) worker.on('died', () => process.exit(1));
    const workerclose = once(near, 'workerclose');
    list(nodes[1]);
    await nodes[0].server.goodbye('drained');
    await workerclose;
    expect(exit).not.toHaveBeenCalled();
    expect([workers[0].closed, workers[0].died, far.closed, cluster.size]).toEqual([true, false, false, 1]);
    expect(nodeNameOf(await mediasoup.createWorker())).toBe('node-b');
  });

  test('without a word lets its own workers die; a pipe from it closes, and the rest goes on', async () => {
    await start();
    const { workers, near, far } = await routers();
    const producer = await (await peerOf(near)).transport.produce({ kind: 'audio', rtpParameters });
    const { pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    const died = Promise.all([once(workers[0], 'died'), once(pipeProducer!.observer, 'close')]);
    await nodes[0].crash();
    await died;
    expect([workers[1].closed, far.closed]).toEqual([false, false]);
    expect(nodeNameOf(await mediasoup.createWorker())).toBe('node-b');
    list(nodes[1]);
    expect(cluster.size).toBe(1);
  });

  test('and comes back at its address as another process is used again', async () => {
    await start();
    const { workers } = await routers();
    const member = memberOf(nodes[0]);
    const died = once(workers[0], 'died');
    await nodes[0].crash();
    await died;
    const connected = told(member, 'connected');
    await startSocketNode({ name: 'node-a', port: nodes[0].port });
    await connected;
    expect(nodeNameOf(await mediasoup.createWorker())).toBe('node-a');
  });
});

test('a link that breaks and returns costs nothing', async () => {
  const link = cuttable();
  await start({ WebSocket: link.WebSocket });
  const { workers, near } = await routers();
  const died: Worker[] = [];
  for (const worker of workers) worker.on('died', () => died.push(worker));
  const returned = Promise.all(members().map(member => told(member, 'connected')));
  link.cut();
  await returned;
  expect([died, workers[0].closed, (await near.dump()).id]).toEqual([[], false, near.id]);
  expect(cluster.size).toBe(2);
});

test('a node that is no longer listed keeps its calls until its link says so too', async () => {
  const link = cuttable();
  await start({ WebSocket: link.WebSocket });
  const { workers, near } = await routers();
  list(nodes[1]);
  expect([cluster.size, (await near.dump()).id]).toEqual([2, near.id]);
  expect(nodeNameOf(await mediasoup.createWorker())).toBe('node-b');
  const died = once(workers[0], 'died');
  link.cut();
  await died;
  expect([cluster.size, workers[1].died]).toEqual([1, false]);
});

test('a worker whose answer is lost with the link is made elsewhere, and closed where it was made', async () => {
  const links: WebSocket[] = [];
  class WatchedWebSocket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      links.push(this);
    }
  }
  // It keeps nothing for a client without a link, and the link is back when the worker has long been made.
  nodes[0] = await startSocketNode({ name: 'node-a', maxReplayBytes: 1 });
  await start({ WebSocket: WatchedWebSocket, backoff: { initialMs: 1_000, maxMs: 1_000 }, random: () => 1 });
  const member = memberOf(nodes[0]);
  const creating = mediasoup.createWorker();
  await new Promise(setImmediate); // it is on its way; a process takes longer to start than a link to break
  const appeared = new Promise<Worker>(resolve => { member.mediasoup!.observer.once('newworker', resolve); });
  for (const link of links) if (link.url.startsWith(nodes[0].url)) link.terminate();
  expect(nodeNameOf(await creating)).toBe('node-b');
  const orphan = await appeared;
  if (!orphan.closed) await once(orphan.observer, 'close');
  if (!member.connected) await told(member, 'connected');
  await (await mediasoup.createWorker()).dump(); // behind the close() on the same link
  expect(nodes.map(({ server }) => server.workerCount)).toEqual([1, 1]);
});
