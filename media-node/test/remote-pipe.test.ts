import { once } from 'node:events';

import { afterEach, describe, expect, it } from '@jest/globals';
import type { Mediasoup } from '@mediacluster/sdk';
import type { Router, WebRtcTransport, Worker } from 'mediasoup/types';

import { rtpCapabilities, rtpParameters } from '../../client-sdk/test/scripted-node.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

afterEach(endAll);

interface Place {
  readonly worker: Worker;
  readonly router: Router;
  readonly transport: WebRtcTransport;
}

async function place(mediasoup: Mediasoup): Promise<Place> {
  const worker = await mediasoup.createWorker();
  const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] });
  const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true });
  return { worker, router, transport };
}

async function places(): Promise<[Place, Place]> {
  const [a, b] = [await startSocketNode({ name: 'node-a' }), await startSocketNode({ name: 'node-b' })];
  return [await place((await connect(a.url)).mediasoup), await place((await connect(b.url)).mediasoup)];
}

async function settled(...all: Place[]): Promise<void> {
  for (let trip = 0; trip < 3; trip++) {
    for (const { worker } of all) await worker.dump();
    await new Promise(setImmediate);
  }
}

describe('pipeToRouter() from a router on one node to a router on another', () => {
  it('carries a producer and a data producer, once consumed there', async () => {
    const [near, far] = await places();
    const appData = { name: 'mine' };
    const producer = await near.transport.produce({ kind: 'audio', rtpParameters, appData });
    const dataProducer = await near.transport.produceData({ sctpStreamParameters: { streamId: 0 } });
    const { pipeProducer, pipeConsumer } = await near.router.pipeToRouter({ producerId: producer.id, router: far.router });
    const { pipeDataProducer } = await near.router.pipeToRouter({ dataProducerId: dataProducer.id, router: far.router });
    expect(pipeProducer).toMatchObject({ id: producer.id, appData });
    expect(pipeProducer?.appData).toBe(appData);
    expect(pipeConsumer?.type).toBe('pipe');
    expect(far.router.canConsume({ producerId: producer.id, rtpCapabilities })).toBe(true);
    const consumer = await far.transport.consume({ producerId: producer.id, rtpCapabilities });
    const dataConsumer = await far.transport.consumeData({ dataProducerId: pipeDataProducer!.id });

    await producer.pause();
    await once(consumer, 'producerpause');
    expect(consumer.producerPaused).toBe(true);
    await producer.resume();
    await once(consumer, 'producerresume');

    producer.close();
    dataProducer.close();
    await Promise.all([once(consumer, 'producerclose'), once(dataConsumer, 'dataproducerclose')]);
    expect([consumer.closed, dataConsumer.closed, pipeProducer?.closed]).toEqual([true, true, true]);
  });

  it('lays one pair for both directions, also when both ask at once, and takes it down with either router', async () => {
    const [near, far] = await places();
    const [here, there] = [await near.transport.produce({ kind: 'audio', rtpParameters }), await far.transport.produce({ kind: 'audio', rtpParameters })];
    await Promise.all([
      near.router.pipeToRouter({ producerId: here.id, router: far.router }),
      far.router.pipeToRouter({ producerId: there.id, router: near.router }),
    ]);
    for (const { router } of [near, far]) expect((await router.dump()).transportIds).toHaveLength(2);
    far.router.close();
    await settled(near, far);
    expect((await near.router.dump()).transportIds).toHaveLength(1);
    expect(here.closed).toBe(false);
  });

  it('leaves nothing behind when it fails, and the next try works', async () => {
    const [near, far] = await places();
    const producer = await near.transport.produce({ kind: 'audio', rtpParameters });
    const taken = await far.transport.produce({ id: producer.id, kind: 'audio', rtpParameters });
    await expect(near.router.pipeToRouter({ producerId: producer.id, router: far.router })).rejects.toThrow(Error);
    await settled(near, far);
    for (const { router } of [near, far]) expect((await router.dump()).transportIds).toHaveLength(1);
    taken.close();
    const { pipeProducer } = await near.router.pipeToRouter({ producerId: producer.id, router: far.router });
    expect(pipeProducer?.closed).toBe(false);
  });

  it('works on one worker, with an id of its own', async () => {
    const [near] = await places();
    const router = await near.worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] });
    const producer = await near.transport.produce({ kind: 'audio', rtpParameters });
    const { pipeProducer } = await near.router.pipeToRouter({ producerId: producer.id, router, keepId: false });
    expect(pipeProducer?.id).not.toBe(producer.id);
    expect(router.canConsume({ producerId: pipeProducer!.id, rtpCapabilities })).toBe(true);
  });

  it('goes with the node that is lost, on the other side too', async () => {
    const [a, b] = [await startSocketNode({ name: 'node-a' }), await startSocketNode({ name: 'node-b' })];
    const [near, far] = [await place((await connect(a.url)).mediasoup), await place((await connect(b.url)).mediasoup)];
    const producer = await near.transport.produce({ kind: 'audio', rtpParameters });
    await near.router.pipeToRouter({ producerId: producer.id, router: far.router });
    const consumer = await far.transport.consume({ producerId: producer.id, rtpCapabilities });
    const closed = once(consumer, 'producerclose');
    await a.crash();
    await closed;
    expect(near.worker.died).toBe(true);
    expect(far.worker.closed).toBe(false);
    await settled(far);
    expect((await far.router.dump()).transportIds).toHaveLength(1);
  });
});
