import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { DirectTransport, Router } from 'mediasoup/types';

import { MediasoupHorizontal } from '../src/horizontal/horizontal.ts';
import { LocalManager } from '../src/local/local-manager.ts';
import type { NodeInfo } from '../src/manager.ts';
import { consume, mediaCodecs, message, packetsThrough, produce } from './media.ts';

/** A local mediasoup that says it runs on a host of its own, so that pipes to it are laid as between hosts. */
class ElsewhereManager extends LocalManager {
  override readonly node: NodeInfo;

  constructor(name: string) {
    super(mediasoup, { pipeAddress: '127.0.0.1' });
    this.node = { id: name, name, epoch: '1', mediasoupVersion: mediasoup.version, pipeAddress: '127.0.0.1' };
  }
}

describe.each([
  ['on one host', () => [new LocalManager(mediasoup), new LocalManager(mediasoup)]],
  ['on two hosts', () => [new ElsewhereManager('north'), new ElsewhereManager('south')]],
])('a pipe between two members %s', (where, members) => {
  let horizontal: MediasoupHorizontal;
  let near: Router;
  let far: Router;
  let source: DirectTransport;

  beforeEach(async () => {
    horizontal = new MediasoupHorizontal(members());
    const workers = [await horizontal.mediasoup!.createWorker(), await horizontal.mediasoup!.createWorker()];
    [near, far] = await Promise.all(workers.map(worker => worker.createRouter({ mediaCodecs }))) as [Router, Router];
    source = await near.createDirectTransport();
  });
  afterEach(() => horizontal.destroy());

  test.each(['audio', 'video'] as const)('carries %s', async kind => {
    const producer = await produce(source, kind);
    const { pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    expect(pipeProducer?.id).toBe(producer.id);
    const consumer = await consume(far, producer.id);
    const packets = await packetsThrough(producer, consumer, 20);
    expect(packets.map(String)).toEqual(Array.from({ length: 20 }, () => (kind === 'audio' ? 'a-sound!' : 'a-frame!')));
  });

  test('carries data, and both ways over one pair', async () => {
    const there = await source.produceData({ label: 'chat' });
    const sink = await far.createDirectTransport();
    const back = await sink.produceData({ label: 'answers' });
    await Promise.all([near.pipeToRouter({ dataProducerId: there.id, router: far }), far.pipeToRouter({ dataProducerId: back.id, router: near })]);

    const [heardFar, heardNear] = [await sink.consumeData({ dataProducerId: there.id }), await source.consumeData({ dataProducerId: back.id })];
    const heard = Promise.all([message(heardFar), message(heardNear)]);
    there.send('hello');
    back.send('world');
    expect(await heard).toEqual(['hello', 'world']);
    expect((await near.dump()).transportIds).toHaveLength(2); // the direct one and one end of the pair
  });

  test('protects what crosses hosts, and only that', async () => {
    const producer = await produce(source, 'video');
    const pipes: { srtp: boolean; rtx: Promise<boolean> }[] = [];
    for (const router of [near, far]) {
      router.observer.on('newtransport', transport => {
        if (transport.type !== 'pipe') return;
        const pipe = transport as import('mediasoup/types').PipeTransport;
        pipes.push({ srtp: pipe.srtpParameters !== undefined, rtx: pipe.dump().then(dump => dump.rtx) });
      });
    }
    await near.pipeToRouter({ producerId: producer.id, router: far });
    const crosses = where === 'on two hosts';
    expect(pipes.map(pipe => pipe.srtp)).toEqual([crosses, crosses]);
    expect(await Promise.all(pipes.map(pipe => pipe.rtx))).toEqual([crosses, crosses]);
  });
});
