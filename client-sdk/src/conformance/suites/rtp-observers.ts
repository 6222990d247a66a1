import type { Producer } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audioParameters, newSsrc } from '../media.ts';
import { Source } from '../packets.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';

/** Microphones of a direct transport, and the hand that speaks into them. */
async function microphones(bench: Bench, count: number) {
  const router = await bench.router();
  const transport = await router.createDirectTransport();
  const all: { producer: Producer; speak(level: number): void }[] = [];
  for (let index = 0; index < count; index++) {
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const source = new Source('audio', ssrc);
    all.push({ producer, speak: level => producer.send(source.packet({ level })) });
  }
  return { router, transport, all };
}

interface Volume {
  readonly producer: Producer;
  readonly volume: number;
}

/** Who speaks, how loud, and who most. */
export const rtpObservers: Suite = suite('RtpObservers', {
  'volumes tells the app\'s own producers, loudest first, on the observer too': async bench => {
    const { router, all: [loud, quiet] } = await microphones(bench, 2);
    const levels = await router.createAudioLevelObserver({ interval: 250, maxEntries: 2 });
    const journal = new Journal({ levels });
    for (const { producer } of [loud!, quiet!]) await levels.addProducer({ producerId: producer.id });
    journal.take();
    const both = (volumes: Volume[]): boolean => volumes.length === 2;
    const [told, observed] = [bench.next<[Volume[]]>(levels, 'volumes', both), bench.next<[Volume[]]>(levels.observer, 'volumes', both)];
    const [volumes] = await bench.until(told, () => {
      loud!.speak(10);
      quiet!.speak(40);
    });
    holds(volumes[0]!.producer === loud!.producer && volumes[1]!.producer === quiet!.producer, 'the very objects');
    same(volumes.map(({ volume }) => volume), [-10, -40]);
    equal((await observed)[0], volumes);
    same(journal.take().slice(0, 2), ['levels!volumes', 'levels°volumes']);
  },
  'volumes keeps to maxEntries and to the threshold': async bench => {
    const { router, all: [loud, quiet, faint] } = await microphones(bench, 3);
    const one = await router.createAudioLevelObserver({ interval: 250 });
    const two = await router.createAudioLevelObserver({ interval: 250, maxEntries: 3, threshold: -50 });
    for (const levels of [one, two]) for (const { producer } of [loud!, quiet!, faint!]) await levels.addProducer({ producerId: producer.id });
    const told = Promise.all([bench.next<[Volume[]]>(one, 'volumes'), bench.next<[Volume[]]>(two, 'volumes', volumes => volumes.length > 1)]);
    const [[first], [second]] = await bench.until(told, () => {
      loud!.speak(20);
      quiet!.speak(45);
      faint!.speak(90);
    });
    equal(first.length, 1);
    same(second.map(({ producer }) => producer.id), [loud!.producer.id, quiet!.producer.id]);
  },
  'silence comes when nobody speaks any more, on the observer too': async bench => {
    const { router, all: [one] } = await microphones(bench, 1);
    const levels = await router.createAudioLevelObserver({ interval: 250 });
    await levels.addProducer({ producerId: one!.producer.id });
    await bench.until(bench.next(levels, 'volumes'), () => one!.speak(10));
    const observed = bench.next(levels.observer, 'silence');
    same(await bench.next(levels, 'silence'), []);
    await observed;
  },
  'a producer that was closed meanwhile is not among the volumes': async bench => {
    const { router, all: [stays, goes] } = await microphones(bench, 2);
    const levels = await router.createAudioLevelObserver({ interval: 250, maxEntries: 2 });
    for (const { producer } of [stays!, goes!]) await levels.addProducer({ producerId: producer.id });
    await bench.until(bench.next<[Volume[]]>(levels, 'volumes', volumes => volumes.length === 2), () => {
      stays!.speak(30);
      goes!.speak(10);
    });
    goes!.producer.close();
    const [volumes] = await bench.until(bench.next<[Volume[]]>(levels, 'volumes'), () => stays!.speak(30));
    same(volumes.map(({ producer }) => producer.id), [stays!.producer.id]);
  },
  'a paused AudioLevelObserver says nothing; its end is silence': async bench => {
    const { router, all: [one] } = await microphones(bench, 1);
    const levels = await router.createAudioLevelObserver({ interval: 250 });
    await levels.addProducer({ producerId: one!.producer.id });
    await bench.until(bench.next(levels, 'volumes'), () => one!.speak(10));
    const heard: unknown[] = [];
    const silence = bench.next(levels, 'silence');
    await levels.pause();
    levels.on('volumes', volumes => heard.push(volumes));
    await bench.until(silence, () => one!.speak(10));
    same(heard, []);
    equal(levels.paused, true);
    await levels.resume();
    await bench.until(bench.next(levels, 'volumes'), () => one!.speak(10));
  },
  'dominantspeaker tells the app\'s own producer, and the next one who takes over': async bench => {
    const { router, all: [first, second] } = await microphones(bench, 2);
    const speaker = await router.createActiveSpeakerObserver({ interval: 100 });
    const journal = new Journal({ speaker });
    for (const { producer } of [first!, second!]) await speaker.addProducer({ producerId: producer.id });
    journal.take();
    const speaking = (one: Producer) => (event: { producer: Producer }): boolean => event.producer === one;
    const observed = bench.next<[{ producer: Producer }]>(speaker.observer, 'dominantspeaker', speaking(first!.producer));
    await bench.until(bench.next<[{ producer: Producer }]>(speaker, 'dominantspeaker', speaking(first!.producer)), () => first!.speak(5), 10);
    await observed;
    same(journal.take().slice(-2), ['speaker!dominantspeaker', 'speaker°dominantspeaker']);
    await bench.until(bench.next<[{ producer: Producer }]>(speaker, 'dominantspeaker', speaking(second!.producer)), () => {
      second!.speak(1);
      first!.speak(127);
    }, 10);
  },
  'addProducer() and removeProducer() show in the router\'s dump': async bench => {
    const { router, all: [one] } = await microphones(bench, 1);
    const levels = await router.createAudioLevelObserver();
    const producerId = one!.producer.id;
    await levels.addProducer({ producerId });
    same((await router.dump()).mapProducerIdObserverIds, [{ key: producerId, values: [levels.id] }]);
    await levels.removeProducer({ producerId });
    same((await router.dump()).mapProducerIdObserverIds.filter(({ values }) => values.length > 0), []);
  },
  'nothing comes of a closed one': async bench => {
    const { router, all: [one] } = await microphones(bench, 1);
    const [levels, witness] = [await router.createAudioLevelObserver({ interval: 250 }), await router.createAudioLevelObserver({ interval: 250 })];
    for (const each of [levels, witness]) await each.addProducer({ producerId: one!.producer.id });
    const heard: unknown[] = [];
    levels.on('volumes', volumes => heard.push(volumes));
    levels.close();
    await bench.until(bench.next(witness, 'volumes'), () => one!.speak(10));
    same(heard, []);
  },
});
