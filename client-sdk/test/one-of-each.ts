import type { Mediasoup } from '../src/manager.ts';
import { makeCall } from './call.ts';

/** One object of each class of mediasoup, on any manager. */
export async function oneOfEach(mediasoup: Pick<Mediasoup, 'createWorker'>) {
  const { worker, server, router, t1, pipe, p, c, dp, dc } = await makeCall(mediasoup);
  const listenInfo = { protocol: 'udp', ip: '127.0.0.1' } as const;
  return {
    worker, server, router, webRtcTransport: t1, pipeTransport: pipe,
    plainTransport: await router.createPlainTransport({ listenInfo, enableSctp: true }),
    directTransport: await router.createDirectTransport(),
    activeSpeakerObserver: await router.createActiveSpeakerObserver(),
    audioLevelObserver: await router.createAudioLevelObserver(),
    producer: p, consumer: c, dataProducer: dp, dataConsumer: dc,
  };
}

export type OneOfEach = Awaited<ReturnType<typeof oneOfEach>>;
