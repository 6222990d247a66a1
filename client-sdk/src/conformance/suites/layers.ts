import type { Consumer, ConsumerLayers, ConsumerScore, Producer, ProducerScore } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audioParameters, listenInfo, newSsrc, rtpCapabilities, videoParameters } from '../media.ts';
import { pli, Source } from '../packets.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';

/** A camera with so many simulcast streams, and who watches it, both at the hand of the app. */
async function camera(bench: Bench, streams = 1): Promise<{ producer: Producer; consumer: Consumer; film: (stream: number, orientation?: number) => void; transport: { sendRtcp(packet: Buffer): void } }> {
  const router = await bench.router();
  const transport = await router.createDirectTransport();
  const ssrcs = Array.from({ length: streams }, newSsrc);
  const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters(...ssrcs) });
  const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
  const sources = ssrcs.map(ssrc => new Source('video', ssrc));
  return { producer, consumer, film: (stream, orientation) => producer.send(sources[stream]!.packet({ orientation })), transport };
}

/** What the worker tells of streams: scores, layers, orientation, traces. */
export const layers: Suite = suite('scores, layers and traces', {
  'a producer\'s score: state first, then the producer, then its observer': async bench => {
    const { producer, film } = await camera(bench);
    same(producer.score, []);
    const journal = new Journal({ producer });
    const seen: boolean[] = [];
    producer.on('score', score => seen.push(JSON.stringify(score) === JSON.stringify(producer.score)));
    const told = bench.next<[ProducerScore[]]>(producer.observer, 'score');
    film(0);
    const [score] = await told;
    same(score.map(({ encodingIdx, score: points }) => [encodingIdx, points]), [[0, 10]]);
    same([seen, journal.take()], [[true], ['producer!score', 'producer°score']]);
  },
  'a consumer\'s score, with its producer\'s': async bench => {
    const { consumer, film } = await camera(bench);
    same(consumer.score, { score: 10, producerScore: 0, producerScores: [0] });
    const told = bench.next<[ConsumerScore]>(consumer.observer, 'score', score => score.producerScore === 10);
    film(0);
    const [score] = await told;
    same(score, { score: 10, producerScore: 10, producerScores: [10] });
    same(consumer.score, score);
    holds(consumer.score !== consumer.score, 'a fresh copy each time');
  },
  'the score of a consumer on a pipe transport is full from the start': async bench => {
    const router = await bench.router();
    const [direct, pipe] = [await router.createDirectTransport(), await router.createPipeTransport({ listenInfo })];
    const producer = await direct.produce({ kind: 'audio', rtpParameters: audioParameters() });
    same((await pipe.consume({ producerId: producer.id })).score, { score: 10, producerScore: 10, producerScores: [] });
  },
  'videoorientationchange, once for each change': async bench => {
    const { producer, film } = await camera(bench);
    const journal = new Journal({ producer });
    const seen: unknown[] = [];
    producer.on('videoorientationchange', orientation => seen.push(orientation));
    const last = bench.next<[{ rotation: number }]>(producer.observer, 'videoorientationchange', ({ rotation }) => rotation === 180);
    film(0, 0b0001);
    film(0, 0b0001);
    film(0, 0b1110);
    await last;
    same(seen, [{ camera: false, flip: false, rotation: 90 }, { camera: true, flip: true, rotation: 180 }]);
    same(journal.take().filter(line => line.includes('orientation')), ['producer!videoorientationchange', 'producer°videoorientationchange', 'producer!videoorientationchange', 'producer°videoorientationchange']);
  },
  'layerschange of a simulcast consumer: state first, then the consumer, then its observer': async bench => {
    const { consumer, film } = await camera(bench, 2);
    same([consumer.type, consumer.currentLayers], ['simulcast', undefined]);
    const journal = new Journal({ consumer });
    const seen: unknown[] = [];
    consumer.on('layerschange', current => seen.push(current, consumer.currentLayers));
    const told = bench.next<[ConsumerLayers]>(consumer.observer, 'layerschange', current => current?.spatialLayer === 0);
    await bench.until(told, () => film(0));
    same(seen.slice(0, 2), [{ spatialLayer: 0, temporalLayer: 0 }, { spatialLayer: 0, temporalLayer: 0 }]);
    holds(consumer.currentLayers !== consumer.currentLayers, 'a fresh copy each time');
    same(journal.take().filter(line => line.includes('layers')).slice(0, 2), ['consumer!layerschange', 'consumer°layerschange']);
  },
  'layerschange tells undefined when the stream has ended': async bench => {
    const { consumer, film } = await camera(bench, 2);
    await bench.until(bench.next<[ConsumerLayers | undefined]>(consumer, 'layerschange', current => current !== undefined), () => film(0));
    const [current] = await bench.next<[ConsumerLayers | undefined]>(consumer, 'layerschange', now => now === undefined);
    equal(current, undefined);
    equal(consumer.currentLayers, undefined);
  },
  'preferred layers are as the worker clamps them': async bench => {
    const { consumer } = await camera(bench, 2);
    same(consumer.preferredLayers, { spatialLayer: 1, temporalLayer: 0 });
    await consumer.setPreferredLayers({ spatialLayer: 0 });
    same(consumer.preferredLayers, { spatialLayer: 0, temporalLayer: 0 });
    await consumer.setPreferredLayers({ spatialLayer: 66, temporalLayer: 66 });
    same(consumer.preferredLayers, { spatialLayer: 1, temporalLayer: 0 });
  },
  'preferred layers of what has none stay undefined': async bench => {
    const { consumer } = await camera(bench);
    equal(consumer.type, 'simple');
    await consumer.setPreferredLayers({ spatialLayer: 1, temporalLayer: 1 });
    equal(consumer.preferredLayers, undefined);
  },
  'types follow from encodings': async bench => {
    const router = await bench.router();
    const transport = await router.createDirectTransport();
    const svc = { ...videoParameters(), encodings: [{ ssrc: newSsrc(), scalabilityMode: 'L3T3' }] };
    same([(await camera(bench)).producer.type, (await camera(bench, 3)).producer.type, (await transport.produce({ kind: 'video', rtpParameters: svc })).type], ['simple', 'simulcast', 'svc']);
  },
  'a producer\'s trace of key frames, with numbers of 64 bits as they are': async bench => {
    const { producer, film } = await camera(bench);
    await producer.enableTraceEvent(['keyframe']);
    same((await producer.dump()).traceEventTypes, ['keyframe']);
    const journal = new Journal({ producer });
    const told = bench.next<[{ type: string; direction: string; timestamp: number; info: { rtpPacket: { ssrc: number; isKeyFrame: boolean; size: bigint } } }]>(producer.observer, 'trace');
    film(0);
    const [{ type, direction, timestamp, info }] = await told;
    same([type, direction, typeof timestamp, info.rtpPacket.ssrc, info.rtpPacket.isKeyFrame], ['keyframe', 'in', 'number', producer.rtpParameters.encodings![0]!.ssrc, true]);
    equal(typeof info.rtpPacket.size, 'bigint');
    same(journal.take().filter(line => line.includes('trace')), ['producer!trace', 'producer°trace']);
  },
  'a producer\'s trace of RTP and of what it is asked': async bench => {
    const { producer, consumer, film, transport } = await camera(bench);
    await producer.enableTraceEvent(['pli', 'rtp']);
    const rtp = bench.next<[{ type: string }]>(producer, 'trace', ({ type }) => type === 'rtp');
    const through = bench.next(consumer, 'rtp');
    film(0);
    await Promise.all([rtp, through]);
    const asked = bench.next<[{ type: string; direction: string }]>(producer, 'trace', ({ type }) => type === 'pli');
    transport.sendRtcp(pli(consumer.rtpParameters.encodings![0]!.ssrc!));
    equal((await asked)[0].direction, 'out');
  },
  'no trace once it was switched off': async bench => {
    const { producer, consumer, film } = await camera(bench);
    await producer.enableTraceEvent(['rtp', 'keyframe']);
    await producer.enableTraceEvent();
    same((await producer.dump()).traceEventTypes, []);
    const traced: unknown[] = [];
    producer.on('trace', trace => traced.push(trace));
    const through = bench.next(consumer, 'rtp');
    film(0);
    await through;
    await bench.settled();
    same(traced, []);
  },
  'a consumer\'s trace': async bench => {
    const { consumer, film } = await camera(bench);
    await consumer.enableTraceEvent(['keyframe']);
    const journal = new Journal({ consumer });
    const told = bench.next<[{ type: string; direction: string }]>(consumer.observer, 'trace');
    film(0);
    const [trace] = await told;
    await bench.settled();
    same([trace.type, trace.direction], ['keyframe', 'out']);
    const once = ['consumer!trace', 'consumer°trace'];
    same(journal.take().filter(line => line.includes('trace')), bench.quirk('consumerTraceTwice') ? [...once, ...once] : once);
  },
  'a consumer\'s trace of what the app asks it': async bench => {
    const { consumer, film, transport } = await camera(bench);
    await consumer.enableTraceEvent(['pli']);
    await bench.until(bench.next(consumer, 'rtp'), () => film(0));
    const told = bench.next<[{ type: string; direction: string; info: unknown }]>(consumer, 'trace');
    transport.sendRtcp(pli(consumer.rtpParameters.encodings![0]!.ssrc!));
    const [trace] = await told;
    same([trace.type, trace.direction, trace.info], ['pli', 'in', { ssrc: consumer.rtpParameters.encodings![0]!.ssrc }]);
  },
  'a transport\'s trace of probing and of what it may send': async bench => {
    const router = await bench.router();
    const [source, transport] = [await router.createDirectTransport(), await router.createPlainTransport({ listenInfo })];
    await transport.enableTraceEvent(['bwe', 'probation']);
    await transport.connect({ ip: '127.0.0.1', port: 9 }); // nobody answers there, and nobody need
    const producer = await source.produce({ kind: 'video', rtpParameters: videoParameters() });
    const journal = new Journal({ transport });
    const told = [bench.next<[{ type: string; info: { bweType: string; availableBitrate: number } }]>(transport, 'trace', ({ type }) => type === 'bwe'), bench.next<[{ type: string; direction: string }]>(transport.observer, 'trace', ({ type }) => type === 'probation')] as const;
    await transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });
    const [[bwe], [probation]] = await Promise.all(told);
    same([bwe.info.bweType, bwe.info.availableBitrate > 0, probation.direction], ['transport-cc', true, 'out']);
    const lines = journal.take().filter(line => line.includes('trace'));
    same(lines.slice(0, 2), ['transport!trace', 'transport°trace']);
  },
});
