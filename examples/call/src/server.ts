import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { types } from 'mediasoup';
import { CLOSE, type MediaInfo, type PeerInfo, type ServerCalls, type TransportInfo } from './protocol.ts';
import { servePage } from './serve-page.ts';
import { acceptPages, type Page } from './signalling.ts';

/**
 * The server of the call, in plain mediasoup style. Each peer gets a worker and a router of its own; what others send is
 * piped to that router. Whether a worker is a child process or lives on another machine is for `mediasoup` to know.
 */
export interface ServerOptions {
  /** mediasoup itself, or anything that behaves as it does. */
  mediasoup: Pick<typeof import('mediasoup'), 'createWorker'>;
  /** Default 3000; 0 takes a free one. */
  port?: number;
  /** Default: all addresses. */
  host?: string;
  /** The address that browsers shall send media to. Default: left to `mediasoup`. */
  announcedAddress?: string;
  /** In words, where a worker runs. Default: its process id. */
  whereIs?: (worker: types.Worker) => string | undefined;
}

export interface RunningServer {
  port: number;
  /** Ends every call, and the server. */
  close(): Promise<void>;
}

interface Peer extends PeerInfo {
  page: Page;
  /** Everybody, in all rooms. */
  everybody: Map<string, Peer>;
  worker: types.Worker;
  router: types.Router;
  send: types.WebRtcTransport;
  receive: types.WebRtcTransport;
  producers: Map<string, types.Producer>;
  dataProducers: Map<string, types.DataProducer>;
  consumers: Map<string, types.Consumer>;
  /** Producer and receiving peer → the pipe of the one to the other, laid once. */
  pipes: Map<string, Promise<unknown>>;
}

const mediaCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

/** Starts the server. Resolves once it listens; rejects when it can't (`EADDRINUSE`). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const everybody = new Map<string, Peer>();
  const http = createServer(servePage);
  const dismissPages = acceptPages(http, page => {
    let joined: Promise<Peer> | undefined;
    return async (method, data) => {
      if (method === 'join') joined ??= admit(page, everybody, Object(data).name, options);
      if (!joined) throw new Error('join first');
      if (!Object.hasOwn(handlers, method)) throw new Error(`unknown method ${method}`);
      return handlers[method](await joined, data);
    };
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(options.port ?? 3000, options.host, resolve);
  });
  const address = http.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      dismissPages();
      for (const peer of everybody.values()) leave(peer);
      await new Promise(resolve => http.close(resolve).closeAllConnections());
    },
  };
}

/** Makes a peer of a page: a worker, a router on it, and a transport for each direction. */
async function admit(page: Page, everybody: Map<string, Peer>, name: unknown, options: ServerOptions): Promise<Peer> {
  const { mediasoup, announcedAddress, whereIs = worker => `pid ${worker.pid}` } = options;
  const worker = await mediasoup.createWorker();
  try {
    const router = await worker.createRouter({ mediaCodecs });
    const listenInfos: types.TransportListenInfo[] = [
      { protocol: 'udp', ip: '0.0.0.0', announcedAddress },
      { protocol: 'tcp', ip: '0.0.0.0', announcedAddress },
    ];
    const [send, receive] = await Promise.all([
      router.createWebRtcTransport({ listenInfos, enableSctp: true }),
      router.createWebRtcTransport({ listenInfos, enableSctp: true }),
    ]);
    if (!page.open) throw new Error('the page left while its router was made');
    const who = { id: randomUUID(), name: String(name).slice(0, 40), node: whereIs(worker) ?? 'an unknown place' };
    const kept = { producers: new Map(), dataProducers: new Map(), consumers: new Map(), pipes: new Map() };
    const peer: Peer = { ...who, ...kept, page, everybody, worker, router, send, receive };
    page.onClose(() => leave(peer));
    // Heard after a crash, when a node leaves as planned, and after our own close() in leave().
    router.once('workerclose', () => {
      page.close(worker.died ? CLOSE.lost : CLOSE.moved, who.node);
      leave(peer);
    });
    everybody.set(peer.id, peer);
    for (const other of othersOf(peer)) other.page.tell('peerJoined', who);
    return peer;
  } catch (error) {
    worker.close();
    throw error;
  }
}

const handlers: { [M in keyof ServerCalls]: (peer: Peer, data: ServerCalls[M]['data']) => Promise<ServerCalls[M]['result']> } = {
  async join(peer) {
    const others = othersOf(peer);
    return {
      me: { id: peer.id, name: peer.name, node: peer.node },
      peers: others.map(({ id, name, node }) => ({ id, name, node })),
      media: others.flatMap(mediaOf),
      rtpCapabilities: peer.router.rtpCapabilities,
      send: transportInfo(peer.send),
      receive: transportInfo(peer.receive),
    };
  },
  connect: (peer, { transportId, dtlsParameters }) => transportOf(peer, transportId).connect({ dtlsParameters }),
  restartIce: (peer, { transportId }) => transportOf(peer, transportId).restartIce(),
  async produce(peer, { kind, rtpParameters }) {
    const producer = await peer.send.produce({ kind, rtpParameters });
    peer.producers.set(producer.id, producer);
    announce(peer, { peerId: peer.id, producerId: producer.id, kind });
    return { id: producer.id };
  },
  async produceData(peer, { sctpStreamParameters, label }) {
    const producer = await peer.send.produceData({ sctpStreamParameters, label });
    peer.dataProducers.set(producer.id, producer);
    announce(peer, { peerId: peer.id, producerId: producer.id, kind: 'data' });
    return { id: producer.id };
  },
  async setPaused(peer, { producerId, paused }) {
    const producer = found(peer.producers.get(producerId), `producer ${producerId}`);
    await (paused ? producer.pause() : producer.resume());
  },
  async consume(peer, { peerId, producerId, rtpCapabilities }) {
    const owner = found(peer.everybody.get(peerId), `peer ${peerId}`);
    await pipe(owner, peer, producerId, () => owner.router.pipeToRouter({ producerId, router: peer.router }));
    const consumer = await peer.receive.consume({ producerId, rtpCapabilities, paused: true });
    const { id, kind, rtpParameters, producerPaused: paused } = consumer;
    peer.consumers.set(id, consumer);
    consumer.observer.once('close', () => peer.consumers.delete(id));
    consumer.on('producerclose', () => peer.page.tell('consumerClosed', { consumerId: id }));
    consumer.on('producerpause', () => peer.page.tell('paused', { consumerId: id, paused: true }));
    consumer.on('producerresume', () => peer.page.tell('paused', { consumerId: id, paused: false }));
    return { id, producerId, kind, rtpParameters, paused };
  },
  resume: (peer, { consumerId }) => found(peer.consumers.get(consumerId), `consumer ${consumerId}`).resume(),
  async consumeData(peer, { peerId, producerId: dataProducerId }) {
    const owner = found(peer.everybody.get(peerId), `peer ${peerId}`);
    await pipe(owner, peer, dataProducerId, () => owner.router.pipeToRouter({ dataProducerId, router: peer.router }));
    const { id, sctpStreamParameters, label, protocol } = await peer.receive.consumeData({ dataProducerId });
    return { id, dataProducerId, sctpStreamParameters, label, protocol };
  },
};

/** Lays one producer's pipe to one peer's router once, however often it is asked for; a pipe that failed may be tried again. */
function pipe(from: Peer, to: Peer, producerId: string, lay: () => Promise<unknown>): Promise<unknown> {
  const key = `${producerId} ${to.id}`;
  const piped = from.pipes.get(key) ?? lay();
  from.pipes.set(key, piped);
  piped.catch(() => from.pipes.delete(key));
  return piped;
}

function leave(peer: Peer): void {
  if (!peer.everybody.delete(peer.id)) return;
  for (const other of othersOf(peer)) other.page.tell('peerLeft', { peerId: peer.id });
  peer.worker.close(); // takes router, transports and pipes along; the others' consumers of them hear `producerclose`
}

const othersOf = ({ id, page, everybody }: Peer): Peer[] => [...everybody.values()].filter(other => other.id !== id && other.page.room === page.room);

function announce(peer: Peer, media: MediaInfo): void {
  for (const other of othersOf(peer)) other.page.tell('media', media);
}

function mediaOf({ id: peerId, producers, dataProducers }: Peer): MediaInfo[] {
  const media = [...producers.values(), ...[...dataProducers.values()].map(({ id }) => ({ id, kind: 'data' as const }))];
  return media.map(({ id, kind }) => ({ peerId, producerId: id, kind }));
}

function transportInfo({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters }: types.WebRtcTransport): TransportInfo {
  return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
}

function transportOf(peer: Peer, id: string): types.WebRtcTransport {
  return found([peer.send, peer.receive].find(transport => transport.id === id), `transport ${id}`);
}

function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`there is no ${what}`);
  return thing;
}
