import { rejects, throws } from '../check.ts';
import { audio, listenInfo, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

const appData = 'no object' as never;
const AN_OBJECT = /^if given, appData must be an object$/;

/** Arguments are looked at before the state, and what the app's side knows before the worker is asked. */
export const precedence: Suite = suite('which error comes first', {
  'wrong arguments, then a closed entity': async bench => {
    const { t1, p, c, dc, pipe } = await makeTree(bench);
    for (const object of [t1, p, c, dc, pipe]) object.close();
    await rejects(() => c.setPreferredLayers({} as never), TypeError, /spatialLayer/);
    await rejects(() => c.setPriority(-1), TypeError, /priority/);
    await rejects(() => t1.connect({} as never), TypeError, /./);
    for (const object of [t1, p, c, pipe]) await rejects(() => object.enableTraceEvent('x' as never), TypeError, /^types must be an array$/);
    await rejects(() => dc.send(7 as never), TypeError, /^message must be/);
    throws(() => p.send('x' as never), TypeError, /^rtpPacket must be a Buffer$/);
  },
  'wrong arguments, then a closed worker': async bench => {
    const { worker, router, c, t1, direct, dp } = await makeTree(bench, await bench.newWorker());
    worker.close();
    await rejects(() => worker.createRouter({ appData }), TypeError, AN_OBJECT);
    await rejects(() => router.createWebRtcTransport({} as never), TypeError, /^missing webRtcServer/);
    await rejects(() => t1.produce(audio({ kind: 'x' as never })), TypeError, /^invalid kind/);
    await rejects(() => c.setPriority(-1), TypeError, /priority/);
    await rejects(() => direct.setMaxIncomingBitrate(1), bench.mediasoup.errors.UnsupportedError, /not implemented/);
    throws(() => dp.send(7 as never), TypeError, /^message must be/);
    throws(() => direct.sendRtcp('x' as never), TypeError, /^rtcpPacket/);
  },
  'what is unknown here, then a closed worker': async bench => {
    const { worker, t2, levels, p, dp, router } = await makeTree(bench, await bench.newWorker());
    const other = await worker.createRouter();
    worker.close();
    const { NotFoundError } = bench.mediasoup.errors;
    await rejects(() => t2.consume({ producerId: p.id, rtpCapabilities }), NotFoundError, /^Producer with id/);
    await rejects(() => t2.consumeData({ dataProducerId: dp.id }), NotFoundError, /^DataProducer with id/);
    await rejects(() => levels.addProducer({ producerId: p.id }), NotFoundError, /^Producer with id/);
    await rejects(() => router.pipeToRouter({ producerId: p.id, router: other }), NotFoundError, /^Producer not found$/);
  },
  'bad capabilities, then an unknown producer': async bench => {
    const { t2 } = await makeTree(bench);
    await rejects(() => t2.consume({ producerId: 'x', rtpCapabilities: { codecs: 'x' } as never }), TypeError, /./);
  },
  'a taken id, then a wrong kind': async bench => {
    const { t1, p } = await makeTree(bench);
    await rejects(() => t1.produce(audio({ id: p.id, kind: 'x' as never })), TypeError, /^a Producer with same id/);
  },
  'a wrong kind, then bad appData': async bench => {
    const { t1 } = await makeTree(bench);
    await rejects(() => t1.produce(audio({ kind: 'x' as never, appData })), TypeError, /^invalid kind/);
  },
  'pipeToRouter(): where to listen, what, where to, and only then who': async bench => {
    const { router } = await makeTree(bench);
    await rejects(() => router.pipeToRouter({ listenInfo, listenIp: 'x' } as never), TypeError, /^only one of listenInfo/);
    await rejects(() => router.pipeToRouter({ producerId: 'x', dataProducerId: 'y' } as never), TypeError, /^just producerId/);
    await rejects(() => router.pipeToRouter({ producerId: 'x' } as never), TypeError, /^missing router$/);
    await rejects(() => router.pipeToRouter({ producerId: 'x', router }), TypeError, /^cannot use this Router/);
  },
  'a wrong packet, then a closed worker': async bench => {
    const { worker, p } = await makeTree(bench, await bench.newWorker());
    worker.close();
    throws(() => p.send('x' as never), TypeError, /^rtpPacket must be a Buffer$/);
    throws(() => p.send(Buffer.alloc(12)), bench.mediasoup.errors.WorkerClosedError, /^Channel closed, cannot send notification \[event:/);
  },
});
