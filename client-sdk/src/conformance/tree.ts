import type {
  ActiveSpeakerObserver, AudioLevelObserver, Consumer, DataConsumer, DataProducer, DirectTransport, PipeTransport, PlainTransport, Producer, Router, WebRtcServer,
  WebRtcTransport, Worker,
} from 'mediasoup/types';

import type { Bench } from './bench.ts';
import { audio, listenInfo, mediaCodecs, rtpCapabilities } from './media.ts';

/** Every class, and every kind of child in every order. Members stand in the order in which they were made. */
export interface Tree {
  readonly worker: Worker;
  readonly server: WebRtcServer;
  readonly router: Router;
  /** Listens on the server; sends. */
  readonly t1: WebRtcTransport;
  /** Listens for itself; receives, and sends too. Its children were made in the reverse of the order in which they close. */
  readonly t2: WebRtcTransport;
  readonly pipe: PipeTransport;
  readonly plain: PlainTransport;
  readonly direct: DirectTransport;
  readonly speaker: ActiveSpeakerObserver;
  readonly levels: AudioLevelObserver;
  /** On t1. */
  readonly p: Producer;
  readonly dp: DataProducer;
  /** On t2: of dp, of p. */
  readonly dc: DataConsumer;
  readonly dp2: DataProducer;
  readonly c: Consumer;
  readonly p2: Producer;
  /** Of p, on the pipe transport and on the plain one. */
  readonly pc: Consumer;
  readonly c2: Consumer;
  /** Of dp, on the direct transport. */
  readonly dc2: DataConsumer;
}

/** Makes one, on the suite's worker or on the one given. */
export async function makeTree(bench: Bench, worker?: Worker, { rtcpMux = true }: { rtcpMux?: boolean } = {}): Promise<Tree> {
  const on = worker ?? await bench.worker();
  const server = await on.createWebRtcServer({ listenInfos: [listenInfo] });
  bench.after(() => server.close());
  const router = await on.createRouter({ mediaCodecs });
  bench.after(() => router.close());
  const t1 = await router.createWebRtcTransport({ webRtcServer: server, enableSctp: true });
  const t2 = await router.createWebRtcTransport({ listenInfos: [listenInfo], enableSctp: true });
  const pipe = await router.createPipeTransport({ listenInfo, enableSctp: true });
  const plain = await router.createPlainTransport({ listenInfo, rtcpMux, enableSctp: true });
  const direct = await router.createDirectTransport();
  const speaker = await router.createActiveSpeakerObserver();
  const levels = await router.createAudioLevelObserver();
  const p = await t1.produce(audio());
  const dp = await t1.produceData({ sctpStreamParameters: { streamId: 0 }, label: 'l', protocol: 'p' });
  const dc = await t2.consumeData({ dataProducerId: dp.id });
  const dp2 = await t2.produceData({ sctpStreamParameters: { streamId: 1 } });
  const c = await t2.consume({ producerId: p.id, rtpCapabilities });
  const p2 = await t2.produce(audio());
  const pc = await pipe.consume({ producerId: p.id });
  const c2 = await plain.consume({ producerId: p.id, rtpCapabilities });
  const dc2 = await direct.consumeData({ dataProducerId: dp.id });
  return { worker: on, server, router, t1, t2, pipe, plain, direct, speaker, levels, p, dp, dc, dp2, c, p2, pc, c2, dc2 };
}

/** One object of each class, by the class's name. */
export function oneOfEach(tree: Tree) {
  const { worker, server, router, t1, plain, pipe, direct, p, c, dp, dc, speaker, levels } = tree;
  return {
    Worker: worker, WebRtcServer: server, Router: router, WebRtcTransport: t1, PlainTransport: plain, PipeTransport: pipe, DirectTransport: direct, Producer: p,
    Consumer: c, DataProducer: dp, DataConsumer: dc, ActiveSpeakerObserver: speaker, AudioLevelObserver: levels,
  } as const satisfies Record<string, object>;
}
