import type { AppData } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, frozen, holds, same } from '../check.ts';
import { audio, listenInfo, mediaCodecs, rtpCapabilities, video } from '../media.ts';
import { each, suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree, oneOfEach } from '../tree.ts';
import type { Tree } from '../tree.ts';

interface Entity {
  readonly id?: string;
  closed: boolean;
  appData: AppData;
  readonly observer: object;
}

type Make = (bench: Bench, appData?: AppData) => Promise<Entity>;

/** How an object of each class comes into being. */
const MAKE: Readonly<Record<string, Make>> = {
  Worker: async (bench, appData) => bench.newWorker({ logLevel: 'none', appData }),
  WebRtcServer: async (bench, appData) => {
    const server = await (await bench.worker()).createWebRtcServer({ listenInfos: [listenInfo], appData });
    bench.after(() => server.close());
    return server;
  },
  Router: (bench, appData) => bench.router({ appData }),
  WebRtcTransport: async (bench, appData) => (await bench.router()).createWebRtcTransport({ listenInfos: [listenInfo], appData }),
  PlainTransport: async (bench, appData) => (await bench.router()).createPlainTransport({ listenInfo, appData }),
  PipeTransport: async (bench, appData) => (await bench.router()).createPipeTransport({ listenInfo, appData }),
  DirectTransport: async (bench, appData) => (await bench.router()).createDirectTransport({ appData }),
  Producer: async (bench, appData) => (await (await bench.router()).createDirectTransport()).produce(audio({ appData })),
  Consumer: async (bench, appData) => {
    const transport = await (await bench.router()).createDirectTransport();
    const { id } = await transport.produce(audio());
    return transport.consume({ producerId: id, rtpCapabilities, appData });
  },
  DataProducer: async (bench, appData) => (await (await bench.router()).createDirectTransport()).produceData({ appData }),
  DataConsumer: async (bench, appData) => {
    const transport = await (await bench.router()).createDirectTransport();
    const { id } = await transport.produceData();
    return transport.consumeData({ dataProducerId: id, appData });
  },
  ActiveSpeakerObserver: async (bench, appData) => (await bench.router()).createActiveSpeakerObserver({ appData }),
  AudioLevelObserver: async (bench, appData) => (await bench.router()).createAudioLevelObserver({ appData }),
};

/** The app's own data on every object. */
export const appData: Suite = suite('appData', {
  ...each(MAKE, name => `of a ${name} is the very object that was given`, async (bench, make) => {
    const given = { name: 'mine', nested: { call: () => 'a function does not travel' } };
    const object = await make(bench, given);
    equal(object.appData, given);
    equal((object.appData as typeof given).nested.call(), 'a function does not travel');
    given.name = 'changed';
    equal(object.appData.name, 'changed');
  }),
  ...each(MAKE, name => `of a ${name} can be replaced, also once it is closed; without one it is an empty object of its own`, async (bench, make) => {
    const [object, another] = [await make(bench), await make(bench)];
    same(object.appData, {});
    holds(object.appData !== another.appData, 'no two share it');
    const given = { later: true };
    object.appData = given;
    equal(object.appData, given);
    object.appData = 'anything' as never;
    equal(object.appData, 'anything');
    (object as unknown as { close(): void }).close();
    equal(object.appData, 'anything');
    object.appData = given;
    equal(object.appData, given);
  }),
  'is there when the observers hear of the object': async bench => {
    const { router, t1 } = await makeTree(bench);
    const seen: unknown[] = [];
    router.observer.on('newtransport', transport => seen.push(transport.appData));
    t1.observer.on('newproducer', producer => seen.push(producer.appData));
    const [one, two] = [{ of: 'transport' }, { of: 'producer' }];
    await router.createDirectTransport({ appData: one });
    await t1.produce(audio({ appData: two }));
    holds(seen[0] === one && seen[1] === two, 'the very objects');
  },
  'may be frozen, and is not modified': async bench => {
    const given = frozen({ a: { b: [1, 2, 3] } });
    const router = await bench.router({ appData: given });
    equal(router.appData, given);
  },
  'may hold what no message could': async bench => {
    const given: AppData = { socket: process.stdout, big: 10n, map: new Map([[1, 2]]) };
    given.itself = given;
    const router = await bench.router({ appData: given });
    const transport = await router.createDirectTransport({ appData: given });
    equal(transport.appData, given);
    equal(router.appData.itself, given);
  },
});

/** Getters that hand out a fresh copy each time. */
const COPIES: Readonly<Record<string, (tree: Tree) => unknown>> = {
  'router.rtpCapabilities': ({ router }) => router.rtpCapabilities,
  'webRtcTransport.iceCandidates': ({ t2 }) => t2.iceCandidates,
  'webRtcTransport.dtlsParameters': ({ t1 }) => t1.dtlsParameters,
  'webRtcTransport.sctpParameters': ({ t1 }) => t1.sctpParameters,
  'plainTransport.tuple': ({ plain }) => plain.tuple,
  'plainTransport.rtcpTuple': ({ plain }) => plain.rtcpTuple,
  'plainTransport.sctpParameters': ({ plain }) => plain.sctpParameters,
  'pipeTransport.tuple': ({ pipe }) => pipe.tuple,
  'pipeTransport.sctpParameters': ({ pipe }) => pipe.sctpParameters,
  'producer.rtpParameters': ({ p }) => p.rtpParameters,
  'producer.consumableRtpParameters': ({ p }) => p.consumableRtpParameters,
  'producer.score': ({ p }) => p.score,
  'consumer.rtpParameters': ({ c }) => c.rtpParameters,
  'consumer.score': ({ c }) => c.score,
  'dataProducer.sctpStreamParameters': ({ dp }) => dp.sctpStreamParameters,
  'dataConsumer.sctpStreamParameters': ({ dc }) => dc.sctpStreamParameters,
  'dataConsumer.subchannels': ({ dc }) => dc.subchannels,
};

/** Which objects are the same, which are copies, and what a call leaves of its arguments. */
export const identity: Suite = suite('identity and copies', {
  ...each(COPIES, name => `${name} is a fresh copy each time`, async (bench, read) => {
    const tree = await makeTree(bench, undefined, { rtcpMux: false });
    const [first, second] = [read(tree), read(tree)];
    holds(typeof first === 'object' && first !== null, 'it is an object');
    holds(first !== second, 'another object each time');
    same(first, second);
    for (const key of Object.keys(first as object)) delete (first as Record<string, unknown>)[key];
    same(read(tree), second, 'who changes a copy changes nothing else');
  }),
  'srtpParameters of a plain and a pipe transport are copies': async bench => {
    const router = await bench.router();
    for (const transport of [await router.createPlainTransport({ listenInfo, enableSrtp: true }), await router.createPipeTransport({ listenInfo, enableSrtp: true })]) {
      const [first, second] = [transport.srtpParameters, transport.srtpParameters];
      holds(first && first !== second, 'another object each time');
      same(first, second);
    }
  },
  'preferredLayers is a copy': async bench => {
    const { t1, t2 } = await makeTree(bench);
    const producer = await t1.produce(video({ rtpParameters: simulcast() }));
    const consumer = await t2.consume({ producerId: producer.id, rtpCapabilities, preferredLayers: { spatialLayer: 1, temporalLayer: 0 } });
    same(consumer.preferredLayers, { spatialLayer: 1, temporalLayer: 0 });
    holds(consumer.preferredLayers !== consumer.preferredLayers, 'another object each time');
  },
  'iceParameters is one object, until restartIce() brings another, which it returns': async bench => {
    const { t1 } = await makeTree(bench);
    const before = t1.iceParameters;
    equal(t1.iceParameters, before);
    const restarted = await t1.restartIce();
    equal(t1.iceParameters, restarted);
    holds(restarted !== before && restarted.usernameFragment !== before.usernameFragment && restarted.password !== before.password, 'new ones');
    equal(restarted.iceLite, true);
  },
  'observer is one object, of every class': async bench => {
    const tree = await makeTree(bench);
    const observers = Object.values(oneOfEach(tree)).map(object => {
      holds(object.observer === object.observer, 'the same each time');
      holds((object.observer as unknown) !== object, 'not the object itself');
      return object.observer;
    });
    equal(new Set<unknown>(observers).size, 13);
  },
  'observer cannot be replaced, nor id or closed': async bench => {
    for (const object of Object.values(oneOfEach(await makeTree(bench)))) {
      const before = [object.observer, (object as Entity).id, object.closed];
      for (const key of ['observer', 'id', 'closed']) if (key in object) Reflect.set(object, key, 'mine');
      holds(object.observer === before[0] && (object as Entity).id === before[1] && object.closed === before[2], 'all as before');
    }
  },
  'every id is a UUID, and no two are alike': async bench => {
    const ids = Object.values(await makeTree(bench)).map((object: object) => (object as Entity).id).filter(id => id !== undefined);
    for (const id of ids) holds(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id), `${id} is a UUID of version 4`);
    equal(new Set(ids).size, ids.length);
  },
  'a producer takes the id it is given, and so does a data producer': async bench => {
    const { t1, direct } = await makeTree(bench);
    const [producer, dataProducer] = [await t1.produce(audio({ id: 'my-producer' })), await direct.produceData({ id: 'my-data' })];
    same([producer.id, dataProducer.id], ['my-producer', 'my-data']);
    producer.close();
    dataProducer.close();
  },
  'options that are frozen all the way down are taken, and not modified': async bench => {
    const worker = await bench.worker();
    const server = await worker.createWebRtcServer(frozen({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] }));
    const router = await worker.createRouter(frozen({ mediaCodecs }));
    bench.after(() => [router, server].forEach(object => object.close()));
    const transport = await router.createWebRtcTransport(frozen({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true }));
    const producer = await transport.produce(frozen(video({ rtpParameters: simulcast() })));
    const consumer = await transport.consume(frozen({ producerId: producer.id, rtpCapabilities, preferredLayers: { spatialLayer: 0 } }));
    const dataProducer = await transport.produceData(frozen({ sctpStreamParameters: { streamId: 1, ordered: true } }));
    const dataConsumer = await transport.consumeData(frozen({ dataProducerId: dataProducer.id, subchannels: [2, 1] }));
    await transport.connect(frozen({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('82').join(':') }] } } as const));
    await consumer.setPreferredLayers(frozen({ spatialLayer: 1, temporalLayer: 1 }));
    await dataConsumer.setSubchannels(frozen([9, 8]));
    equal(transport.dtlsParameters.role, 'server');
  },
  'what the app changes in its options afterwards changes nothing': async bench => {
    const { t1 } = await makeTree(bench);
    const rtpParameters = structuredClone(audio().rtpParameters);
    const producer = await t1.produce({ kind: 'audio', rtpParameters });
    const before = producer.rtpParameters;
    rtpParameters.codecs[0]!.payloadType = 99;
    rtpParameters.encodings!.length = 0;
    same(producer.rtpParameters, before);
  },
  'also right after the call, before it was answered': async bench => {
    const { t1 } = await makeTree(bench);
    const rtpParameters = structuredClone(audio().rtpParameters);
    const made = t1.produce({ kind: 'audio', rtpParameters });
    rtpParameters.codecs[0]!.payloadType = 99;
    equal((await made).rtpParameters.codecs[0]!.payloadType, 111);
  },
  'event arguments are the app\'s own objects': async bench => {
    const { levels, p } = await makeTree(bench);
    const told = bench.next(levels.observer, 'addproducer');
    await levels.addProducer({ producerId: p.id });
    equal((await told)[0], p);
  },
  'listeners are counted without a limit': async bench => {
    for (const object of Object.values(oneOfEach(await makeTree(bench)))) {
      same([object.getMaxListeners(), object.observer.getMaxListeners()], [Infinity, Infinity]);
    }
  },
  'each has the name of its class': async bench => {
    for (const [name, object] of Object.entries(oneOfEach(await makeTree(bench)))) equal(object.constructor.name, `${name}Impl`);
  },
});

function simulcast() {
  return { ...video().rtpParameters, encodings: [{ ssrc: 71, dtx: false, scalabilityMode: 'L1T3' }, { ssrc: 72, scalabilityMode: 'L1T3' }] };
}
