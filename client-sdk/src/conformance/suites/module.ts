import { equal, holds, rejects, same } from '../check.ts';
import { mediaCodecs, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

/** The module itself, its workers and its routers' pure functions. */
export const mediasoupModule: Suite = suite('the module, workers and routers', {
  'version, workerBin and observer': async ({ mediasoup }) => {
    holds(/^3\.\d+\.\d+$/.test(mediasoup.version), mediasoup.version);
    equal(typeof mediasoup.workerBin, 'string');
    equal(mediasoup.observer, mediasoup.observer);
  },
  'getSupportedRtpCapabilities() gives a fresh copy each time': async ({ mediasoup }) => {
    const [first, second] = [mediasoup.getSupportedRtpCapabilities(), mediasoup.getSupportedRtpCapabilities()];
    holds(first !== second && first.codecs!.length > 5 && first.headerExtensions!.length > 5, 'codecs and extensions');
    same(first, second);
    first.codecs!.length = 0;
    same(mediasoup.getSupportedRtpCapabilities(), second);
  },
  'parseScalabilityMode()': async ({ mediasoup: { parseScalabilityMode } }) => {
    same([parseScalabilityMode('L3T2_KEY'), parseScalabilityMode('S2T3'), parseScalabilityMode(undefined), parseScalabilityMode('nonsense')], [
      { spatialLayers: 3, temporalLayers: 2, ksvc: true }, { spatialLayers: 2, temporalLayers: 3, ksvc: false }, { spatialLayers: 1, temporalLayers: 1, ksvc: false }, { spatialLayers: 1, temporalLayers: 1, ksvc: false },
    ]);
  },
  'ortc is there, and says of a router\'s capabilities what the router says': async bench => {
    const { ortc } = bench.mediasoup;
    const { router, p } = await makeTree(bench);
    same(ortc.generateRouterRtpCapabilities(structuredClone(mediaCodecs)), router.rtpCapabilities);
    equal(ortc.canConsume(p.consumableRtpParameters, structuredClone(rtpCapabilities)), true);
  },
  'extras: an emitter, and a promise for its next event': async ({ mediasoup: { extras } }) => {
    const emitter = new extras.EnhancedEventEmitter<{ here: [number] }>();
    const told = extras.enhancedOnce<{ here: [number] }>(emitter, 'here');
    equal(emitter.safeEmit('here', 7), true);
    same(await told, [7]);
  },
  'setLogEventListeners() takes listeners, which hear what mediasoup has to say, and lets them go': async bench => {
    const { t1, p } = await makeTree(bench);
    const lines: [namespace: string, log: string][] = [];
    const failing = (): Promise<unknown> => t1.produce({ kind: 'audio', rtpParameters: p.rtpParameters }).catch(() => {});
    const { promise: warned, resolve: heard } = Promise.withResolvers<void>();
    const onwarn = (namespace: string, log: string): void => {
      lines.push([namespace, log]);
      if (log.includes('ssrc already exists')) heard();
    };
    equal(bench.mediasoup.setLogEventListeners({ ondebug: undefined, onwarn, onerror: undefined }), undefined);
    await failing();
    await bench.soon(warned, 'the warning');
    holds(lines.every(([namespace, log]) => typeof namespace === 'string' && typeof log === 'string'), 'a namespace and a line');
    equal(bench.mediasoup.setLogEventListeners(undefined), undefined);
    lines.length = 0;
    await failing();
    await bench.settled();
    same(lines, []);
  },
  'a worker has a process, and is not closed': async bench => {
    const worker = await bench.newWorker();
    holds(Number.isInteger(worker.pid) && worker.pid > 0, 'a pid');
    same([worker.closed, worker.died, worker.subprocessClosed], [false, false, false]);
  },
  'two workers are two processes, made at once or not': async bench => {
    const workers = await Promise.all([bench.newWorker(), bench.newWorker()]);
    holds(workers[0] !== workers[1] && workers[0].pid !== workers[1].pid, 'two of each');
  },
  'a worker\'s dump, its use of resources, and new settings': async bench => {
    const worker = await bench.newWorker();
    const router = await worker.createRouter();
    const dump = await worker.dump();
    same([dump.pid, dump.routerIds, dump.webRtcServerIds], [worker.pid, [router.id], []]);
    const usage = await worker.getResourceUsage();
    holds(Object.values(usage).every(value => typeof value === 'number') && usage.ru_maxrss > 0, 'numbers');
    equal(await worker.updateSettings({ logLevel: 'error', logTags: ['ice', 'dtls'] }), undefined);
    equal(await worker.updateSettings(), undefined);
  },
  'a worker listens to the signals that end a process, until it is closed': async bench => {
    const before = process.listenerCount('SIGTERM');
    const worker = await bench.newWorker();
    equal(process.listenerCount('SIGTERM') - before, bench.quirk('processSignals') ? 1 : 0);
    worker.close();
    equal(process.listenerCount('SIGTERM'), before);
  },
  'a router without codecs can be made, and consumes nothing': async bench => {
    const router = await (await bench.worker()).createRouter();
    bench.after(() => router.close());
    same(router.rtpCapabilities.codecs, []);
    equal(router.canConsume({ producerId: 'x', rtpCapabilities }), false);
  },
  'a router\'s dump': async bench => {
    const { router, t1, t2, pipe, plain, direct, p, c, c2, pc, dp, dc, dc2, speaker, levels } = await makeTree(bench);
    const dump = await router.dump();
    const ids = (...objects: { id: string }[]): string[] => objects.map(({ id }) => id).toSorted();
    same([dump.id, dump.transportIds.toSorted(), dump.rtpObserverIds.toSorted()], [router.id, ids(t1, t2, pipe, plain, direct), ids(speaker, levels)]);
    same(dump.mapProducerIdConsumerIds.find(({ key }) => key === p.id)?.values.toSorted(), ids(c, c2, pc));
    same(dump.mapDataProducerIdDataConsumerIds.find(({ key }) => key === dp.id)?.values.toSorted(), ids(dc, dc2));
  },
  'updateMediaCodecs() takes effect at once': async bench => {
    const router = await bench.router({ mediaCodecs: [mediaCodecs[0]!] });
    const transport = await router.createDirectTransport();
    const vp8 = { kind: 'video', rtpParameters: { codecs: [{ mimeType: 'video/VP8', payloadType: 112, clockRate: 90_000 }], encodings: [{ ssrc: 9 }] } } as const;
    await rejects(() => transport.produce(structuredClone(vp8) as never), bench.mediasoup.errors.UnsupportedError, /^unsupported codec/);
    equal(router.updateMediaCodecs(structuredClone(mediaCodecs)), undefined);
    equal(router.rtpCapabilities.codecs!.some(({ mimeType }) => mimeType === 'video/VP8'), true);
    equal((await transport.produce(structuredClone(vp8) as never)).kind, 'video');
  },
  'a failed updateMediaCodecs() changes nothing': async bench => {
    const router = await bench.router();
    const before = router.rtpCapabilities;
    try {
      router.updateMediaCodecs([{ kind: 'audio', mimeType: 'audio/chicken', clockRate: 1 }]);
    } catch {
      // told in the errors' cases
    }
    same(router.rtpCapabilities, before);
  },
});
