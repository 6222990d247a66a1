import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';

import { MediasoupHorizontal } from '../src/horizontal/horizontal.ts';
import { LocalManager } from '../src/local/local-manager.ts';
import { mediaCodecs } from './media.ts';

/** As an app is written that takes its mediasoup as an argument: mediasoup's own types, without a cast. */
async function startRoom(module: typeof mediasoup): Promise<{ worker: types.Worker; router: types.Router<{ room: number }> }> {
  const worker: types.Worker = await module.createWorker({ logLevel: 'none' });
  const router: types.Router<{ room: number }> = await worker.createRouter({ mediaCodecs, appData: { room: 7 } });
  return { worker, router };
}

let members: LocalManager[];
let horizontal: MediasoupHorizontal;
let worker: types.Worker;
let router: types.Router<{ room: number }>;

beforeEach(async () => {
  members = [new LocalManager(mediasoup), new LocalManager(mediasoup)];
  horizontal = new MediasoupHorizontal(members);
  ({ worker, router } = await startRoom(horizontal.mediasoup!));
});
afterEach(() => {
  horizontal.destroy();
  for (const member of members) member.destroy();
});

describe('a worker', () => {
  test('answers as its member\'s does', async () => {
    expect([worker.closed, worker.died, worker.subprocessClosed]).toEqual([false, false, false]);
    expect(await worker.dump()).toMatchObject({ pid: worker.pid, routerIds: [router.id] });
    expect((await worker.getResourceUsage()).ru_maxrss).toBeGreaterThan(0);
    await worker.updateSettings({ logLevel: 'error' });
  });

  test('has WebRtcServers that serve its routers\' transports', async () => {
    const told: unknown[] = [];
    worker.observer.on('newwebrtcserver', server => told.push(server));
    const webRtcServer = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
    webRtcServer.observer.on('webrtctransporthandled', transport => told.push(transport));
    const transport = await router.createWebRtcTransport({ webRtcServer });
    expect(told).toEqual([webRtcServer, transport]);
  });

  test('dies with its process, and takes all below it along in mediasoup\'s order', async () => {
    const told: string[] = [];
    const transport = await router.createDirectTransport();
    transport.on('routerclose', () => told.push('transport routerclose'));
    router.on('workerclose', () => told.push('router workerclose'));
    router.observer.on('close', () => told.push('router close'));
    worker.on('died', error => told.push(`worker died ${error.message}`));
    worker.on('subprocessclose', () => told.push('worker subprocessclose'));
    worker.observer.on('close', () => told.push('worker close'));
    const closed = once(worker.observer, 'close');
    process.kill(worker.pid, 'SIGKILL');
    await closed;
    expect(told).toEqual(['transport routerclose', 'router workerclose', 'router close', `worker died [pid:${worker.pid}, code:null, signal:SIGKILL]`, 'worker subprocessclose', 'worker close']);
    expect([worker.died, worker.closed, router.closed]).toEqual([true, true, true]);
  });

  test('closes as its member\'s does', async () => {
    const subprocessclose = once(worker, 'subprocessclose');
    worker.close();
    expect([worker.closed, worker.died, router.closed]).toEqual([true, false, true]);
    await subprocessclose;
    await expect(worker.createRouter()).rejects.toBeInstanceOf(horizontal.mediasoup!.errors.WorkerClosedError);
  });
});

describe('a router', () => {
  test('answers as its member\'s does', async () => {
    expect(router.rtpCapabilities.codecs!.map(({ mimeType }) => mimeType)).toEqual(expect.arrayContaining(['audio/opus', 'video/VP8']));
    expect(await router.dump()).toMatchObject({ id: router.id, transportIds: [] });
    expect(router.appData).toEqual({ room: 7 });
    router.appData = { room: 8 };
    expect(router.appData.room).toBe(8);
    router.updateMediaCodecs([mediaCodecs[0]!]);
    expect(router.rtpCapabilities.codecs!.map(({ mimeType }) => mimeType)).toEqual(['audio/opus']);
    expect(router.canConsume({ producerId: 'x', rtpCapabilities: router.rtpCapabilities })).toBe(false);
  });

  test('makes every kind of transport and observer, and tells of them first', async () => {
    const told: unknown[] = [];
    router.observer.on('newtransport', transport => told.push(transport));
    router.observer.on('newrtpobserver', observer => told.push(observer));
    const listenInfo = { protocol: 'udp', ip: '127.0.0.1' } as const;
    const made = [
      await router.createWebRtcTransport({ listenInfos: [listenInfo] }),
      await router.createPlainTransport({ listenInfo }),
      await router.createPipeTransport({ listenInfo }),
      await router.createDirectTransport(),
      await router.createActiveSpeakerObserver(),
      await router.createAudioLevelObserver(),
    ];
    expect(told).toEqual(made);
    expect((await router.dump()).transportIds).toHaveLength(4);
  });

  test('closes alone, once', () => {
    const told: string[] = [];
    router.on('workerclose', () => told.push('workerclose'));
    router.observer.on('close', () => told.push('close'));
    router.close();
    router.close();
    router.workerClosed();
    expect([told, router.closed, worker.closed]).toEqual([['close'], true, false]);
  });
});

test('the load of a set has its workers under their pids', async () => {
  const stats = await horizontal.getStats();
  // Both members see all workers of this process' mediasoup.
  expect(stats!.pidusages![worker.pid]).toMatchObject({ pid: worker.pid });
  expect(Object.keys(stats!.nodes)).toHaveLength(2);
});

test('a router may be piped to one of another set', async () => {
  const other = new MediasoupHorizontal([new LocalManager(mediasoup)]);
  const room = await startRoom(other.mediasoup!);
  const dataProducer = await (await router.createDirectTransport()).produceData();
  const { pipeDataProducer } = await router.pipeToRouter({ dataProducerId: dataProducer.id, router: room.router });
  expect(pipeDataProducer!.id).toBe(dataProducer.id);
  other.destroy();
});
