import type { Consumer } from 'mediasoup/types';

import { equal, holds, rejects, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audio, listenInfo, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

/** Calls that nobody waits for: they reach the worker in the order in which they were made. */
export const pipelined: Suite = suite('calls one behind the other', {
  'pause() and consume(): the consumer knows': async bench => {
    const { p, t2 } = await makeTree(bench);
    void p.pause();
    const consumer = await t2.consume({ producerId: p.id, rtpCapabilities });
    equal(consumer.producerPaused, true);
    equal(p.paused, true);
  },
  'the same for data': async bench => {
    const { dp, t2 } = await makeTree(bench);
    void dp.pause();
    equal((await t2.consumeData({ dataProducerId: dp.id })).dataProducerPaused, true);
  },
  'pause(), resume(), pause(): the last holds, and each consumer hears all three': async bench => {
    const { p, c } = await makeTree(bench);
    const journal = new Journal({ c });
    void p.pause();
    void p.resume();
    await p.pause();
    equal(p.paused, true);
    await bench.settled();
    same(journal.take(), ['c!producerpause', 'c°pause', 'c!producerresume', 'c°resume', 'c!producerpause', 'c°pause']);
    equal(c.producerPaused, true);
  },
  'a close() behind calls nobody waited for: they happened': async bench => {
    const { p, c } = await makeTree(bench);
    const journal = new Journal({ c });
    const paused = p.pause();
    p.close();
    await paused;
    await bench.settled();
    same(journal.take(), ['c!producerpause', 'c°pause', 'c!producerclose', 'c°close']);
  },
  'answers come in the order of the calls': async bench => {
    const { worker, router, p, dp, t1, levels } = await makeTree(bench);
    const answered: number[] = [];
    const calls: Promise<unknown>[] = [router.dump(), p.getStats(), t1.dump(), dp.pause(), worker.dump(), levels.pause(), p.pause(), t1.getStats(), worker.getResourceUsage(), router.dump()];
    await Promise.all(calls.map(async (call, index) => {
      await call;
      answered.push(index);
    }));
    same(answered, calls.map((_, index) => index));
  },
  'a hundred creations at once: announced in order, each with the id its promise gives': async bench => {
    const router = await bench.router();
    const transport = await router.createDirectTransport();
    const told: unknown[] = [];
    transport.observer.on('newdataproducer', producer => told.push(producer));
    const made = await Promise.all(Array.from({ length: 100 }, (_, index) => transport.produceData({ label: String(index) })));
    same(made.map(({ label }) => label), Array.from({ length: 100 }, (_, index) => String(index)));
    holds(made.every((producer, index) => producer === told[index]), 'the same objects in the same order');
  },
  'consumers made at once have their mids in the order of the calls': async bench => {
    const { t2, p, p2 } = await makeTree(bench);
    const consumers = await Promise.all([p, p2, p].map(({ id }) => t2.consume({ producerId: id, rtpCapabilities })));
    same(consumers.map(({ rtpParameters }) => rtpParameters.mid), ['1', '2', '3']); // '0' is c's
  },
  'data consumers made at once have their streams in the order of the calls': async bench => {
    const { t2, dp } = await makeTree(bench);
    const consumers = await Promise.all([1, 2, 3].map(() => t2.consumeData({ dataProducerId: dp.id })));
    same(consumers.map(({ sctpStreamParameters }) => sctpStreamParameters!.streamId), [1, 2, 3]); // 0 is dc's
  },
  'a mid of the app\'s own is taken as it is, and none is counted for it': async bench => {
    const { t2, p } = await makeTree(bench);
    const [own, next] = [await t2.consume({ producerId: p.id, rtpCapabilities, mid: 'mine' }), await t2.consume({ producerId: p.id, rtpCapabilities })];
    same([own.rtpParameters.mid, next.rtpParameters.mid], ['mine', '1']);
  },
  'consumers on a pipe transport have none': async bench => {
    const { pc } = await makeTree(bench);
    same([pc.rtpParameters.mid, pc.type], [undefined, 'pipe']);
  },
  'the CNAME of a transport is its first producer\'s': async bench => {
    const { router } = await makeTree(bench);
    const transport = await router.createDirectTransport();
    const named = (cname?: string) => audio({ rtpParameters: { ...audio().rtpParameters, rtcp: cname ? { cname } : {} } });
    const [first, second, third] = [await transport.produce(named('one')), await transport.produce(named('two')), await transport.produce(named())];
    same([first, second, third].map(({ rtpParameters }) => rtpParameters.rtcp!.cname), ['one', 'one', 'one']);
    const pipe = await router.createPipeTransport({ listenInfo });
    same([(await pipe.produce(named('one'))).rtpParameters.rtcp!.cname, (await pipe.produce(named('two'))).rtpParameters.rtcp!.cname], ['one', 'two']);
  },
  'events that arrive together are told one by one, in order, each after what the one before it led to': async bench => {
    const { p, t2 } = await makeTree(bench);
    const consumer = await t2.consume({ producerId: p.id, rtpCapabilities });
    const lines: string[] = [];
    const note = (event: 'producerpause' | 'producerresume' | 'producerclose'): void => {
      consumer.on(event, () => {
        lines.push(`${event} ${consumer.producerPaused}`);
        void Promise.resolve().then(() => lines.push(`after ${event}`));
      });
    };
    for (const event of ['producerpause', 'producerresume', 'producerclose'] as const) note(event);
    const last = bench.next(consumer, 'producerclose');
    void p.pause();
    void p.resume();
    p.close();
    await last;
    await Promise.resolve();
    same(lines, ['producerpause true', 'after producerpause', 'producerresume false', 'after producerresume', 'producerclose false', 'after producerclose']);
  },
  'a listener added right after the await hears everything, however much came with the answer': async bench => {
    const { p, t2 } = await makeTree(bench);
    const lines: string[] = [];
    const made = t2.consume({ producerId: p.id, rtpCapabilities });
    const pausing = p.pause();
    const resuming = p.resume();
    p.close();
    const consumer: Consumer = await made;
    for (const event of ['producerpause', 'producerresume', 'producerclose'] as const) consumer.on(event, () => lines.push(event));
    same([consumer.closed, consumer.producerPaused], [false, false]);
    const closed = bench.next(consumer, 'producerclose');
    await Promise.all([pausing, resuming, closed]);
    same(lines, ['producerpause', 'producerresume', 'producerclose']);
  },
  'no event comes in the synchronous run in which a promise was settled': async bench => {
    const { p, c, t2 } = await makeTree(bench);
    const lines: string[] = [];
    c.on('producerclose', () => lines.push('event'));
    const dumped = t2.dump().then(() => lines.push('answer'));
    p.close();
    const second = t2.dump().then(() => lines.push('second answer'));
    await Promise.all([dumped, second]);
    await bench.settled();
    equal(lines[0], 'answer');
    same(lines.toSorted(), ['answer', 'event', 'second answer']);
  },
  'one call that fails does not hold up the next': async bench => {
    const { t1, p, router } = await makeTree(bench);
    const failed = t1.produce(audio({ rtpParameters: p.rtpParameters }));
    const dumped = router.dump();
    await rejects(() => failed, Error, /^ssrc already exists/);
    equal((await dumped).id, router.id);
  },
  'a whole call made without a look at any answer but the ids': async bench => {
    const worker = await bench.worker();
    const router = await bench.router();
    const made = [router.createDirectTransport(), router.createPlainTransport({ listenInfo }), router.createActiveSpeakerObserver(), worker.dump()] as const;
    const [direct, plain, speaker, dump] = await Promise.all(made);
    holds(dump.routerIds.includes(router.id), 'the worker knows the router');
    const producer = await direct.produce(audio());
    const [consumer] = await Promise.all([plain.consume({ producerId: producer.id, rtpCapabilities }), speaker.addProducer({ producerId: producer.id }), producer.pause()]);
    equal(consumer.producerId, producer.id);
  },
});
