import { readFileSync } from 'node:fs';

import type { Mediasoup, MediasoupObject, RemoteMediasoupClient } from '@mediacluster/sdk';
import type {
  AudioLevelObserver, Consumer, DataConsumer, DataProducer, DirectTransport, PlainTransport, Producer, Router, RtpCapabilities, RtpParameters, WebRtcTransport, Worker,
} from 'mediasoup/types';

export const mediaCodecs = [{ kind: 'audio' as const, mimeType: 'audio/opus' as const, clockRate: 48_000, channels: 2, preferredPayloadType: 100 }];
export const rtpCapabilities: RtpCapabilities = { codecs: mediaCodecs, headerExtensions: [] };
const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };
const PACKETS_AT_ONCE = 5;
const PAUSE_MS = 10;

/** What each class has at most; the smaller ones are closed with what they are in. */
const ROOM = { worker: 3, router: 8, transport: 24, producer: 24, consumer: 40, dataProducer: 12, dataConsumer: 16, observer: 4 } as const;
type Kind = keyof typeof ROOM;

type AnyTransport = DirectTransport | PlainTransport | WebRtcTransport;
interface Objects {
  worker: Worker;
  router: Router;
  transport: AnyTransport;
  producer: Producer;
  consumer: Consumer;
  dataProducer: DataProducer;
  dataConsumer: DataConsumer;
  observer: AudioLevelObserver;
}

export interface ChurnOptions {
  readonly client: RemoteMediasoupClient & { mediasoup?: Mediasoup };
  /** Numbers from 0 to 1. */
  readonly random: () => number;
  /** How an action ended: `ok`, or the code of its error. */
  readonly tell: (outcome: string) => void;
  /** The process that its workers are children of, for one that kills them; without it none is killed. */
  readonly nodePid?: number;
}

/** One RTP packet of 20 ms of sound (RFC 3550 §5.1). */
export function rtpPacket(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(92);
  packet[0] = 0x80;
  packet[1] = 100;
  packet.writeUInt16BE(sequence & 0xff_ff, 2);
  packet.writeUInt32BE((sequence * 960) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

export function rtpParameters(ssrc: number): RtpParameters {
  return { codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc }] };
}

/** What an app does all day, in an order that chance tells: makes, uses and closes objects of every class, several at once. */
export class Churn {
  readonly #options: ChurnOptions;
  readonly #has: { readonly [K in Kind]: Set<Objects[K]> } = {
    worker: new Set(), router: new Set(), transport: new Set(), producer: new Set(), consumer: new Set(), dataProducer: new Set(), dataConsumer: new Set(), observer: new Set(),
  };
  /** The router that something is in. */
  readonly #routerOf = new WeakMap<object, Router>();
  readonly #workerOf = new WeakMap<Router, Worker>();
  readonly #actions: readonly (() => unknown)[];
  #lastSsrc = 0;
  #sequence = 0;
  #lanes: Promise<unknown> = Promise.resolve();
  #running = false;

  constructor(options: ChurnOptions) {
    this.#options = options;
    const often = (count: number, act: () => unknown) => Array.from({ length: count }, () => act);
    this.#actions = [
      ...often(2, () => this.#createWorker()),
      ...often(4, () => this.#createRouter()),
      ...often(8, () => this.#createTransport()),
      ...often(10, () => this.#produce()),
      ...often(14, () => this.#consume()),
      ...often(6, () => this.#produceData()),
      ...often(6, () => this.#consumeData()),
      ...often(3, () => this.#pipe()),
      ...often(2, () => this.#observe()),
      ...often(20, () => this.#send()),
      ...often(20, () => this.#ask()),
      ...often(10, () => this.#turn()),
      ...often(4, () => this.#label()),
      ...often(14, () => this.#close()),
      ...(options.nodePid === undefined ? [] : often(1, () => this.#kill(options.nodePid!))),
    ];
  }

  /** How many objects it has of every class together. */
  get size(): number {
    return Object.values(this.#has).reduce((sum, { size }) => sum + size, 0);
  }

  /** Takes over what an earlier life of this app had. Returns how many objects that were. */
  adopt(): number {
    const { client } = this.#options;
    const take = (object: MediasoupObject, worker: Worker, router?: Router): void => {
      const kind = kindOf(object);
      const inside = kind === 'router' ? object as Router : router;
      if (kind === 'router') this.#workerOf.set(object as Router, worker);
      if (kind) this.#keep(kind, object as never, inside);
      for (const child of client.childrenOf(object)) take(child, worker, inside);
    };
    for (const worker of client.workers) take(worker, worker);
    return this.size;
  }

  /** Begins, so many actions at once. */
  start(lanes: number): void {
    this.#running = true;
    this.#lanes = Promise.all(Array.from({ length: lanes }, async () => {
      while (this.#running) {
        await this.#step();
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS * 2 * this.#options.random()));
      }
    }));
  }

  /** Ends, when what is under way has an answer, and closes all it has. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#lanes;
    for (const worker of this.#has.worker) worker.close();
  }

  async #step(): Promise<void> {
    const act = this.#actions[Math.floor(this.#options.random() * this.#actions.length)]!;
    try {
      await act();
      this.#options.tell('ok');
    } catch (error) {
      const { code, name } = error as Error & { code?: string };
      this.#options.tell(code ?? name);
    }
  }

  #keep<K extends Kind>(kind: K, object: Objects[K], router?: Router): Objects[K] {
    const set = this.#has[kind] as Set<Objects[K]>;
    if (router) this.#routerOf.set(object, router);
    if (object.closed) return object;
    set.add(object);
    (object.observer as { once(event: 'close', listener: () => void): unknown }).once('close', () => set.delete(object));
    return object;
  }

  #pick<K extends Kind, Wanted extends Objects[K] = Objects[K]>(kind: K, wanted: (object: Objects[K]) => boolean = () => true): Wanted | undefined {
    const all = [...this.#has[kind] as Set<Objects[K]>].filter(wanted);
    return all[Math.floor(this.#options.random() * all.length)] as Wanted | undefined;
  }

  #isFull(kind: Kind): boolean {
    return this.#has[kind].size >= ROOM[kind];
  }

  async #createWorker(): Promise<void> {
    const { mediasoup } = this.#options.client;
    if (!mediasoup || this.#isFull('worker')) return;
    const worker = await mediasoup.createWorker({ logLevel: 'none', appData: { made: Date.now() } });
    this.#keep('worker', worker);
  }

  async #createRouter(): Promise<void> {
    const worker = this.#pick('worker');
    if (!worker || this.#isFull('router')) return;
    const router = await worker.createRouter({ mediaCodecs });
    this.#workerOf.set(router, worker);
    this.#keep('router', router, router);
  }

  async #createTransport(): Promise<void> {
    const router = this.#pick('router');
    if (!router || this.#isFull('transport')) return;
    const kind = this.#options.random();
    const transport = await (kind < 0.6 ? router.createDirectTransport()
      : kind < 0.8 ? router.createPlainTransport({ listenInfo, comedia: true })
      : router.createWebRtcTransport({ listenInfos: [listenInfo], enableSctp: true }));
    this.#keep('transport', transport, router);
  }

  async #produce(): Promise<void> {
    const transport = this.#pick('transport');
    if (!transport || this.#isFull('producer')) return;
    const producer = await transport.produce({ kind: 'audio', rtpParameters: rtpParameters(this.#lastSsrc += 1) });
    this.#keep('producer', producer, this.#routerOf.get(transport));
  }

  async #consume(): Promise<void> {
    const producer = this.#pick('producer');
    if (!producer || this.#isFull('consumer')) return;
    const router = this.#routerOf.get(producer);
    const transport = this.#pick('transport', each => this.#routerOf.get(each) === router);
    if (!transport) return;
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities, paused: this.#options.random() < 0.3 });
    consumer.on('rtp', () => {});
    this.#keep('consumer', consumer, router);
  }

  async #produceData(): Promise<void> {
    const transport = this.#pick('transport', ({ type }) => type === 'direct');
    if (!transport || this.#isFull('dataProducer')) return;
    this.#keep('dataProducer', await transport.produceData(), this.#routerOf.get(transport));
  }

  async #consumeData(): Promise<void> {
    const dataProducer = this.#pick('dataProducer');
    if (!dataProducer || this.#isFull('dataConsumer')) return;
    const router = this.#routerOf.get(dataProducer);
    const transport = this.#pick('transport', each => each.type === 'direct' && this.#routerOf.get(each) === router);
    if (!transport) return;
    const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id });
    dataConsumer.on('message', () => {});
    this.#keep('dataConsumer', dataConsumer, router);
  }

  async #pipe(): Promise<void> {
    const producer = this.#pick('producer');
    const from = producer && this.#routerOf.get(producer);
    const to = this.#pick('router', router => router !== from);
    if (!producer || !from || !to) return;
    // Within one worker an id can be there but once.
    const keepId = this.#workerOf.get(from) !== this.#workerOf.get(to);
    const { pipeProducer } = await from.pipeToRouter({ producerId: producer.id, router: to, keepId });
    if (pipeProducer && !this.#isFull('producer')) this.#keep('producer', pipeProducer, to);
  }

  async #observe(): Promise<void> {
    const router = this.#pick('router');
    if (!router || this.#isFull('observer')) return;
    const observer = this.#keep('observer', await router.createAudioLevelObserver({ interval: 250 }), router);
    const producer = this.#pick('producer', each => this.#routerOf.get(each) === router);
    if (producer) await observer.addProducer({ producerId: producer.id });
  }

  #send(): void {
    const producer = this.#pick('producer', ({ rtpParameters: { encodings } }) => encodings?.[0]?.ssrc !== undefined);
    if (producer) {
      // Those of other transports cannot send: mediasoup says so by an error, which is an outcome too.
      for (let packet = 0; packet < PACKETS_AT_ONCE; packet += 1) producer.send(rtpPacket(producer.rtpParameters.encodings![0]!.ssrc!, this.#sequence += 1));
    }
    this.#pick('dataProducer')?.send(this.#options.random() < 0.5 ? 'some words' : Buffer.from('some bytes'));
  }

  async #ask(): Promise<void> {
    const object = this.#pick((['worker', 'router', 'transport', 'producer', 'consumer'] as const)[Math.floor(this.#options.random() * 5)]!);
    if (!object) return;
    await ('getStats' in object && this.#options.random() < 0.5 ? object.getStats() : object.dump());
  }

  async #turn(): Promise<void> {
    const object = this.#pick(this.#options.random() < 0.5 ? 'producer' : 'consumer');
    await (object?.paused ? object.resume() : object?.pause());
  }

  #label(): void {
    const object = this.#pick(this.#options.random() < 0.5 ? 'router' : 'producer');
    if (object) object.appData = { label: Math.floor(this.#options.random() * 1_000) };
  }

  /** Small things often, large ones seldom. */
  #close(): void {
    const chance = this.#options.random();
    const kind: Kind = chance < 0.01 ? 'worker' : chance < 0.06 ? 'router' : chance < 0.25 ? 'transport' : chance < 0.45 ? 'producer'
      : chance < 0.75 ? 'consumer' : chance < 0.85 ? 'dataProducer' : chance < 0.95 ? 'dataConsumer' : 'observer';
    this.#pick(kind)?.close();
  }

  /** A crash of mediasoup's own process; seldom, since it takes a third of everything along. */
  #kill(nodePid: number): void {
    if (this.#options.random() > 0.2) return;
    const worker = this.#pick('worker');
    // A number may be another process's by now.
    if (worker && parentOf(worker.pid) === nodePid) process.kill(worker.pid, 'SIGKILL');
  }
}

function kindOf(object: MediasoupObject): Kind | undefined {
  const name = object.constructor.name;
  if (['DirectTransportImpl', 'PlainTransportImpl', 'WebRtcTransportImpl'].includes(name)) return 'transport';
  return ({
    WorkerImpl: 'worker', RouterImpl: 'router', ProducerImpl: 'producer', ConsumerImpl: 'consumer', DataProducerImpl: 'dataProducer', DataConsumerImpl: 'dataConsumer', AudioLevelObserverImpl: 'observer',
  } as const)[name as 'WorkerImpl'];
}

/** From /proc: the program's name stands in parentheses and may hold anything; the parent is the second field after it. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
