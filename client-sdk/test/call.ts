import type { Consumer, DataConsumer, DataProducer, PipeTransport, Producer, Router, WebRtcServer, WebRtcTransport, Worker } from 'mediasoup/types';

import type { Mediasoup } from '../src/manager.ts';
import { rtpCapabilities, rtpParameters } from './scripted-node.ts';

/** Two peers, audio and data, and a pipe transport: one of each class. */
export interface Call {
  readonly worker: Worker;
  readonly server: WebRtcServer;
  readonly router: Router;
  /** On the server; sends. */
  readonly t1: WebRtcTransport;
  /** On its own port; receives. */
  readonly t2: WebRtcTransport;
  readonly pipe: PipeTransport;
  readonly p: Producer;
  readonly dp: DataProducer;
  readonly c: Consumer;
  readonly dc: DataConsumer;
}

/** Makes the same objects on any mediasoup, real or remote. */
export async function makeCall({ createWorker }: Pick<Mediasoup, 'createWorker'>): Promise<Call> {
  const worker = await createWorker();
  const server = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] });
  const t1 = await router.createWebRtcTransport({ webRtcServer: server, enableSctp: true });
  const t2 = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true });
  const pipe = await router.createPipeTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSctp: true });
  const p = await t1.produce({ kind: 'audio', rtpParameters });
  const dp = await t1.produceData({ sctpStreamParameters: { streamId: 0 } });
  const c = await t2.consume({ producerId: p.id, rtpCapabilities });
  const dc = await t2.consumeData({ dataProducerId: dp.id });
  return { worker, server, router, t1, t2, pipe, p, dp, c, dc };
}
