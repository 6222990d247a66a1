import { equal, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audio, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

/** Who pauses whom, and who hears of it. */
export const pausing: Suite = suite('pausing', {
  'a producer\'s observer hears only of changes': async bench => {
    const { p } = await makeTree(bench);
    const journal = new Journal({ p });
    await p.resume();
    await p.pause();
    await p.pause();
    await p.resume();
    await p.resume();
    same(journal.take(), ['p°pause', 'p°resume']);
  },
  'two pauses of a producer at once are one event': async bench => {
    const { p, dp } = await makeTree(bench);
    const journal = new Journal({ p, dp });
    await Promise.all([p.pause(), p.pause()]);
    await Promise.all([dp.pause(), dp.pause()]);
    same(journal.take(), ['p°pause', 'dp°pause']);
  },
  'two pauses of an RtpObserver at once': async bench => {
    const { speaker } = await makeTree(bench);
    const journal = new Journal({ speaker });
    await Promise.all([speaker.pause(), speaker.pause()]);
    const twice = bench.quirk('rtpObserverPausesTwice');
    same(journal.take(), twice ? ['speaker°pause', 'speaker°pause'] : ['speaker°pause']);
    await Promise.all([speaker.resume(), speaker.resume()]);
    same(journal.take(), twice ? ['speaker°resume', 'speaker°resume'] : ['speaker°resume']);
  },
  'one after the other of an RtpObserver is one event': async bench => {
    const { levels } = await makeTree(bench);
    const journal = new Journal({ levels });
    await levels.resume();
    await levels.pause();
    await levels.pause();
    await levels.resume();
    same(journal.take(), ['levels°pause', 'levels°resume']);
  },
  'a consumer\'s observer tells the effective state: own pause while the producer is paused says nothing': async bench => {
    const { p, c } = await makeTree(bench);
    const journal = new Journal({ c });
    await p.pause();
    await bench.settled();
    same(journal.take(), ['c!producerpause', 'c°pause']);
    await c.pause();
    same(journal.take(), []);
    await p.resume();
    await bench.settled();
    same(journal.take(), ['c!producerresume']);
    await c.resume();
    same(journal.take(), ['c°resume']);
  },
  'the same with the consumer first': async bench => {
    const { p, c } = await makeTree(bench);
    const journal = new Journal({ c });
    await c.pause();
    same(journal.take(), ['c°pause']);
    await p.pause();
    await bench.settled();
    same(journal.take(), ['c!producerpause']);
    await c.resume();
    same(journal.take(), []);
    await p.resume();
    await bench.settled();
    same(journal.take(), ['c!producerresume', 'c°resume']);
  },
  'a data consumer\'s observer likewise': async bench => {
    const { dp, dc } = await makeTree(bench);
    const journal = new Journal({ dc });
    await dp.pause();
    await bench.settled();
    await dc.pause();
    await dp.resume();
    await bench.settled();
    await dc.resume();
    same(journal.take(), ['dc!dataproducerpause', 'dc°pause', 'dc!dataproducerresume', 'dc°resume']);
  },
  'a producer made paused: its consumers know, and hear of the end of it': async bench => {
    const { t1, t2 } = await makeTree(bench);
    const producer = await t1.produce(audio({ paused: true }));
    equal(producer.paused, true);
    const consumer = await t2.consume({ producerId: producer.id, rtpCapabilities });
    same([consumer.paused, consumer.producerPaused], [false, true]);
    const resumed = bench.next(consumer, 'producerresume');
    await producer.resume();
    await resumed;
    same([consumer.paused, consumer.producerPaused, producer.paused], [false, false, false]);
  },
  'a consumer made paused': async bench => {
    const { t2, p } = await makeTree(bench);
    const consumer = await t2.consume({ producerId: p.id, rtpCapabilities, paused: true });
    same([consumer.paused, consumer.producerPaused], [true, false]);
    equal((await consumer.dump()).paused, true);
  },
  'a data producer and a data consumer made paused': async bench => {
    const { t1, t2 } = await makeTree(bench);
    const dataProducer = await t1.produceData({ sctpStreamParameters: { streamId: 9 }, paused: true });
    const dataConsumer = await t2.consumeData({ dataProducerId: dataProducer.id, paused: true });
    same([dataProducer.paused, dataConsumer.paused, dataConsumer.dataProducerPaused], [true, true, true]);
  },
  'every consumer of a producer hears, each once': async bench => {
    const { p, c, c2, pc } = await makeTree(bench);
    const journal = new Journal({ c, c2, pc });
    await p.pause();
    await p.pause();
    await bench.settled();
    same(journal.take().toSorted(), ['c!producerpause', 'c2!producerpause', 'c2°pause', 'c°pause', 'pc!producerpause', 'pc°pause']);
  },
  'no packet passes a paused producer, nor a paused consumer': async bench => {
    const router = await bench.router();
    const direct = await router.createDirectTransport();
    const dataProducer = await direct.produceData();
    const dataConsumer = await direct.consumeData({ dataProducerId: dataProducer.id });
    const heard: string[] = [];
    dataConsumer.on('message', message => heard.push(message.toString()));
    await dataProducer.pause();
    dataProducer.send('to a paused producer');
    await dataProducer.resume();
    await dataConsumer.pause();
    dataProducer.send('to a paused consumer');
    await dataConsumer.resume();
    const last = bench.next(dataConsumer, 'message');
    dataProducer.send('open');
    await last;
    same(heard, ['open']);
  },
});
