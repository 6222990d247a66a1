import type { Bench } from '../bench.ts';
import { equal, holds, rejects, same, throws } from '../check.ts';
import type { ErrorClass } from '../check.ts';
import { audio, foreignCapabilities, listenInfo, newSsrc, rtpCapabilities } from '../media.ts';
import { each, suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';
import type { Tree } from '../tree.ts';

type Known = 'TypeError' | 'Error' | 'UnsupportedError' | 'NotFoundError' | 'WorkerClosedError';

/** The class an app finds under this name: mediasoup's own are taken from the mediasoup at hand. */
export function classOf(bench: Bench, name: Known): ErrorClass {
  if (name === 'TypeError') return TypeError;
  return name === 'Error' ? Error : bench.mediasoup.errors[name];
}

type Wrong = readonly [name: Known, pattern: RegExp, call: (tree: Tree, bench: Bench) => Promise<unknown>];

const appData = 'no object' as never;
const AN_OBJECT = /^if given, appData must be an object$/;
const chicken = [{ kind: 'audio', mimeType: 'audio/chicken', clockRate: 8000 }] as const;

const REJECTED: Readonly<Record<string, Wrong>> = {
  'createRouter() with a codec nobody has': ['UnsupportedError', /^media codec not supported \[mimeType:audio\/chicken\]$/, ({ worker }) => worker.createRouter({ mediaCodecs: [...chicken] })],
  'createRouter() with codecs that are no list': ['TypeError', /./, ({ worker }) => worker.createRouter({ mediaCodecs: 'opus' as never })],
  'createRouter() with bad appData': ['TypeError', AN_OBJECT, ({ worker }) => worker.createRouter({ appData })],
  'createWorker() with bad appData': ['TypeError', AN_OBJECT, (_, { mediasoup }) => mediasoup.createWorker({ appData })],
  'createWorker() with settings the worker refuses': ['TypeError', /^wrong settings$/, (_, { mediasoup }) => mediasoup.createWorker({ logLevel: 'chicken' as never })],
  'createWebRtcServer() with bad appData': ['TypeError', AN_OBJECT, ({ worker }) => worker.createWebRtcServer({ listenInfos: [listenInfo], appData })],
  'createWebRtcServer() on an address of another host': ['Error', /^port bind failed due to address not available \[protocol:udp, ip:'1\.2\.3\.4'/, ({ worker }) => worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '1.2.3.4' }] })],
  'createWebRtcTransport() without an argument': ['TypeError', /./, ({ router }) => (router.createWebRtcTransport as () => Promise<unknown>)()],
  'createWebRtcTransport() with nowhere to listen': ['TypeError', /^missing webRtcServer, listenInfos and listenIps/, ({ router }) => router.createWebRtcTransport({} as never)],
  'createWebRtcTransport() with three places to listen': ['TypeError', /^only one of webRtcServer, listenInfos and listenIps must be given$/, ({ router, server }) => router.createWebRtcTransport({ webRtcServer: server, listenInfos: [listenInfo], listenIps: ['127.0.0.1'] } as never)],
  'createWebRtcTransport() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createWebRtcTransport({ listenInfos: [listenInfo], appData })],
  'createPlainTransport() with nowhere to listen': ['TypeError', /^missing listenInfo and listenIp/, ({ router }) => router.createPlainTransport({} as never)],
  'createPlainTransport() with two places to listen': ['TypeError', /^only one of listenInfo and listenIp must be given$/, ({ router }) => router.createPlainTransport({ listenInfo, listenIp: '127.0.0.1' } as never)],
  'createPlainTransport() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createPlainTransport({ listenInfo, appData })],
  'createPipeTransport() with nowhere to listen': ['TypeError', /^missing listenInfo and listenIp/, ({ router }) => router.createPipeTransport({} as never)],
  'createPipeTransport() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createPipeTransport({ listenInfo, appData })],
  'createDirectTransport() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createDirectTransport({ appData })],
  'createActiveSpeakerObserver() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createActiveSpeakerObserver({ appData })],
  'createActiveSpeakerObserver() with a bad interval': ['TypeError', /interval must be an number/, ({ router }) => router.createActiveSpeakerObserver({ interval: 'x' as never })],
  'createAudioLevelObserver() with bad appData': ['TypeError', AN_OBJECT, ({ router }) => router.createAudioLevelObserver({ appData })],
  'createAudioLevelObserver() with a threshold above 0': ['TypeError', /must be a negative number/, ({ router }) => router.createAudioLevelObserver({ threshold: 1 })],
  'createAudioLevelObserver() with bad maxEntries': ['TypeError', /maxEntries must be a positive number/, ({ router }) => router.createAudioLevelObserver({ maxEntries: -1 })],
  'produce() with a kind nobody knows': ['TypeError', /^invalid kind "chicken"$/, ({ t1 }) => t1.produce(audio({ kind: 'chicken' as never }))],
  'produce() with bad appData': ['TypeError', AN_OBJECT, ({ t1 }) => t1.produce(audio({ appData }))],
  'produce() without rtpParameters': ['TypeError', /./, ({ t1 }) => t1.produce({ kind: 'audio' } as never)],
  'produce() with a codec the router lacks': ['UnsupportedError', /^unsupported codec \[mimeType:audio\/PCMA, payloadType:8\]$/, ({ t1 }) => t1.produce(audio({ rtpParameters: { codecs: [{ mimeType: 'audio/PCMA', payloadType: 8, clockRate: 8000 }], encodings: [{ ssrc: newSsrc() }] } }))],
  'produce() with the id of another of the transport': ['TypeError', /^a Producer with same id "[^"]+" already exists$/, ({ t1, p }) => t1.produce(audio({ id: p.id }))],
  'produce() with the id of one elsewhere in the worker': ['Error', /already exists/, ({ t2, p }) => t2.produce(audio({ id: p.id }))],
  'produce() with the SSRC of another': ['Error', /^ssrc already exists in RTP listener \[ssrc:\d+\]$/, ({ t1, p }) => t1.produce(audio({ rtpParameters: p.rtpParameters }))],
  'consume() without a producer': ['TypeError', /^missing producerId$/, ({ t2 }) => t2.consume({ rtpCapabilities } as never)],
  'consume() of an unknown producer': ['NotFoundError', /^Producer with id "x" not found$/, ({ t2 }) => t2.consume({ producerId: 'x', rtpCapabilities })],
  'consume() with nothing in common': ['UnsupportedError', /^no compatible media codecs$/, ({ t2, p }) => t2.consume({ producerId: p.id, rtpCapabilities: foreignCapabilities })],
  'consume() with capabilities that are none': ['TypeError', /./, ({ t2, p }) => t2.consume({ producerId: p.id, rtpCapabilities: { codecs: 'x' } as never })],
  'consume() with a bad mid': ['TypeError', /^if given, mid must be non empty string$/, ({ t2, p }) => t2.consume({ producerId: p.id, rtpCapabilities, mid: 7 as never })],
  'consume() with bad appData': ['TypeError', AN_OBJECT, ({ t2, p }) => t2.consume({ producerId: p.id, rtpCapabilities, appData })],
  'consume() on a pipe transport of an unknown producer': ['NotFoundError', /^Producer with id "x" not found$/, ({ pipe }) => pipe.consume({ producerId: 'x' })],
  'produceData() without stream parameters': ['TypeError', /./, ({ t1 }) => t1.produceData({})],
  'produceData() with a lifetime for what is ordered': ['TypeError', /./, ({ t1 }) => t1.produceData({ sctpStreamParameters: { streamId: 5, ordered: true, maxPacketLifeTime: 10 } })],
  'produceData() with bad appData': ['TypeError', AN_OBJECT, ({ direct }) => direct.produceData({ appData })],
  'produceData() with the id of another of the transport': ['TypeError', /^a DataProducer with same id "[^"]+" already exists$/, ({ t1, dp }) => t1.produceData({ id: dp.id, sctpStreamParameters: { streamId: 3 } })],
  'consumeData() of an unknown data producer': ['NotFoundError', /^DataProducer with id "x" not found$/, ({ t2 }) => t2.consumeData({ dataProducerId: 'x' })],
  'consumeData() without a data producer': ['TypeError', /^missing dataProducerId$/, ({ t2 }) => t2.consumeData({} as never)],
  'consumeData() with bad appData': ['TypeError', AN_OBJECT, ({ direct, dp }) => direct.consumeData({ dataProducerId: dp.id, appData })],
  'connect() without DTLS parameters': ['TypeError', /./, ({ t1 }) => t1.connect({} as never)],
  'connect() with a fingerprint of no known kind': ['TypeError', /chicken/, ({ t1 }) => t1.connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'chicken' as never, value: 'x' }] } })],
  'connect() of a plain transport twice': ['Error', /connect\(\) already called/, async ({ plain }) => {
    await plain.connect({ ip: '127.0.0.1', port: 9999 });
    return plain.connect({ ip: '127.0.0.1', port: 9999 });
  }],
  'setMaxIncomingBitrate() of a DirectTransport': ['UnsupportedError', /^setMaxIncomingBitrate\(\) not implemented in DirectTransport$/, ({ direct }) => direct.setMaxIncomingBitrate(1)],
  'setMaxOutgoingBitrate() of a DirectTransport': ['UnsupportedError', /^setMaxOutgoingBitrate\(\) not implemented in DirectTransport$/, ({ direct }) => direct.setMaxOutgoingBitrate(1)],
  'setMinOutgoingBitrate() of a DirectTransport': ['UnsupportedError', /^setMinOutgoingBitrate\(\) not implemented in DirectTransport$/, ({ direct }) => direct.setMinOutgoingBitrate(1)],
  'setMaxIncomingBitrate() with words': ['TypeError', /./, ({ t1 }) => t1.setMaxIncomingBitrate(undefined as never)],
  'setPreferredLayers() without a layer': ['TypeError', /^spatialLayer must be a number$/, ({ c }) => c.setPreferredLayers({} as never)],
  'setPreferredLayers() with a bad temporal layer': ['TypeError', /^if given, temporalLayer must be a number$/, ({ c }) => c.setPreferredLayers({ spatialLayer: 0, temporalLayer: 'x' as never })],
  'setPriority() below 0': ['TypeError', /^priority must be a positive number$/, ({ c }) => c.setPriority(-1)],
  'setPriority() of words': ['TypeError', /^priority must be a positive number$/, ({ c }) => c.setPriority('high' as never)],
  'enableTraceEvent() of a producer with no list': ['TypeError', /^types must be an array$/, ({ p }) => p.enableTraceEvent('rtp' as never)],
  'enableTraceEvent() of a consumer with a number in the list': ['TypeError', /^every type must be a string$/, ({ c }) => c.enableTraceEvent([3 as never])],
  'enableTraceEvent() of a transport with no list': ['TypeError', /^types must be an array$/, ({ t1 }) => t1.enableTraceEvent('bwe' as never)],
  'addProducer() of an unknown producer': ['NotFoundError', /^Producer with id "x" not found$/, ({ levels }) => levels.addProducer({ producerId: 'x' })],
  'removeProducer() of an unknown producer': ['NotFoundError', /^Producer with id "x" not found$/, ({ speaker }) => speaker.removeProducer({ producerId: 'x' })],
  'addProducer() twice': ['Error', /^Producer already in map$/, async ({ speaker, p }) => {
    await speaker.addProducer({ producerId: p.id });
    return speaker.addProducer({ producerId: p.id });
  }],
  'send() of a direct data consumer': ['TypeError', /^invalid DataConsumer type$/, ({ dc2 }) => dc2.send('x')],
  'getBufferedAmount() of a direct data consumer': ['TypeError', /^invalid DataConsumer type$/, ({ dc2 }) => dc2.getBufferedAmount()],
  'send() of a data consumer with a number': ['TypeError', /^message must be a string or a Buffer$/, ({ dc }) => dc.send(7 as never)],
  'pipeToRouter() with two places to listen': ['TypeError', /^only one of listenInfo and listenIp must be given$/, ({ router, p }) => router.pipeToRouter({ producerId: p.id, router, listenInfo, listenIp: '127.0.0.1' } as never)],
  'pipeToRouter() of nothing': ['TypeError', /^missing producerId or dataProducerId$/, ({ router }) => router.pipeToRouter({ router })],
  'pipeToRouter() of both': ['TypeError', /^just producerId or dataProducerId can be given$/, ({ router, p, dp }) => router.pipeToRouter({ producerId: p.id, dataProducerId: dp.id, router })],
  'pipeToRouter() to nowhere': ['TypeError', /^missing router$/, ({ router, p }) => router.pipeToRouter({ producerId: p.id } as never)],
  'pipeToRouter() to itself': ['TypeError', /^cannot use this Router as destination$/, ({ router, p }) => router.pipeToRouter({ producerId: p.id, router })],
  'pipeToRouter() of an unknown producer': ['NotFoundError', /^Producer not found$/, async ({ router }, bench) => router.pipeToRouter({ producerId: 'x', router: await bench.router() })],
  'pipeToRouter() of an unknown data producer': ['NotFoundError', /^DataProducer not found$/, async ({ router }, bench) => router.pipeToRouter({ dataProducerId: 'x', router: await bench.router() })],
};

/** Throws at once, for what is not async. */
const THROWN: Readonly<Record<string, readonly [Known, RegExp, (tree: Tree) => unknown]>> = {
  'producer.send() of words': ['TypeError', /^rtpPacket must be a Buffer$/, ({ p }) => p.send('x' as never)],
  'dataProducer.send() of a number': ['TypeError', /^message must be a string or a Buffer$/, ({ dp }) => dp.send(7 as never)],
  'directTransport.sendRtcp() of words': ['TypeError', /^rtcpPacket must be a Buffer$/, ({ direct }) => direct.sendRtcp('x' as never)],
  'router.updateMediaCodecs() with a codec nobody has': ['UnsupportedError', /^media codec not supported \[mimeType:audio\/chicken\]$/, ({ router }) => router.updateMediaCodecs([...chicken])],
  'router.updateMediaCodecs() with no list': ['TypeError', /./, ({ router }) => router.updateMediaCodecs('x' as never)],
};

/** Which error tells what. Async members reject and never throw. */
export const errors: Suite = suite('errors', {
  ...each(REJECTED, what => `${what} rejects`, async (bench, [name, pattern, call]) => {
    const tree = await makeTree(bench);
    await rejects(() => call(tree, bench), classOf(bench, name), pattern);
    equal((await tree.router.dump()).id, tree.router.id); // and the worker works on
  }),
  ...each(THROWN, what => `${what} throws`, async (bench, [name, pattern, call]) => {
    const tree = await makeTree(bench);
    throws(() => call(tree), classOf(bench, name), pattern);
  }),
  'a binary that cannot be started rejects createWorker()': async bench => {
    const made = (): Promise<unknown> => bench.mediasoup.createWorker({ workerBin: '/nonexistent/worker' });
    if (bench.quirk('workerBin')) await rejects(made, Error, /^spawn \/nonexistent\/worker ENOENT$/);
    else holds(/workerBin/.test(String(await made().catch((error: unknown) => error))), 'the refusal names the option');
  },
  'canConsume() never throws': async bench => {
    const { router, p } = await makeTree(bench);
    same([
      router.canConsume({ producerId: 'x', rtpCapabilities }), router.canConsume({ producerId: p.id, rtpCapabilities: foreignCapabilities }),
      router.canConsume({ producerId: p.id, rtpCapabilities: { codecs: 'x' } as never }), router.canConsume({ producerId: p.id, rtpCapabilities }),
    ], [false, false, false, true]);
  },
  'unknown trace types are ignored': async bench => {
    const { p, c, t1 } = await makeTree(bench);
    await p.enableTraceEvent(['chicken' as never]);
    await c.enableTraceEvent(['chicken' as never, 'rtp']);
    await t1.enableTraceEvent(['chicken' as never, 'probation']);
    same([(await p.dump()).traceEventTypes, (await c.dump()).traceEventTypes, (await t1.dump()).traceEventTypes], [[], ['rtp'], ['probation']]);
  },
  'the classes are the ones under mediasoup.errors, each an Error and nothing between': async bench => {
    const { errors: classes } = bench.mediasoup;
    for (const name of ['UnsupportedError', 'WorkerClosedError', 'NotFoundError'] as const) {
      const error: Error = new classes[name]('why');
      same([error instanceof Error, error.name, error.message, Object.getPrototypeOf(classes[name].prototype) === Error.prototype], [true, name, 'why', true]);
      holds(error.stack?.includes('why'), 'it has a stack');
    }
  },
  'a failed consume() leaves the transport as it was: the next mid is the next one': async bench => {
    const { t2, p, c } = await makeTree(bench);
    await t2.consume({ producerId: p.id, rtpCapabilities: foreignCapabilities }).catch(() => {});
    const next = await t2.consume({ producerId: p.id, rtpCapabilities });
    same([c.rtpParameters.mid, next.rtpParameters.mid], ['0', '1']);
  },
  'a failed produce() leaves nothing that could be consumed': async bench => {
    const { router, t1, p } = await makeTree(bench);
    await t1.produce(audio({ id: 'failed', rtpParameters: p.rtpParameters })).catch(() => {});
    equal(router.canConsume({ producerId: 'failed', rtpCapabilities }), false);
    const again = await t1.produce(audio({ id: 'failed' }));
    equal(again.id, 'failed');
    again.close();
  },
});
