import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Consumer, Router, RouterOptions } from 'mediasoup/types';

import { nodeNameOf } from '../node-name.ts';
import { makeCall } from '../../test/call.ts';
import type { Call } from '../../test/call.ts';
import { EventLog } from '../../test/event-log.ts';
import { ScriptedNode, rtpCapabilities, rtpParameters, numberOf } from '../../test/scripted-node.ts';
import { EnhancedEventEmitter, NotFoundError } from './local-half.ts';

let node: ScriptedNode;
let call: Call;
let log: EventLog;

const objectOf = (name: keyof Call): number => numberOf(call[name]);

beforeEach(async () => {
  node = new ScriptedNode();
  call = await makeCall(node.mediasoup);
  log = new EventLog();
  for (const [name, object] of Object.entries(call)) log.follow(name, object);
  node.takeSent();
});

describe('creating', () => {
  it('tells observers before the promise resolves, with the same object and its appData in place', async () => {
    const appData = { of: 'the app' };
    const seen: unknown[] = [];
    node.mediasoup.observer.on('newworker', worker => seen.push(worker, worker.appData));
    const worker = await node.mediasoup.createWorker({ appData });
    worker.observer.on('newrouter', router => seen.push(router, router.appData));
    worker.observer.on('newwebrtcserver', server => seen.push(server, server.appData));
    const router = await worker.createRouter({ appData });
    const server = await worker.createWebRtcServer({ listenInfos: [], appData });
    router.observer.on('newtransport', transport => seen.push(transport, transport.appData));
    const transport = await router.createWebRtcTransport({ listenInfos: [], appData });
    const pipe = await router.createPipeTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, appData });
    transport.observer.on('newproducer', producer => seen.push(producer, producer.appData));
    transport.observer.on('newconsumer', consumer => seen.push(consumer, consumer.appData));
    transport.observer.on('newdataproducer', producer => seen.push(producer, producer.appData));
    transport.observer.on('newdataconsumer', consumer => seen.push(consumer, consumer.appData));
    const producer = await transport.produce({ kind: 'audio', rtpParameters, appData });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities, appData });
    const dataProducer = await transport.produceData({ appData });
    const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id, appData });
    const made = [worker, router, server, transport, pipe, producer, consumer, dataProducer, dataConsumer];
    expect(seen).toHaveLength(2 * made.length);
    made.forEach((object, index) => {
      expect(seen[2 * index]).toBe(object);
      expect(seen[2 * index + 1]).toBe(appData);
    });
    // Beside the options, where others can see it.
    expect(node.sent.slice(-made.length).map(({ params }) => params['appData'])).toEqual(made.map(() => appData));
    expect(node.sent.every(({ params }) => !('appData' in ((params['options'] ?? params['settings']) as object)))).toBe(true);
  });

  it('gives an object without appData an empty one of its own, and lets the app replace it', () => {
    expect(call.c.appData).toEqual({});
    expect(call.c.appData).not.toBe(call.p.appData);
    const mine = {};
    call.c.appData = mine;
    expect(call.c.appData).toBe(mine);
  });

  it('tells the transport first and then its WebRtcServer', async () => {
    const transport = await call.router.createWebRtcTransport({ webRtcServer: call.server });
    expect(log.take()).toEqual(['router°newtransport', 'server°webrtctransporthandled']);
    expect(transport.type).toBe('webrtc');
    expect(node.sent.at(-1)?.params).toMatchObject({ webRtcServer: objectOf('server') });
  });

  it('refuses a WebRtcServer of another worker', async () => {
    const other = await node.mediasoup.createWorker();
    const webRtcServer = await other.createWebRtcServer({ listenInfos: [] });
    await expect(call.router.createWebRtcTransport({ webRtcServer })).rejects.toThrow(/^wrong webRtcServerId/);
    await expect(call.router.createWebRtcTransport({ webRtcServer: {} as never })).rejects.toThrow(TypeError);
  });

  it('refuses an id that the transport has already, before it looks at anything else', async () => {
    await expect(call.t1.produce({ id: call.p.id, kind: 'chicken' as never, rtpParameters })).rejects.toThrow(/^a Producer with same id/);
    await expect(call.t1.produceData({ id: call.dp.id, appData: 'x' as never })).rejects.toThrow(/^a DataProducer with same id/);
  });

  it('notes on which node a worker lives', () => {
    expect(nodeNameOf(call.worker)).toBe('media-0');
    expect(nodeNameOf(Object.create(call.worker))).toBeUndefined();
  });

  it('sends calls in the order they are made, awaited or not', () => {
    void call.p.pause();
    void call.t2.consume({ producerId: call.p.id, rtpCapabilities });
    call.p.close();
    expect(node.takeSent()).toEqual(['producer.pause', 'transport.consume', 'producer.close']);
  });

  it('has mediasoup\'s class names', () => {
    expect(Object.values(call).map(object => object.constructor.name)).toEqual([
      'WorkerImpl', 'WebRtcServerImpl', 'RouterImpl', 'WebRtcTransportImpl', 'WebRtcTransportImpl', 'PipeTransportImpl', 'ProducerImpl',
      'DataProducerImpl', 'ConsumerImpl', 'DataConsumerImpl',
    ]);
  });

  it('makes mirrors for what it did not ask for, and leaves alone what it does not know', () => {
    const worker = node.record('worker');
    const router = node.record('router', worker.object);
    const server = node.record('webRtcServer', worker.object);
    const transport = node.record('webRtcTransport', router.object);
    const pipe = node.record('pipeTransport', router.object);
    const children = ['producer', 'consumer', 'dataProducer', 'dataConsumer'].map(type => node.record(type, transport.object));
    const unknown = node.record('hologram', transport.object);
    const below = [node.record('hologram'), node.record('pixel', unknown.object), node.record('pixel', children[0]!.object), node.record('hologram', router.object), node.record('hologram', worker.object)];
    const heard: string[] = [];
    node.mediasoup.observer.on('newworker', made => {
      made.observer.on('newrouter', made => {
        heard.push('router');
        made.observer.on('newtransport', made => {
          heard.push(made.type);
          for (const event of ['newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer'] as const) made.observer.on(event, () => heard.push(event));
        });
      });
      made.observer.on('newwebrtcserver', () => heard.push('server'));
    });
    node.snapshot(undefined, [worker, router, server, transport, pipe, ...children, unknown, ...below]);
    expect(heard).toEqual(['router', 'server', 'webrtc', 'pipe', 'newproducer', 'newconsumer', 'newdataproducer', 'newdataconsumer']);
    node.replica.event(unknown.object, 'shimmer', []);
    node.replica.patch(unknown.object, { x: 1 });
    node.replica.closed(unknown.object);
    node.replica.lost('lease');
  });
});

describe('getters', () => {
  it('return fresh copies where mediasoup does, and the same object where it does', () => {
    for (const [object, key] of [
      [call.router, 'rtpCapabilities'], [call.p, 'rtpParameters'], [call.p, 'consumableRtpParameters'], [call.p, 'score'], [call.c, 'rtpParameters'],
      [call.c, 'score'], [call.t1, 'iceCandidates'], [call.t1, 'dtlsParameters'], [call.t1, 'sctpParameters'], [call.pipe, 'tuple'],
      [call.pipe, 'srtpParameters'], [call.dp, 'sctpStreamParameters'], [call.dc, 'sctpStreamParameters'], [call.dc, 'subchannels'],
    ] as unknown as [Record<string, unknown>, string][]) {
      expect(object[key]).toEqual(object[key]);
      expect(object[key]).not.toBe(object[key]);
    }
    expect(call.t1.iceParameters).toBe(call.t1.iceParameters);
    expect(call.t1.observer).toBe(call.t1.observer);
  });

  it('read the replica', () => {
    expect(call.worker.pid).toBe(7);
    expect(call.server.id).toMatch(/^webRtcServer-/);
    expect(call.t1).toMatchObject({
      type: 'webrtc', iceRole: 'controlled', iceState: 'new', dtlsState: 'new', dtlsRemoteCert: undefined, iceSelectedTuple: undefined, sctpState: 'new',
      sctpNegotiatedCapabilities: undefined,
    });
    expect(call.pipe).toMatchObject({ type: 'pipe', sctpNegotiatedCapabilities: undefined });
    expect(call.p).toMatchObject({ kind: 'audio', type: 'simple', paused: false });
    expect(call.c).toMatchObject({
      kind: 'audio', type: 'simple', producerId: call.p.id, paused: false, producerPaused: false, priority: 1, preferredLayers: undefined, currentLayers: undefined,
    });
    expect(call.dp).toMatchObject({ type: 'sctp', label: 'l', protocol: 'p', paused: false });
    expect(call.dc).toMatchObject({ type: 'sctp', dataProducerId: call.dp.id, label: 'l', protocol: 'p', paused: false, dataProducerPaused: false });
  });

  it('change with an answer before its promise resolves', async () => {
    node.answers['webRtcTransport.restartIce'] = () => {
      node.replica.patch(objectOf('t1'), { iceParameters: { usernameFragment: 'new', password: 'new' } });
    };
    const iceParameters = await call.t1.restartIce();
    expect(iceParameters.usernameFragment).toBe('new');
    expect(call.t1.iceParameters).toBe(iceParameters);
  });
});

describe('module', () => {
  it('answers for the node, with bound functions', async () => {
    const { createWorker, getSupportedRtpCapabilities, parseScalabilityMode, version, workerBin, errors, extras, ortc } = node.mediasoup;
    expect(node.mediasoup.default).toBe(node.mediasoup);
    expect({ version, workerBin }).toEqual({ version: '3.27.1', workerBin: '/node/mediasoup-worker' });
    expect((await createWorker()).pid).toBe(7);
    expect(getSupportedRtpCapabilities()).toEqual({ codecs: [], headerExtensions: [] });
    expect(getSupportedRtpCapabilities()).not.toBe(getSupportedRtpCapabilities());
    expect(parseScalabilityMode('L3T2').spatialLayers).toBe(3);
    expect(errors.NotFoundError).toBe(NotFoundError);
    expect(call.worker).toBeInstanceOf(extras.EnhancedEventEmitter);
    expect(call.worker.observer).toBeInstanceOf(EnhancedEventEmitter);
    expect(ortc.canConsume).toBeInstanceOf(Function);
  });
});

describe('events', () => {
  it.each([
    ['t1', 'icestatechange', 'connected', undefined, { iceState: 'connected' }, ['t1!icestatechange', 't1°icestatechange']],
    ['t1', 'dtlsstatechange', 'connected', { dtlsRemoteCert: 'PEM' }, { dtlsState: 'connected', dtlsRemoteCert: 'PEM' }, ['t1!dtlsstatechange', 't1°dtlsstatechange']],
    ['t1', 'sctpstatechange', 'connected', undefined, { sctpState: 'connected' }, ['t1!sctpstatechange', 't1°sctpstatechange']],
    ['t1', 'iceselectedtuplechange', { localPort: 1 }, undefined, { iceSelectedTuple: { localPort: 1 } }, ['t1!iceselectedtuplechange', 't1°iceselectedtuplechange']],
    ['p', 'score', [{ score: 9 }], undefined, { score: [{ score: 9 }] }, ['p!score', 'p°score']],
    ['p', 'videoorientationchange', { rotation: 90 }, undefined, {}, ['p!videoorientationchange', 'p°videoorientationchange']],
    ['c', 'score', { score: 8 }, undefined, { score: { score: 8 } }, ['c!score', 'c°score']],
    ['c', 'layerschange', { spatialLayer: 1 }, undefined, { currentLayers: { spatialLayer: 1 } }, ['c!layerschange', 'c°layerschange']],
    ['c', 'layerschange', undefined, undefined, { currentLayers: undefined }, ['c!layerschange', 'c°layerschange']],
    ['dc', 'bufferedamountlow', 5, undefined, {}, ['dc!bufferedamountlow']],
    ['dc', 'sctpsendbufferfull', undefined, undefined, {}, ['dc!sctpsendbufferfull']],
    ['c', 'newfangled', 1, undefined, {}, []],
  ] as [keyof Call, string, unknown, Record<string, unknown> | undefined, object, string[]][])(
    'of %s: %s is told to the object and then to its observer, after the state changed',
    (name, event, arg, sent, state, heard) => {
      const seen: unknown[] = [];
      const stateNow = (): unknown => Object.fromEntries(Object.keys(state).map(key => [key, (call[name] as never)[key]]));
      (call[name] as unknown as Consumer).on(event as 'score', told => seen.push(told, stateNow()));
      node.replica.event(objectOf(name), event, [arg], sent);
      expect(log.take()).toEqual(heard);
      expect(seen).toEqual(heard.length > 0 ? [arg, state] : []);
      expect(stateNow()).toEqual(state);
    },
  );

  it('of a pause: the observer hears of a change, once', async () => {
    const answer = (name: keyof Call, paused: boolean) => () => node.replica.patch(objectOf(name), { paused });
    Object.assign(node.answers, {
      'producer.pause': answer('p', true), 'producer.resume': answer('p', false),
      'dataProducer.pause': answer('dp', true), 'dataProducer.resume': answer('dp', false),
      'consumer.pause': answer('c', true), 'consumer.resume': answer('c', false),
      'dataConsumer.pause': answer('dc', true), 'dataConsumer.resume': answer('dc', false),
    });
    for (const name of ['p', 'dp', 'c', 'dc'] as const) {
      await Promise.all([call[name].pause(), call[name].pause()]);
      expect(call[name].paused).toBe(true);
      await call[name].resume();
      await call[name].resume();
      expect(log.take()).toEqual([`${name}°pause`, `${name}°resume`]);
    }
  });

  it.each([['c', 'producer'], ['dc', 'dataproducer']] as const)('of %s: its observer hears of the effective state', (name, producer) => {
    const key = name === 'c' ? 'producerPaused' : 'dataProducerPaused';
    const of = objectOf(name);
    node.replica.event(of, `${producer}pause`, [], { [key]: true });
    node.replica.event(of, `${producer}pause`, [], { [key]: true });
    expect(log.take()).toEqual([`${name}!${producer}pause`, `${name}°pause`]);
    node.replica.patch(of, { paused: true });
    expect(log.take()).toEqual([]);
    node.replica.event(of, `${producer}resume`, [], { [key]: false });
    expect(log.take()).toEqual([`${name}!${producer}resume`]);
    node.replica.patch(of, { paused: false });
    expect(log.take()).toEqual([`${name}°resume`]);
  });

  it('that were missed while the link was broken are told from what changed', () => {
    const changes: Record<number, object> = {
      [objectOf('t1')]: { iceState: 'disconnected', dtlsState: 'failed' },
      [objectOf('p')]: { paused: true, score: [{ score: 3 }] },
      [objectOf('c')]: { producerPaused: true, score: { score: 3 } },
      [objectOf('dc')]: { paused: true, dataProducerPaused: true },
      [objectOf('dp')]: { paused: true },
    };
    node.snapshot(record => ({ ...record, state: { ...record.state, ...changes[record.object] } }));
    expect(log.take().toSorted()).toEqual([
      'c!producerpause', 'c!score', 'c°pause', 'c°score', 'dc!dataproducerpause', 'dc°pause', 'dp°pause', 'p!score', 'p°pause', 'p°score',
      't1!dtlsstatechange', 't1!icestatechange', 't1°dtlsstatechange', 't1°icestatechange',
    ]);
  });

  it('survive a listener that throws', () => {
    const heard: unknown[] = [];
    call.p.on('score', () => { throw new Error('mine'); });
    call.p.on('listenererror', (event, error) => heard.push(event, error.message));
    node.replica.event(objectOf('p'), 'score', [[]], { score: [{}] });
    expect(heard).toEqual(['score', 'mine']);
    expect(log.take()).toEqual(['p!score', 'p°score']);
  });
});

describe('canConsume()', () => {
  it('is decided here, with the producer\'s consumable parameters', () => {
    expect(call.router.canConsume({ producerId: call.p.id, rtpCapabilities })).toBe(true);
    expect(call.router.canConsume({ producerId: call.p.id, rtpCapabilities: { codecs: [] } })).toBe(false);
    expect(call.router.canConsume({ producerId: call.p.id, rtpCapabilities: 'nonsense' as never })).toBe(false);
    expect(call.router.canConsume({ producerId: 'nobody', rtpCapabilities })).toBe(false);
    expect(node.takeSent()).toEqual([]);
  });

  it('knows a producer inside newproducer, and no longer when its transport has closed', async () => {
    let known: boolean | undefined;
    call.t1.observer.on('newproducer', ({ id }) => { known = call.router.canConsume({ producerId: id, rtpCapabilities }); });
    const { id } = await call.t1.produce({ kind: 'audio', rtpParameters });
    expect(known).toBe(true);
    call.t1.close();
    expect(call.router.canConsume({ producerId: id, rtpCapabilities })).toBe(false);
  });

  it('knows the newer one of two producers with one id', async () => {
    const first = await call.t1.produce({ id: 'same', kind: 'audio', rtpParameters });
    const second = await call.t2.produce({ id: 'same', kind: 'audio', rtpParameters });
    const firstData = await call.t1.produceData({ id: 'same' });
    const secondData = await call.t2.produceData({ id: 'same' });
    first.close();
    firstData.close();
    expect(call.router.canConsume({ producerId: 'same', rtpCapabilities })).toBe(true);
    expect((await call.t1.consumeData({ dataProducerId: 'same' })).closed).toBe(false);
    second.close();
    secondData.close();
    expect(call.router.canConsume({ producerId: 'same', rtpCapabilities })).toBe(false);
    await expect(call.t1.consumeData({ dataProducerId: 'same' })).rejects.toThrow(new NotFoundError('DataProducer with id "same" not found'));
  });
});

describe('wrong arguments', () => {
  const appData = 'text' as never;
  it.each<[string, (call: Call) => Promise<unknown>, string]>([
    ['createWorker', () => node.mediasoup.createWorker({ appData }), 'if given, appData must be an object'],
    ['createRouter', ({ worker }) => worker.createRouter({ appData }), 'if given, appData must be an object'],
    ['createWebRtcServer', ({ worker }) => worker.createWebRtcServer({ listenInfos: [], appData }), 'if given, appData must be an object'],
    ['createWebRtcTransport', ({ router }) => router.createWebRtcTransport({ listenInfos: [], appData }), 'if given, appData must be an object'],
    ['createWebRtcTransport()', ({ router }) => router.createWebRtcTransport(undefined as never), ''],
    ['createPipeTransport', ({ router }) => router.createPipeTransport({ listenIp: '127.0.0.1', appData }), 'if given, appData must be an object'],
    ['produce', ({ t1 }) => t1.produce({ kind: 'audio', rtpParameters, appData }), 'if given, appData must be an object'],
    ['produce', ({ t1 }) => t1.produce({ kind: 'smell' as never, rtpParameters }), 'invalid kind "smell"'],
    ['produceData', ({ t1 }) => t1.produceData({ appData }), 'if given, appData must be an object'],
    ['consume', ({ t1 }) => t1.consume({ rtpCapabilities } as never), 'missing producerId'],
    ['consume', ({ t1, p }) => t1.consume({ producerId: p.id, rtpCapabilities, appData }), 'if given, appData must be an object'],
    ['consume', ({ t1, p }) => t1.consume({ producerId: p.id, rtpCapabilities, mid: 7 as never }), 'if given, mid must be non empty string'],
    ['consume', ({ t1 }) => t1.consume({ producerId: 'nobody', rtpCapabilities: 7 as never }), 'caps is not an object'],
    ['pipe consume', ({ pipe }) => pipe.consume({} as never), 'missing producerId'],
    ['pipe consume', ({ pipe, p }) => pipe.consume({ producerId: p.id, appData }), 'if given, appData must be an object'],
    ['consumeData', ({ t1 }) => t1.consumeData({} as never), 'missing dataProducerId'],
    ['consumeData', ({ t1, dp }) => t1.consumeData({ dataProducerId: dp.id, appData }), 'if given, appData must be an object'],
    ['connect', ({ t1 }) => t1.connect({} as never), 'Cannot destructure property'],
    ['setPreferredLayers', ({ c }) => c.setPreferredLayers({} as never), 'spatialLayer must be a number'],
    ['setPreferredLayers', ({ c }) => c.setPreferredLayers({ spatialLayer: 1, temporalLayer: '1' as never }), 'if given, temporalLayer must be a number'],
    ['setPriority', ({ c }) => c.setPriority(-1), 'priority must be a positive number'],
    ['enableTraceEvent', ({ c }) => c.enableTraceEvent('x' as never), 'types must be an array'],
    ['enableTraceEvent', ({ p }) => p.enableTraceEvent([7 as never]), 'every type must be a string'],
    ['dataConsumer.send', ({ dc }) => dc.send(7 as never), 'message must be a string or a Buffer'],
    ['pipeToRouter', ({ router, p }) => router.pipeToRouter({ producerId: p.id, router, listenIp: '127.0.0.1' }), 'cannot use this Router as destination'],
  ])('%s rejects with TypeError, also on a closed object, and nothing is sent', async (_name, act, message) => {
    await expect(act(call)).rejects.toThrow(TypeError);
    await expect(act(call)).rejects.toThrow(message);
    expect(node.takeSent()).toEqual([]);
  });

  it.each<[string, (call: Call) => Promise<unknown>]>([
    ['setPreferredLayers', ({ c }) => c.setPreferredLayers({} as never)],
    ['connect', ({ t1 }) => t1.connect({} as never)],
    ['enableTraceEvent', ({ t1 }) => t1.enableTraceEvent('x' as never)],
  ])('%s: they come before a look at the state', async (_name, act) => {
    call.worker.close();
    await expect(act(call)).rejects.toThrow(TypeError);
  });

  it('throws at once where mediasoup does', () => {
    expect(() => call.p.send('x' as never)).toThrow(new TypeError('rtpPacket must be a Buffer'));
    expect(() => call.dp.send(7 as never)).toThrow(new TypeError('message must be a string or a Buffer'));
  });

  it('names a producer that is not there', async () => {
    await expect(call.t2.consume({ producerId: 'x', rtpCapabilities })).rejects.toThrow(new NotFoundError('Producer with id "x" not found'));
    await expect(call.pipe.consume({ producerId: 'x' })).rejects.toThrow(NotFoundError);
  });
});

it('takes a router that does not say where it lives for one of another machine', async () => {
  const asked: unknown[] = [];
  const router = { id: 'foreign', createPipeTransport: (options: unknown) => (asked.push(options), Promise.reject(new Error('no ports'))) } as unknown as Router;
  await expect(call.router.pipeToRouter({ producerId: call.p.id, router })).rejects.toThrow('no ports');
  expect(asked).toMatchObject([{ enableSrtp: true }]);
});

it('sends each call with what the contract asks for', async () => {
  const { worker, server, router, t1, pipe, p, c, dp, dc } = call;
  const numbers = Object.fromEntries(Object.keys(call).map(name => [name, objectOf(name as keyof Call)]));
  const calls: [Promise<unknown>, string, object][] = [
    [worker.dump(), 'worker.dump', { worker: numbers['worker'] }],
    [worker.getResourceUsage(), 'worker.getResourceUsage', { worker: numbers['worker'] }],
    [worker.updateSettings({ logLevel: 'warn' }), 'worker.updateSettings', { worker: numbers['worker'], settings: { logLevel: 'warn' } }],
    [worker.updateSettings(), 'worker.updateSettings', { worker: numbers['worker'], settings: {} }],
    [server.dump(), 'webRtcServer.dump', { webRtcServer: numbers['server'] }],
    [router.dump(), 'router.dump', { router: numbers['router'] }],
    [t1.dump(), 'transport.dump', { transport: numbers['t1'] }],
    [t1.getStats(), 'transport.getStats', { transport: numbers['t1'] }],
    [pipe.dump(), 'transport.dump', { transport: numbers['pipe'] }],
    [pipe.getStats(), 'transport.getStats', { transport: numbers['pipe'] }],
    [t1.connect({ dtlsParameters: { fingerprints: [] } }), 'transport.connect', { transport: numbers['t1'], options: { dtlsParameters: { fingerprints: [] } } }],
    [pipe.connect({ ip: '1.2.3.4', port: 5 }), 'transport.connect', { transport: numbers['pipe'], options: { ip: '1.2.3.4', port: 5, srtpParameters: undefined } }],
    [t1.setMaxIncomingBitrate(1), 'transport.setMaxIncomingBitrate', { transport: numbers['t1'], bitrate: 1 }],
    [t1.setMaxOutgoingBitrate(2), 'transport.setMaxOutgoingBitrate', { transport: numbers['t1'], bitrate: 2 }],
    [t1.setMinOutgoingBitrate(3), 'transport.setMinOutgoingBitrate', { transport: numbers['t1'], bitrate: 3 }],
    [p.dump(), 'producer.dump', { producer: numbers['p'] }],
    [p.getStats(), 'producer.getStats', { producer: numbers['p'] }],
    [c.dump(), 'consumer.dump', { consumer: numbers['c'] }],
    [c.getStats(), 'consumer.getStats', { consumer: numbers['c'] }],
    [c.setPreferredLayers({ spatialLayer: 1 }), 'consumer.setPreferredLayers', { consumer: numbers['c'], layers: { spatialLayer: 1, temporalLayer: undefined } }],
    [c.setPriority(2), 'consumer.setPriority', { consumer: numbers['c'], priority: 2 }],
    [c.unsetPriority(), 'consumer.unsetPriority', { consumer: numbers['c'] }],
    [c.requestKeyFrame(), 'consumer.requestKeyFrame', { consumer: numbers['c'] }],
    [dp.dump(), 'dataProducer.dump', { dataProducer: numbers['dp'] }],
    [dp.getStats(), 'dataProducer.getStats', { dataProducer: numbers['dp'] }],
    [dc.dump(), 'dataConsumer.dump', { dataConsumer: numbers['dc'] }],
    [dc.getStats(), 'dataConsumer.getStats', { dataConsumer: numbers['dc'] }],
    [dc.getBufferedAmount(), 'dataConsumer.getBufferedAmount', { dataConsumer: numbers['dc'] }],
    [dc.setBufferedAmountLowThreshold(1), 'dataConsumer.setBufferedAmountLowThreshold', { dataConsumer: numbers['dc'], threshold: 1 }],
    [dc.setSubchannels([1]), 'dataConsumer.setSubchannels', { dataConsumer: numbers['dc'], subchannels: [1] }],
    [dc.addSubchannel(2), 'dataConsumer.addSubchannel', { dataConsumer: numbers['dc'], subchannel: 2 }],
    [dc.removeSubchannel(1), 'dataConsumer.removeSubchannel', { dataConsumer: numbers['dc'], subchannel: 1 }],
  ];
  await Promise.all(calls.map(([promise]) => promise));
  expect(node.sent).toEqual(calls.map(([, method, params]) => ({ method, params })));
});

it('takes options that are deeply frozen, and leaves them as they are', async () => {
  const options: RouterOptions = Object.freeze({ mediaCodecs: Object.freeze([]) as never, appData: Object.freeze({}) });
  const router = await call.worker.createRouter(options);
  expect(router.appData).toBe(options.appData);
});
