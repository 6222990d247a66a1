import type { Bench } from '../bench.ts';
import { equal, rejects, throws } from '../check.ts';
import { audio, listenInfo, rtpCapabilities, video } from '../media.ts';
import { each, suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';
import type { Tree } from '../tree.ts';

interface Asked {
  readonly title: string;
  readonly call: (tree: Tree) => Promise<unknown>;
}

/** Members that ask the worker, for each class: what they say when it cannot answer. */
const CALLS: Readonly<Record<string, (tree: Tree) => Promise<unknown>>> = {
  'server.dump': t => t.server.dump(), 'router.dump': t => t.router.dump(), 'router.createDirectTransport': t => t.router.createDirectTransport(),
  'router.createWebRtcTransport': t => t.router.createWebRtcTransport({ listenInfos: [listenInfo] }), 'router.createPlainTransport': t => t.router.createPlainTransport({ listenInfo }),
  'router.createPipeTransport': t => t.router.createPipeTransport({ listenInfo }), 'router.createActiveSpeakerObserver': t => t.router.createActiveSpeakerObserver(),
  'router.createAudioLevelObserver': t => t.router.createAudioLevelObserver(),
  't1.dump': t => t.t1.dump(), 't1.getStats': t => t.t1.getStats(), 't1.restartIce': t => t.t1.restartIce(), 't1.setMaxIncomingBitrate': t => t.t1.setMaxIncomingBitrate(100_000),
  't1.setMaxOutgoingBitrate': t => t.t1.setMaxOutgoingBitrate(100_000), 't1.setMinOutgoingBitrate': t => t.t1.setMinOutgoingBitrate(100_000), 't1.produce': t => t.t1.produce(video()),
  't1.produceData': t => t.t1.produceData({ sctpStreamParameters: { streamId: 44 } }), 't1.enableTraceEvent': t => t.t1.enableTraceEvent(['bwe']),
  'plain.dump': t => t.plain.dump(), 'plain.connect': t => t.plain.connect({ ip: '127.0.0.1', port: 9, rtcpPort: 10 }), 'pipe.dump': t => t.pipe.dump(), 'pipe.connect': t => t.pipe.connect({ ip: '127.0.0.1', port: 9 }),
  'direct.dump': t => t.direct.dump(), 'direct.produce': t => t.direct.produce(audio()), 'p.dump': t => t.p.dump(), 'p.getStats': t => t.p.getStats(), 'p.pause': t => t.p.pause(),
  'p.resume': t => t.p.resume(), 'p.enableTraceEvent': t => t.p.enableTraceEvent(['rtp']), 'c.dump': t => t.c.dump(), 'c.getStats': t => t.c.getStats(), 'c.pause': t => t.c.pause(),
  'c.setPreferredLayers': t => t.c.setPreferredLayers({ spatialLayer: 0 }), 'c.setPriority': t => t.c.setPriority(2), 'c.unsetPriority': t => t.c.unsetPriority(),
  'c.requestKeyFrame': t => t.c.requestKeyFrame(), 'dp.dump': t => t.dp.dump(), 'dp.pause': t => t.dp.pause(), 'dc.dump': t => t.dc.dump(), 'dc.getStats': t => t.dc.getStats(),
  'dc.getBufferedAmount': t => t.dc.getBufferedAmount(), 'dc.setBufferedAmountLowThreshold': t => t.dc.setBufferedAmountLowThreshold(1), 'dc.send': t => t.dc.send('x'),
  'dc.setSubchannels': t => t.dc.setSubchannels([1]), 'dc.addSubchannel': t => t.dc.addSubchannel(1), 'dc.removeSubchannel': t => t.dc.removeSubchannel(1),
  'speaker.pause': t => t.speaker.pause(), 'levels.resume': t => t.levels.resume(),
};

const ASK: readonly Asked[] = Object.entries(CALLS).map(([title, call]) => ({ title, call }));

const askedOf = (name: string): readonly Asked[] => ASK.filter(({ title }) => title.startsWith(`${name}.`));

const CLASSES = { server: 'server', router: 'router', t1: 't1', plain: 'plain', pipe: 'pipe', direct: 'direct', p: 'p', c: 'c', dp: 'dp', dc: 'dc', speaker: 'speaker', levels: 'levels' } as const;

/** Calls on what is closed: which class of error, and that each is told. */
export const afterClose: Suite = suite('calls after close()', {
  ...each(
    CLASSES,
    name => `on a closed ${name} reject with NotFoundError`,
    async (bench, name) => {
      const tree = await makeTree(bench);
      tree[name].close();
      for (const { call } of askedOf(name)) await rejects(() => call(tree), bench.mediasoup.errors.NotFoundError, /./);
    },
  ),
  'on everything below a closed router reject with NotFoundError': async bench => {
    const tree = await makeTree(bench);
    tree.router.close();
    for (const { title, call } of ASK) if (!title.startsWith('server')) await rejects(() => call(tree), bench.mediasoup.errors.NotFoundError, /./);
  },
  'on everything below a closed transport reject with NotFoundError': async bench => {
    const tree = await makeTree(bench);
    tree.t1.close();
    tree.t2.close();
    for (const name of ['p', 'c', 'dp', 'dc']) for (const { call } of askedOf(name)) await rejects(() => call(tree), bench.mediasoup.errors.NotFoundError, /./);
  },
  'on everything below a closed worker reject with WorkerClosedError': async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    tree.worker.close();
    for (const { call } of ASK) await rejects(() => call(tree), bench.mediasoup.errors.WorkerClosedError, /^Channel closed, cannot send request \[method:[\w.]+\]$/);
  },
  'on a closed worker itself': async bench => {
    const worker = await bench.newWorker();
    worker.close();
    for (const call of [() => worker.dump(), () => worker.getResourceUsage(), () => worker.updateSettings({ logLevel: 'warn' }), () => worker.createRouter(), () => worker.createWebRtcServer({ listenInfos: [listenInfo] })]) {
      await rejects(call, bench.mediasoup.errors.WorkerClosedError, /^Channel closed, cannot send request \[method:[\w.]+\]$/);
    }
  },
  'on everything below a dead worker reject with WorkerClosedError': [['signalWorker'], async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    const ended = bench.next(tree.worker.observer, 'close');
    process.kill(tree.worker.pid, 'SIGKILL');
    await ended;
    for (const { call } of ASK) await rejects(() => call(tree), bench.mediasoup.errors.WorkerClosedError, /./);
  }],
  'what was consumed of a closed producer is gone too': async bench => {
    const { p, c } = await makeTree(bench);
    const told = bench.next(c, 'producerclose');
    p.close();
    await told;
    await rejects(() => c.dump(), bench.mediasoup.errors.NotFoundError, /./);
  },
  'send() on a closed producer says nothing while the worker is open': async bench => {
    const { p, dp } = await makeTree(bench);
    p.close();
    dp.close();
    equal(p.send(Buffer.alloc(20)), undefined);
    equal(dp.send('x'), undefined);
  },
  'send() and sendRtcp() throw once the worker is closed': async bench => {
    const { worker, p, dp, direct } = await makeTree(bench, await bench.newWorker());
    worker.close();
    for (const call of [() => p.send(Buffer.alloc(20)), () => dp.send('x'), () => dp.send(Buffer.from('x')), () => direct.sendRtcp(Buffer.alloc(20))]) {
      throws(call, bench.mediasoup.errors.WorkerClosedError, /^Channel closed, cannot send notification \[event:[\w.]+\]$/);
    }
  },
  'connect() of a closed DirectTransport resolves: it never does anything': async bench => {
    const { worker, direct } = await makeTree(bench, await bench.newWorker());
    await direct.connect();
    direct.close();
    await direct.connect();
    worker.close();
    equal(await direct.connect(), undefined);
  },
  'consume() on a closed transport': async bench => {
    const { t2, p } = await makeTree(bench);
    t2.close();
    await rejects(() => t2.consume({ producerId: p.id, rtpCapabilities }), bench.mediasoup.errors.NotFoundError, /./);
  },
  'createWebRtcTransport() on a closed server, or on one of another worker': async bench => {
    const { server, router } = await makeTree(bench);
    const webRtcServer = await (await bench.newWorker()).createWebRtcServer({ listenInfos: [listenInfo] });
    await rejects(() => router.createWebRtcTransport({ webRtcServer }), Error, /^wrong webRtcServerId/);
    server.close();
    await rejects(() => router.createWebRtcTransport({ webRtcServer: server }), Error, /^wrong webRtcServerId/);
  },
});

/** Calls that would hang: each is settled, whatever ends meanwhile. */
export const underWay: Suite = suite('calls under way', {
  ...each(CLASSES, name => `of ${name} reject when the worker closes before their answers`, async (bench, name) => {
    const tree = await makeTree(bench, await bench.newWorker());
    const asked = askedOf(name).map(({ call }) => call(tree));
    tree.worker.close();
    await allReject(bench, asked, /^Channel closed, pending request aborted \[method:[\w.]+(, id:\d+)?\]$/);
  }),
  'of a worker reject when it closes': async bench => {
    const worker = await bench.newWorker();
    const asked = [worker.dump(), worker.getResourceUsage(), worker.updateSettings({ logLevel: 'warn' }), worker.createRouter()];
    worker.close();
    await allReject(bench, asked, /pending request aborted/);
  },
  'reject when the process dies': [['signalWorker'], async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    process.kill(tree.worker.pid, 'SIGSTOP'); // so that none is answered
    const asked = [tree.worker.dump(), tree.router.dump(), tree.p.getStats(), tree.t1.produce(audio())];
    process.kill(tree.worker.pid, 'SIGKILL');
    await allReject(bench, asked, /./);
    equal(tree.worker.died, true);
  }],
  'complete when a transport closes behind them': async bench => {
    const { t1, router, p } = await makeTree(bench);
    const asked = [t1.dump(), p.dump(), t1.getStats()];
    t1.close();
    const [dump] = await bench.soon(Promise.all(asked), 'the answers');
    equal((dump as { id: string }).id, t1.id);
    equal((await router.dump()).transportIds.includes(t1.id), false);
  },
  'complete when a router closes behind them': async bench => {
    const { router, levels, p } = await makeTree(bench);
    const asked = Promise.all([router.dump(), p.pause(), levels.pause()]);
    router.close();
    const [dump] = await bench.soon(asked, 'the answers');
    equal(dump.id, router.id);
  },
  'produce() behind which the transport closes resolves': async bench => {
    const { t1 } = await makeTree(bench);
    const seen: unknown[] = [];
    t1.observer.on('newproducer', producer => seen.push(producer));
    const made = t1.produce(audio());
    t1.close();
    const producer = await bench.soon(made, 'the producer');
    equal(seen[0], producer);
    equal(producer.closed, !bench.quirk('lateChildStaysOpen'));
    await rejects(() => producer.dump(), bench.mediasoup.errors.NotFoundError, /./);
  },
  'createDirectTransport() behind which the router closes resolves': async bench => {
    const router = await bench.router();
    const made = router.createDirectTransport();
    router.close();
    const transport = await bench.soon(made, 'the transport');
    equal(transport.closed, !bench.quirk('lateChildStaysOpen'));
  },
  'consume() behind which the producer closes resolves, and the consumer hears of it': async bench => {
    const { t2, p } = await makeTree(bench);
    const made = t2.consume({ producerId: p.id, rtpCapabilities });
    p.close();
    const consumer = await bench.soon(made, 'the consumer');
    await bench.next(consumer, 'producerclose');
    await rejects(() => consumer.dump(), bench.mediasoup.errors.NotFoundError, /./);
  },
});

async function allReject(bench: Bench, asked: readonly Promise<unknown>[], pattern: RegExp): Promise<void> {
  await bench.soon(Promise.allSettled(asked), 'the rejections');
  for (const promise of asked) await rejects(() => promise, bench.mediasoup.errors.WorkerClosedError, pattern);
}
