/**
 * What an app's process pays for each Consumer that it knows of: heap, and the time from the text of the frame to the object. A client
 * of the SDK is shown a snapshot, as of a room of 50 senders and thousands of receivers; nothing else is in the process.
 *
 *     node bench/rope/replica-heap.ts [consumers]
 */
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Transport, TransportHandlers } from '@mediacluster/rope';
import type { ObjectRecord } from '@mediacluster/rope/contract';
import { RemoteMediasoupClient } from '@mediacluster/sdk';

const SENDERS = 50;
/** As a node cuts its snapshots: 256 KiB at most. */
const OBJECTS_PER_FRAME = 150;

/** What was measured. */
export interface ReplicaFigures {
  readonly consumers: number;
  /** Of the app's heap, per Consumer. */
  readonly heapBytes: number;
  /** Of JSON, per Consumer. */
  readonly wireBytes: number;
  /** CPU from a frame's text to its objects, per Consumer. */
  readonly applyUs: number;
}

/** Shows a client so many consumers and weighs them. */
export async function measureReplica(consumers = 20_000): Promise<ReplicaFigures> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const link = new Link();
  const client = new RemoteMediasoupClient('ws://nobody', { connect: () => link });
  await link.welcomed;
  const room = new Room();
  link.snapshot(room.senders(), false);
  // The code is warm, and what is shared is there.
  for (let shown = 0; shown < 2_000; shown += OBJECTS_PER_FRAME) link.snapshot(room.consumers(OBJECTS_PER_FRAME), false);
  await settle(gc);
  const before = process.memoryUsage().heapUsed;
  let [us, bytes, shown] = [0, 0, 0];
  for (; shown < consumers; shown += OBJECTS_PER_FRAME) {
    const text = link.frame(room.consumers(OBJECTS_PER_FRAME), false);
    const start = process.threadCpuUsage(); // of this thread: what else the machine does is not in it
    link.say(text);
    const { user, system } = process.threadCpuUsage(start);
    us += user + system;
    bytes += text.length;
    await new Promise(setImmediate);
  }
  link.snapshot([], true);
  await settle(gc);
  const heapBytes = (process.memoryUsage().heapUsed - before) / shown;
  if (client.metrics.objects < shown) throw new Error(`of ${shown} consumers the client has taken in only ${client.metrics.objects}`);
  client.destroy();
  return { consumers: shown, heapBytes: Math.round(heapBytes), wireBytes: Math.round(bytes / shown), applyUs: us / shown };
}

async function settle(gc: () => void): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise(setImmediate);
    gc();
  }
}

/** The node's end of a link, at which a test says what it likes. */
class Link implements Transport {
  readonly bufferedBytes = 0;
  /** The client has been let in. */
  readonly welcomed: Promise<void>;
  readonly #welcome: () => void;
  #handlers: TransportHandlers | undefined;
  #seq = 1;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.welcomed = promise;
    this.#welcome = resolve;
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    queueMicrotask(() => handlers.open?.());
  }

  send(frame: string | Uint8Array): void {
    if (typeof frame !== 'string' || !frame.startsWith('{"hello"')) return;
    const welcome = {
      protocol: 1, node: { id: 'node', name: 'node', epoch: '1' }, session: { id: 'session', resume: 'new', received: 0, leaseMs: 600_000 },
      heartbeatMs: 600_000, limits: { maxMessageBytes: 2 ** 20 }, payload: { mediasoupVersion: '3.27.1', workerBin: '', supportedRtpCapabilities: {} },
    };
    queueMicrotask(() => {
      this.say(JSON.stringify({ welcome }));
      this.#welcome();
    });
  }

  sendAll(frames: readonly (string | Uint8Array)[]): void {
    for (const frame of frames) this.send(frame);
  }

  say(text: string): void {
    this.#handlers!.text(text);
  }

  frame(objects: readonly ObjectRecord[], last: boolean): string {
    return JSON.stringify({ seq: this.#seq++, ack: 0, messages: [{ method: 'rope.snapshot', params: { objects, last } }] });
  }

  snapshot(objects: readonly ObjectRecord[], last: boolean): void {
    this.say(this.frame(objects, last));
  }

  close(): void {}
  terminate(): void {}
  pause(): void {}
  resume(): void {}
}

/** One router with peers who send simulcast video, and consumers of it, as mediasoup 3.27 describes them. */
class Room {
  #last = 0;
  #ssrc = 2_400_000_000;
  readonly #transports: ObjectRecord[] = [];
  readonly #producers: ObjectRecord<Record<string, unknown> & { id: string }>[] = [];

  senders(): ObjectRecord[] {
    const worker = this.#record('worker', undefined, { pid: 1 });
    const router = this.#record('router', worker.object, { rtpCapabilities: {} });
    const objects: ObjectRecord[] = [worker, router];
    for (let sender = 0; sender < SENDERS; sender++) {
      const transport = this.#record('webRtcTransport', router.object, { type: 'webrtc' });
      const rtpParameters = this.#rtpParameters(`sender${sender}`);
      const producer = this.#record('producer', transport.object, {
        kind: 'video', type: 'simulcast', rtpParameters, consumableRtpParameters: rtpParameters, paused: false, score: [],
      });
      this.#transports.push(transport);
      this.#producers.push(producer);
      objects.push(transport, producer);
    }
    return objects;
  }

  consumers(count: number): ObjectRecord[] {
    return Array.from({ length: count }, (_, index) => {
      const sender = (this.#last + index) % SENDERS;
      return this.#record('consumer', this.#transports[(sender * 7) % SENDERS]!.object, {
        producerId: this.#producers[sender]!.state.id, kind: 'video', type: 'simulcast', rtpParameters: this.#rtpParameters(`sender${sender}`), paused: false,
        producerPaused: false, priority: 1, score: { score: 10, producerScore: 10, producerScores: [10, 10, 10] },
        preferredLayers: { spatialLayer: 2, temporalLayer: 2 }, currentLayers: index % 2 === 0 ? { spatialLayer: 1, temporalLayer: 2 } : null,
      });
    });
  }

  #record(type: string, parent: number | undefined, state: Record<string, unknown>): ObjectRecord<Record<string, unknown> & { id: string }> {
    this.#last += 1;
    return { object: this.#last, type, ...(parent !== undefined && { parent }), state: { id: randomUUID(), ...state } };
  }

  #rtpParameters(cname: string): object {
    const feedback = [['transport-cc', ''], ['ccm', 'fir'], ['nack', ''], ['nack', 'pli']].map(([type, parameter]) => ({ type, parameter }));
    const uris = ['urn:ietf:params:rtp-hdrext:sdes:mid', 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', 'urn:3gpp:video-orientation', 'urn:ietf:params:rtp-hdrext:toffset'];
    this.#ssrc += 1;
    return {
      codecs: [
        { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, parameters: {}, rtcpFeedback: feedback },
        { mimeType: 'video/rtx', payloadType: 102, clockRate: 90_000, parameters: { apt: 101 }, rtcpFeedback: [] },
      ],
      headerExtensions: uris.map((uri, id) => ({ uri, id, encrypt: false, parameters: {} })),
      encodings: [{ ssrc: this.#ssrc, rtx: { ssrc: this.#ssrc + 1_000_000_000 }, scalabilityMode: 'L3T3' }],
      rtcp: { cname, reducedSize: true, mux: true },
      mid: String(this.#last % 400),
    };
  }
}

if (import.meta.main) {
  const { consumers, heapBytes, wireBytes, applyUs } = await measureReplica(Number(process.argv[2] ?? 20_000));
  console.log(`${consumers} consumers: ${heapBytes} B of heap, ${wireBytes} B of JSON and ${applyUs.toFixed(1)} µs of CPU to take in, each`);
}
