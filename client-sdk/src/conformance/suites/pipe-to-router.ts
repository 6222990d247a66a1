import type { PipeTransport, Router, Transport } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, rejects, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audio, listenInfo, mediaCodecs, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';

/** Two routers, of two workers unless it is said otherwise, and a transport in each. */
async function routers(bench: Bench, { workers = 2 } = {}) {
  const near = await bench.router();
  const other = workers === 2 ? await bench.newWorker() : await bench.worker();
  const far = await other.createRouter({ mediaCodecs });
  bench.after(() => far.close());
  return { near, far, here: await near.createDirectTransport(), there: await far.createDirectTransport() };
}

function pipesOf(router: Router): PipeTransport[] {
  const pipes: PipeTransport[] = [];
  router.observer.on('newtransport', (transport: Transport) => transport.type === 'pipe' && pipes.push(transport as PipeTransport));
  return pipes;
}

/** One router's producers in another. */
export const pipeToRouter: Suite = suite('pipeToRouter()', {
  'gives both ends of a producer\'s pipe, with the producer\'s id and appData': async bench => {
    const { near, far, here, there } = await routers(bench);
    const producer = await here.produce(audio({ appData: { name: 'mine' } }));
    const { pipeConsumer, pipeProducer, pipeDataConsumer, pipeDataProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    same([pipeConsumer!.type, pipeConsumer!.producerId, pipeProducer!.id, pipeDataConsumer, pipeDataProducer], ['pipe', producer.id, producer.id, undefined, undefined]);
    equal(pipeProducer!.appData, producer.appData);
    equal(far.canConsume({ producerId: producer.id, rtpCapabilities }), true);
    equal((await there.consume({ producerId: producer.id, rtpCapabilities })).producerId, producer.id);
  },
  'and of a data producer\'s': async bench => {
    const { near, far, here, there } = await routers(bench);
    const producer = await here.produceData({ label: 'l', protocol: 'p' });
    const { pipeDataConsumer, pipeDataProducer } = await near.pipeToRouter({ dataProducerId: producer.id, router: far });
    same([pipeDataConsumer!.dataProducerId, pipeDataProducer!.id, pipeDataProducer!.label, pipeDataProducer!.protocol], [producer.id, producer.id, 'l', 'p']);
    const consumer = await there.consumeData({ dataProducerId: producer.id });
    const heard = bench.next<[Buffer]>(consumer, 'message');
    const [message] = await bench.until(heard, () => producer.send('through the pipe'), 20);
    equal(message.toString(), 'through the pipe');
  },
  'observers hear of the transports, then of the ends': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio());
    const lines: string[] = [];
    for (const [name, router] of Object.entries({ near, far })) {
      router.observer.on('newtransport', transport => {
        lines.push(`${name} newtransport`);
        transport.observer.on('newproducer', () => lines.push(`${name} newproducer`));
        transport.observer.on('newconsumer', () => lines.push(`${name} newconsumer`));
      });
    }
    await near.pipeToRouter({ producerId: producer.id, router: far });
    same([lines.slice(0, 2).toSorted(), lines.slice(2)], [['far newtransport', 'near newtransport'], ['near newconsumer', 'far newproducer']]);
  },
  'two routers have one pair of transports, whoever asks and however often': async bench => {
    const { near, far, here, there } = await routers(bench);
    const [a, b] = [pipesOf(near), pipesOf(far)];
    const [one, two, three] = [await here.produce(audio()), await here.produce(audio()), await there.produce(audio())];
    await Promise.all([near.pipeToRouter({ producerId: one.id, router: far }), near.pipeToRouter({ producerId: two.id, router: far }), far.pipeToRouter({ producerId: three.id, router: near })]);
    same([a.length, b.length], [1, 1]);
    equal(near.canConsume({ producerId: three.id, rtpCapabilities }), true);
  },
  'a second time with the same id is an error, and the first stays': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio());
    const { pipeConsumer, pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    await rejects(() => near.pipeToRouter({ producerId: producer.id, router: far }), TypeError, /^a Producer with same id/);
    same([pipeConsumer!.closed, pipeProducer!.closed], [false, false]);
  },
  'a second time with an id of its own is a second pipe': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio());
    const [first, second] = [await near.pipeToRouter({ producerId: producer.id, router: far }), await near.pipeToRouter({ producerId: producer.id, router: far, keepId: false })];
    holds(first.pipeProducer!.id !== second.pipeProducer!.id && !first.pipeProducer!.closed, 'two');
  },
  'within one worker the id cannot be kept': async bench => {
    const { near, far, here } = await routers(bench, { workers: 1 });
    const producer = await here.produce(audio());
    await rejects(() => near.pipeToRouter({ producerId: producer.id, router: far }), Error, /already exists/);
    const { pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far, keepId: false });
    holds(pipeProducer!.id !== producer.id, 'another id');
    equal(far.canConsume({ producerId: pipeProducer!.id, rtpCapabilities }), true);
  },
  'a pause travels, and so does the end of it': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio());
    const { pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    const paused = bench.next(pipeProducer!.observer, 'pause');
    await producer.pause();
    await paused;
    equal(pipeProducer!.paused, true);
    const resumed = bench.next(pipeProducer!.observer, 'resume');
    await producer.resume();
    await resumed;
    equal(pipeProducer!.paused, false);
  },
  'a paused producer is paused over there from the start': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio({ paused: true }));
    const { pipeProducer, pipeConsumer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    same([pipeProducer!.paused, pipeConsumer!.producerPaused], [true, true]);
  },
  'the end of the producer ends both ends of the pipe, and who consumed it there': async bench => {
    const { near, far, here, there } = await routers(bench);
    const producer = await here.produce(audio());
    const { pipeProducer, pipeConsumer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    const consumer = await there.consume({ producerId: producer.id, rtpCapabilities });
    const told = bench.next(consumer, 'producerclose');
    producer.close();
    await told;
    same([pipeProducer!.closed, pipeConsumer!.closed, consumer.closed], [true, true, true]);
  },
  'the end of either end ends the other': async bench => {
    const { near, far, here } = await routers(bench);
    const [one, two] = [await here.produce(audio()), await here.produce(audio())];
    const first = await near.pipeToRouter({ producerId: one.id, router: far });
    first.pipeConsumer!.close();
    equal(first.pipeProducer!.closed, true);
    const second = await near.pipeToRouter({ producerId: two.id, router: far });
    second.pipeProducer!.close();
    equal(second.pipeConsumer!.closed, true);
    same([one.closed, two.closed], [false, false]);
  },
  'the end of a router ends the transport in the other at once': async bench => {
    const { near, far, here } = await routers(bench);
    const pipes = pipesOf(near);
    const producer = await here.produce(audio());
    await near.pipeToRouter({ producerId: producer.id, router: far });
    const journal = new Journal({ pipe: pipes[0]! });
    far.close();
    same([journal.take(), pipes[0]!.closed, producer.closed], [['pipe°close'], true, false]);
  },
  'after the end of the transports the next pipe makes new ones': async bench => {
    const { near, far, here } = await routers(bench);
    const pipes = pipesOf(near);
    const producer = await here.produce(audio());
    await near.pipeToRouter({ producerId: producer.id, router: far });
    pipes[0]!.close();
    const { pipeProducer } = await near.pipeToRouter({ producerId: producer.id, router: far });
    same([pipes.length, pipeProducer!.closed], [2, false]);
  },
  'after one that could not be laid': async bench => {
    const { near, far, here } = await routers(bench);
    const producer = await here.produce(audio());
    const nowhere = { ...listenInfo, ip: '1.2.3.4' };
    await rejects(() => near.pipeToRouter({ producerId: producer.id, router: far, listenInfo: nowhere }), Error, /^port bind failed/);
    const again = (): ReturnType<Router['pipeToRouter']> => near.pipeToRouter({ producerId: producer.id, router: far });
    if (bench.quirk('failedPipeStays')) await rejects(again, Error, /^port bind failed/);
    else equal((await again()).pipeProducer!.closed, false);
  },
  'SRTP and RTX where asked for': async bench => {
    const { near, far, here } = await routers(bench);
    const pipes = pipesOf(near);
    const producer = await here.produce(audio());
    await near.pipeToRouter({ producerId: producer.id, router: far, listenInfo, enableSrtp: true, enableRtx: true, enableSctp: false });
    const [pipe] = pipes;
    same([pipe!.srtpParameters!.cryptoSuite, (await pipe!.dump()).rtx, pipe!.sctpParameters], ['AEAD_AES_256_GCM', true, undefined]);
  },
});
