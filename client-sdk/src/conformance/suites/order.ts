import type { Producer, Router, Transport } from 'mediasoup/types';

import { equal, holds, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audio, listenInfo, rtpCapabilities } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

/** What happens before what. */
export const order: Suite = suite('order', {
  'newworker comes before createWorker() resolves, with the same object': async bench => {
    const seen: unknown[] = [];
    const listener = (worker: unknown): void => void seen.push(worker);
    bench.mediasoup.observer.on('newworker', listener);
    bench.after(() => bench.mediasoup.observer.off('newworker', listener));
    const worker = await bench.newWorker();
    equal(seen.length, 1);
    equal(seen[0], worker);
  },
  'newwebrtcserver comes before its promise, with the same object': async bench => {
    const worker = await bench.worker();
    const told = bench.next(worker.observer, 'newwebrtcserver');
    const journal: unknown[] = [];
    worker.observer.once('newwebrtcserver', server => journal.push(server));
    const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
    equal(journal[0], server);
    equal((await told)[0], server);
    server.close();
  },
  'newrouter comes before its promise, with the same object': async bench => {
    const worker = await bench.worker();
    const seen: unknown[] = [];
    worker.observer.once('newrouter', router => seen.push(router));
    const router = await bench.router();
    equal(seen[0], router);
  },
  'newtransport comes before its promise, with the same object, for all four kinds': async bench => {
    const router = await bench.router();
    const seen: Transport[] = [];
    router.observer.on('newtransport', transport => seen.push(transport));
    const made: Transport[] = [];
    for (const make of [
      () => router.createWebRtcTransport({ listenInfos: [listenInfo] }), () => router.createPlainTransport({ listenInfo }),
      () => router.createPipeTransport({ listenInfo }), () => router.createDirectTransport(),
    ]) {
      const transport: Transport = await make();
      equal(seen.at(-1), transport);
      made.push(transport);
    }
    same(made.map(({ type }) => type), ['webrtc', 'plain', 'pipe', 'direct']);
    equal(seen.length, 4);
  },
  'newrtpobserver comes before its promise, with the same object, for both kinds': async bench => {
    const router = await bench.router();
    const seen: unknown[] = [];
    router.observer.on('newrtpobserver', observer => seen.push(observer));
    const speaker = await router.createActiveSpeakerObserver();
    equal(seen[0], speaker);
    const levels = await router.createAudioLevelObserver();
    equal(seen[1], levels);
    same([speaker.type, levels.type], ['activespeaker', 'audiolevel']);
  },
  'newproducer, newconsumer, newdataproducer and newdataconsumer come before their promises, with the same objects': async bench => {
    const router = await bench.router();
    const transport = await router.createDirectTransport();
    const seen: unknown[] = [];
    for (const event of ['newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer'] as const) transport.observer.on(event, (child: unknown) => seen.push(child));
    const producer = await transport.produce(audio());
    equal(seen[0], producer);
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    equal(seen[1], consumer);
    const dataProducer = await transport.produceData();
    equal(seen[2], dataProducer);
    const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id });
    equal(seen[3], dataConsumer);
    equal(seen.length, 4);
  },
  'inside newproducer the router knows the producer already': async bench => {
    const { router, t1 } = await makeTree(bench);
    let known: boolean | undefined;
    t1.observer.once('newproducer', (producer: Producer) => {
      known = router.canConsume({ producerId: producer.id, rtpCapabilities });
    });
    await t1.produce(audio());
    equal(known, true);
  },
  'a handler of newproducer may close it: the promise resolves with a closed one': async bench => {
    const { router, t1 } = await makeTree(bench);
    t1.observer.once('newproducer', (producer: Producer) => producer.close());
    const producer = await t1.produce(audio());
    equal(producer.closed, true);
    equal(router.canConsume({ producerId: producer.id, rtpCapabilities }), false);
  },
  'a handler of newrouter may close it, and of newtransport': async bench => {
    const worker = await bench.worker();
    worker.observer.once('newrouter', (router: Router) => router.close());
    equal((await bench.router()).closed, true);
    const router = await bench.router();
    router.observer.once('newtransport', transport => transport.close());
    equal((await router.createDirectTransport()).closed, true);
  },
  'a handler of newtransport may call the transport: its answer comes': async bench => {
    const router = await bench.router();
    const asked = new Promise<string>(resolve => {
      router.observer.once('newtransport', transport => void transport.dump().then(dump => resolve((dump as { id: string }).id)));
    });
    const transport = await router.createDirectTransport();
    equal(await bench.soon(asked, 'the dump'), transport.id);
  },
  'with a WebRtcServer newtransport comes first, then webrtctransporthandled, then the promise': async bench => {
    const { server, router } = await makeTree(bench);
    const journal = new Journal({ server, router });
    const seen: unknown[] = [];
    router.observer.on('newtransport', transport => seen.push(transport));
    server.observer.on('webrtctransporthandled', transport => seen.push(transport));
    const transport = await router.createWebRtcTransport({ webRtcServer: server });
    journal.note('promise');
    same(journal.take(), ['router°newtransport', 'server°webrtctransporthandled', 'promise']);
    holds(seen[0] === transport && seen[1] === transport, 'all three are one object');
  },
  'the promise of a creation comes before any event of what was made': async bench => {
    const { t1, t2 } = await makeTree(bench);
    const producer = await t1.produce(audio());
    const made = t2.consume({ producerId: producer.id, rtpCapabilities });
    producer.close();
    const consumer = await made;
    equal(consumer.closed, false);
    await bench.next(consumer, 'producerclose');
    equal(consumer.closed, true);
  },
  'the same for a data consumer': async bench => {
    const { t1, t2 } = await makeTree(bench);
    const dataProducer = await t1.produceData({ sctpStreamParameters: { streamId: 7 } });
    const made = t2.consumeData({ dataProducerId: dataProducer.id });
    dataProducer.close();
    const dataConsumer = await made;
    equal(dataConsumer.closed, false);
    await bench.next(dataConsumer, 'dataproducerclose');
    equal(dataConsumer.closed, true);
  },
  'and of a producer that pauses right behind consume()': async bench => {
    const { t2, p } = await makeTree(bench);
    const made = t2.consume({ producerId: p.id, rtpCapabilities });
    const paused = p.pause();
    const consumer = await made;
    equal(consumer.producerPaused, false);
    await bench.next(consumer, 'producerpause');
    equal(consumer.producerPaused, true);
    await paused;
  },
  'state changes when the answer comes, not when the call is made': async bench => {
    const { p, c, dp, dc, levels } = await makeTree(bench);
    for (const object of [p, c, dp, dc, levels]) {
      const paused = object.pause();
      equal(object.paused, false);
      await paused;
      equal(object.paused, true);
      const resumed = object.resume();
      equal(object.paused, true);
      await resumed;
      equal(object.paused, false);
    }
  },
  'priority and preferred layers too': async bench => {
    const { c } = await makeTree(bench);
    const set = c.setPriority(7);
    equal(c.priority, 1);
    await set;
    equal(c.priority, 7);
    const unset = c.unsetPriority();
    equal(c.priority, 7);
    await unset;
    equal(c.priority, 1);
  },
  'subchannels too': async bench => {
    const { dc } = await makeTree(bench);
    const set = dc.setSubchannels([3, 1, 3]);
    same(dc.subchannels, []);
    await set;
    same(dc.subchannels, [1, 3]);
  },
  'the observer hears a pause before the promise resolves': async bench => {
    const { p, c, dp, dc, speaker } = await makeTree(bench);
    for (const [name, object] of Object.entries({ p, c, dp, dc, speaker })) {
      const journal = new Journal({ [name]: object });
      await object.pause();
      const told = journal.take().filter(line => line.includes('°'));
      same(told, [`${name}°pause`]);
      await object.resume();
      same(journal.take().filter(line => line.includes('°')), [`${name}°resume`]);
      await bench.settled();
      journal.take();
    }
  },
  'the entity hears before its observer': async bench => {
    const { p, c } = await makeTree(bench);
    const journal = new Journal({ c });
    const told = bench.next(c.observer, 'close');
    await p.pause();
    await p.resume();
    p.close();
    await told;
    same(journal.take(), ['c!producerpause', 'c°pause', 'c!producerresume', 'c°resume', 'c!producerclose', 'c°close']);
  },
  'state is set before the event that tells it': async bench => {
    const { p, c, dp, dc } = await makeTree(bench);
    const seen: boolean[] = [];
    c.on('producerpause', () => seen.push(c.producerPaused));
    dc.on('dataproducerpause', () => seen.push(dc.dataProducerPaused));
    p.observer.on('pause', () => seen.push(p.paused));
    dp.observer.on('pause', () => seen.push(dp.paused));
    await Promise.all([p.pause(), dp.pause()]);
    await bench.settled();
    same(seen, [true, true, true, true]);
  },
  'addproducer and removeproducer come after the answer, before the promise': async bench => {
    const { levels, p } = await makeTree(bench);
    const journal = new Journal({ levels, p });
    await levels.addProducer({ producerId: p.id });
    same(journal.take(), ['levels°addproducer p']);
    await levels.removeProducer({ producerId: p.id });
    same(journal.take(), ['levels°removeproducer p']);
  },
});
