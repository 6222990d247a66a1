import { beforeEach, describe, expect, test } from '@jest/globals';
import { MessageTooLargeError, NotConnectedError, encodeRich } from '@mediacluster/rope';
import type { RtpCapabilities } from 'mediasoup/types';

import { EventLog } from '../../test/event-log.ts';
import { oneOfEach } from '../../test/one-of-each.ts';
import type { OneOfEach } from '../../test/one-of-each.ts';
import { ScriptedNode, numberOf, rtpCapabilities, rtpParameters } from '../../test/scripted-node.ts';
import { NotFoundError, UnsupportedError, WorkerClosedError } from './local-half.ts';

let node: ScriptedNode;
let made: OneOfEach;
const of = (name: keyof OneOfEach): number => numberOf(made[name]);
const logOf = (...names: (keyof OneOfEach)[]): EventLog => names.reduce((log, name) => log.follow(name, made[name]), new EventLog());

beforeEach(async () => {
  node = new ScriptedNode();
  made = await oneOfEach(node.mediasoup);
  node.sent.splice(0);
});

describe('bytes that leave', () => {
  const bytes = Buffer.from([1, 2, 3]);

  test.each<[string, (of: OneOfEach, data: Buffer) => unknown, string, keyof OneOfEach]>([
    ['producer.send()', ({ producer }, data) => producer.send(data), 'producer.send', 'producer'],
    ['sendRtcp()', ({ directTransport }, data) => directTransport.sendRtcp(data), 'transport.sendRtcp', 'directTransport'],
    ['dataProducer.send()', ({ dataProducer }, data) => dataProducer.send(data), 'dataProducer.send', 'dataProducer'],
    ['dataConsumer.send()', ({ dataConsumer }, data) => dataConsumer.send(data), 'dataConsumer.send', 'dataConsumer'],
  ])('%s: a copy of the bytes, which the app may use again at once', async (_member, send, method, name) => {
    const data = Buffer.from(bytes);
    const sent = send(made, data);
    data.fill(0);
    await sent;
    expect(node.sent[0]).toMatchObject({ method, params: { data: bytes } });
    expect(Object.values(node.sent[0]!.params)).toContain(of(name));
  });

  test('a message keeps its text, its PPID and its subchannels', async () => {
    made.dataProducer.send('', 51, [1, 2], 3, 4);
    made.dataProducer.send(Buffer.alloc(0));
    void made.dataConsumer.send('text', 51);
    expect(node.sent.map(({ params }) => params)).toMatchObject([
      { text: '', ppid: 51, subchannels: [1, 2], requiredSubchannel: 3, ignoredSubchannel: 4 }, { data: Buffer.alloc(0) }, { text: 'text', ppid: 51 },
    ]);
  });

  test('dataConsumer.send() resolves with the buffered amount', async () => {
    node.answers['dataConsumer.send'] = () => 42;
    await expect(made.dataConsumer.send('text')).resolves.toBe(42);
  });

  test.each<[string, (of: OneOfEach) => void, string]>([
    ['producer.send()', ({ producer }) => producer.send('x' as never), 'rtpPacket must be a Buffer'],
    ['sendRtcp()', ({ directTransport }) => directTransport.sendRtcp(new Uint8Array(1) as never), 'rtcpPacket must be a Buffer'],
    ['dataProducer.send()', ({ dataProducer }) => dataProducer.send(7 as never), 'message must be a string or a Buffer'],
  ])('%s throws at once for anything else', (_member, send, message) => {
    expect(() => send(made)).toThrow(new TypeError(message));
    made.worker.close();
    expect(() => send(made)).toThrow(new TypeError(message));
  });

  test.each<[string, (of: OneOfEach) => void, string]>([
    ['producer.send()', ({ producer }) => producer.send(bytes), 'PRODUCER_SEND'],
    ['sendRtcp()', ({ directTransport }) => directTransport.sendRtcp(bytes), 'TRANSPORT_SEND_RTCP'],
    ['dataProducer.send()', ({ dataProducer }) => dataProducer.send('x'), 'DATAPRODUCER_SEND'],
  ])('%s does nothing on a closed object, and throws when the worker is gone', (_member, send, event) => {
    made.router.close();
    node.sent.splice(0);
    send(made);
    expect(node.sent).toEqual([]);
    made.worker.close();
    expect(() => send(made)).toThrow(new WorkerClosedError(`Channel closed, cannot send notification [event:${event}]`));
  });

  test('what is too large is not sent, and nothing is thrown, as with mediasoup', () => {
    node.notify = () => { throw new MessageTooLargeError('too large'); };
    expect(() => made.producer.send(bytes)).not.toThrow();
    node.notify = () => { throw new NotConnectedError('no'); };
    expect(() => made.producer.send(bytes)).toThrow(NotConnectedError);
  });
});

describe('bytes that arrive', () => {
  test.each<[keyof OneOfEach, string, unknown[]]>([
    ['consumer', 'rtp', []], ['directTransport', 'rtcp', []], ['dataConsumer', 'message', [51]],
  ])('on a %s: %s is told with a Buffer of its own, and not to the observer', (name, event, more) => {
    const told: unknown[][] = [];
    (made[name] as unknown as EventLogged).on(event, (...args) => told.push(args));
    (made[name].observer as unknown as EventLogged).on(event, () => told.push(['observer']));
    const frame = Uint8Array.from([0, 1, 2, 3]);
    node.replica.event(of(name), event, [frame.subarray(1, 3), ...more]);
    frame.fill(9);
    expect(told).toEqual([[Buffer.from([1, 2]), ...more]]);
    expect(Buffer.isBuffer(told[0]![0])).toBe(true);
  });
});

interface EventLogged {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

describe('a trace', () => {
  test.each<[keyof OneOfEach, string]>([
    ['webRtcTransport', 'transport'], ['plainTransport', 'transport'], ['pipeTransport', 'transport'], ['directTransport', 'transport'],
    ['producer', 'producer'], ['consumer', 'consumer'],
  ])('of a %s is asked for, and told with its numbers of 64 bits', async (name, family) => {
    const object = made[name] as OneOfEach['producer'];
    await object.enableTraceEvent(['rtp']);
    await object.enableTraceEvent();
    expect(node.sent).toEqual([
      { method: `${family}.enableTraceEvent`, params: { [family]: of(name), types: ['rtp'] } },
      { method: `${family}.enableTraceEvent`, params: { [family]: of(name), types: [] } },
    ]);
    const told: unknown[] = [];
    object.on('trace', trace => told.push(trace));
    object.observer.on('trace', trace => told.push(trace));
    const trace = { type: 'rtp', timestamp: 1, direction: 'in', info: { size: 31n } };
    node.replica.event(of(name), 'trace', [encodeRich(trace)]);
    expect(told).toEqual([trace, trace]);
  });
});

describe('a PlainTransport', () => {
  test('reads the replica, in copies', () => {
    const { plainTransport } = made;
    expect(plainTransport).toMatchObject({ type: 'plain', tuple: { localPort: 4000 }, rtcpTuple: { localPort: 4001 }, srtpParameters: { cryptoSuite: 'x' }, sctpState: 'new' });
    for (const getter of ['tuple', 'rtcpTuple', 'srtpParameters'] as const) expect(plainTransport[getter]).not.toBe(plainTransport[getter]);
  });

  test('asks as the contract says', async () => {
    const { plainTransport } = made;
    node.answers['transport.dump'] = () => ({ id: 'dumped' });
    node.answers['transport.getStats'] = () => [{ type: 'plain-rtp-transport' }];
    await expect(plainTransport.dump()).resolves.toEqual({ id: 'dumped' });
    await expect(plainTransport.getStats()).resolves.toEqual([{ type: 'plain-rtp-transport' }]);
    await plainTransport.connect({ ip: '1.2.3.4', port: 5, rtcpPort: 6 });
    expect(node.sent.at(-1)).toEqual({ method: 'transport.connect', params: { transport: of('plainTransport'), options: { ip: '1.2.3.4', port: 5, rtcpPort: 6 } } });
    await expect(plainTransport.connect(undefined as never)).rejects.toThrow(TypeError);
  });

  test('tells its tuples after they changed, and closes its SCTP', () => {
    const { plainTransport } = made;
    const log = logOf('plainTransport');
    const seen: unknown[] = [];
    plainTransport.on('tuple', tuple => seen.push(tuple, plainTransport.tuple));
    plainTransport.observer.on('rtcptuple', tuple => seen.push(tuple, plainTransport.rtcpTuple));
    node.replica.event(of('plainTransport'), 'tuple', [{ localPort: 1 }]);
    node.replica.event(of('plainTransport'), 'rtcptuple', [{ localPort: 2 }]);
    expect(seen).toEqual([{ localPort: 1 }, { localPort: 1 }, { localPort: 2 }, { localPort: 2 }]);
    plainTransport.close();
    expect(plainTransport.sctpState).toBe('closed');
    expect(log.take()).toEqual(['plainTransport°close']);
  });
});

describe('a DirectTransport', () => {
  test('connects without a word, and has no bitrates to set, whether it is open or closed', async () => {
    const { directTransport } = made;
    for (let round = 0; round < 2; round++) {
      await expect(directTransport.connect()).resolves.toBeUndefined();
      for (const call of ['setMaxIncomingBitrate', 'setMaxOutgoingBitrate', 'setMinOutgoingBitrate'] as const) {
        await expect(directTransport[call](1)).rejects.toThrow(new UnsupportedError(`${call}() not implemented in DirectTransport`));
      }
      made.router.close();
    }
    expect(node.takeSent()).toEqual(['router.close']);
  });

  test('asks as the contract says', async () => {
    node.answers['transport.dump'] = () => ({ direct: true });
    node.answers['transport.getStats'] = () => [{ type: 'direct-transport' }];
    await expect(made.directTransport.dump()).resolves.toEqual({ direct: true });
    await expect(made.directTransport.getStats()).resolves.toEqual([{ type: 'direct-transport' }]);
    expect(made.directTransport.type).toBe('direct');
  });
});

describe('RTP observers', () => {
  const kinds = ['activeSpeakerObserver', 'audioLevelObserver'] as const;

  test.each(kinds)('an %s pauses, takes producers and closes', async name => {
    const rtpObserver = made[name];
    const log = logOf(name);
    node.answers['rtpObserver.pause'] = () => node.replica.patch(of(name), { paused: true });
    node.answers['rtpObserver.resume'] = () => node.replica.patch(of(name), { paused: false });
    await Promise.all([rtpObserver.pause(), rtpObserver.pause()]);
    expect(rtpObserver.paused).toBe(true);
    await rtpObserver.resume();
    expect(log.take()).toEqual([`${name}°pause`, `${name}°resume`]);
    await rtpObserver.addProducer({ producerId: made.producer.id });
    await rtpObserver.removeProducer({ producerId: made.producer.id });
    expect(node.sent.slice(-2)).toEqual([
      { method: 'rtpObserver.addProducer', params: { rtpObserver: of(name), producer: of('producer') } },
      { method: 'rtpObserver.removeProducer', params: { rtpObserver: of(name), producer: of('producer') } },
    ]);
    rtpObserver.close();
    rtpObserver.close();
    expect(node.takeSent().slice(-1)).toEqual(['rtpObserver.close']);
    expect(log.take()).toEqual([`${name}°close`]);
    expect(rtpObserver).toMatchObject({ closed: true, id: rtpObserver.id, type: name === 'audioLevelObserver' ? 'audiolevel' : 'activespeaker' });
  });

  test('tell of the app\'s own producers, on the object or on its observer alone', () => {
    const { activeSpeakerObserver, audioLevelObserver, producer } = made;
    const told: unknown[] = [];
    activeSpeakerObserver.on('dominantspeaker', speaker => told.push(speaker));
    audioLevelObserver.on('volumes', volumes => told.push(volumes));
    audioLevelObserver.observer.on('volumes', volumes => told.push(volumes));
    audioLevelObserver.on('silence', () => told.push('silence'));
    audioLevelObserver.observer.on('addproducer', added => told.push(added));
    (audioLevelObserver as unknown as EventLogged).on('addproducer', () => told.push('not here'));
    const number = of('producer');
    node.replica.event(of('activeSpeakerObserver'), 'dominantspeaker', [{ producer: number }]);
    node.replica.event(of('audioLevelObserver'), 'volumes', [[{ producer: number, volume: -9 }, { producer: 999, volume: -1 }]]);
    node.replica.event(of('audioLevelObserver'), 'silence', []);
    node.replica.event(of('audioLevelObserver'), 'addproducer', [number]);
    expect(told).toHaveLength(5);
    expect((told[0] as { producer: unknown }).producer).toBe(producer);
    expect(told[1]).toEqual([{ producer: expect.anything(), volume: -9 }]);
    expect((told[1] as { producer: unknown }[])[0]!.producer).toBe(producer);
    expect(told[2]).toBe(told[1]);
    expect(told.slice(3)).toEqual(['silence', producer]);
  });

  test('say nothing of producers that are gone', () => {
    const told: unknown[] = [];
    made.activeSpeakerObserver.on('dominantspeaker', speaker => told.push(speaker));
    made.audioLevelObserver.on('volumes', volumes => told.push(volumes));
    made.audioLevelObserver.observer.on('removeproducer', producer => told.push(producer));
    const number = of('producer');
    made.producer.close();
    node.replica.event(of('activeSpeakerObserver'), 'dominantspeaker', [{ producer: number }]);
    node.replica.event(of('activeSpeakerObserver'), 'dominantspeaker', [{ producer: of('consumer') }]);
    node.replica.event(of('audioLevelObserver'), 'volumes', [[{ producer: number, volume: -9 }]]);
    node.replica.event(of('audioLevelObserver'), 'removeproducer', [number]);
    expect(told).toEqual([]);
  });

  test.each(kinds)('an %s does not know producers that are not there', async name => {
    made.worker.close();
    for (const call of ['addProducer', 'removeProducer'] as const) {
      await expect(made[name][call]({ producerId: 'x' })).rejects.toThrow(new NotFoundError('Producer with id "x" not found'));
      await expect(made[name][call](undefined as never)).rejects.toThrow(TypeError);
    }
  });

  test('close with their router, after its transports', () => {
    const log = logOf('router', 'webRtcTransport', 'activeSpeakerObserver', 'audioLevelObserver');
    made.router.close();
    expect(log.take()).toEqual([
      'webRtcTransport!routerclose', 'webRtcTransport°close', 'activeSpeakerObserver!routerclose', 'activeSpeakerObserver°close',
      'audioLevelObserver!routerclose', 'audioLevelObserver°close', 'router°close',
    ]);
  });

  test('close with a word of the node', () => {
    const log = logOf('audioLevelObserver');
    node.replica.closed(of('audioLevelObserver'));
    expect(log.take()).toEqual(['audioLevelObserver°close']);
    made.router.close();
    expect(log.take()).toEqual([]);
  });
});

describe('updateMediaCodecs()', () => {
  const codec = { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 } as const;

  test('takes effect at once, and the node is told', () => {
    made.router.updateMediaCodecs([codec]);
    expect(made.router.rtpCapabilities.codecs!.map(({ mimeType }) => mimeType)).toEqual(['video/VP8', 'video/rtx']);
    expect(node.sent).toEqual([{ method: 'router.updateMediaCodecs', params: { router: of('router'), mediaCodecs: [codec] } }]);
  });

  test('throws what is wrong, tells nobody, and leaves the capabilities', () => {
    const before: RtpCapabilities = made.router.rtpCapabilities;
    expect(() => made.router.updateMediaCodecs([{ ...codec, mimeType: 'video/chicken' }])).toThrow(new UnsupportedError('media codec not supported [mimeType:video/chicken]'));
    expect(() => made.router.updateMediaCodecs(7 as never)).toThrow(TypeError);
    expect(node.sent).toEqual([]);
    expect(made.router.rtpCapabilities).toEqual(before);
  });

  test('of a closed router changes what it says, as with mediasoup', () => {
    made.router.close();
    node.sent.splice(0);
    made.router.updateMediaCodecs([codec]);
    expect(made.router.rtpCapabilities.codecs).toHaveLength(2);
    expect(node.sent).toEqual([]);
  });
});

describe('wrong arguments of calls on closed objects come before the state', () => {
  beforeEach(() => made.worker.close());

  test.each<[string, (of: OneOfEach) => Promise<unknown>, string | RegExp]>([
    ['createRouter', ({ worker }) => worker.createRouter({ mediaCodecs: 7 as never }), 'mediaCodecs must be an Array'],
    ['createWebRtcServer', ({ worker }) => worker.createWebRtcServer({} as never), 'listenInfos is not iterable'],
    ['createWebRtcTransport', ({ router }) => router.createWebRtcTransport({} as never), 'missing webRtcServer, listenInfos and listenIps (one of them is mandatory)'],
    ['createPlainTransport', ({ router }) => router.createPlainTransport({} as never), 'missing listenInfo and listenIp (one of them is mandatory)'],
    ['createPlainTransport', ({ router }) => router.createPlainTransport({ listenInfo: {}, listenIp: 'x' } as never), 'only one of listenInfo and listenIp must be given'],
    ['createPipeTransport', ({ router }) => router.createPipeTransport({} as never), 'missing listenInfo and listenIp (one of them is mandatory)'],
    ['createDirectTransport', ({ router }) => router.createDirectTransport({ appData: 'x' as never }), 'if given, appData must be an object'],
    ['createActiveSpeakerObserver', ({ router }) => router.createActiveSpeakerObserver({ interval: 'x' as never }), 'if given, interval must be an number'],
    ['createAudioLevelObserver', ({ router }) => router.createAudioLevelObserver({ maxEntries: 0 }), 'if given, maxEntries must be a positive number'],
    ['createAudioLevelObserver', ({ router }) => router.createAudioLevelObserver({ threshold: 1 }), 'if given, threshole must be a negative number greater than -127'],
    ['createAudioLevelObserver', ({ router }) => router.createAudioLevelObserver({ interval: 'x' as never }), 'if given, interval must be an number'],
    ['produce', ({ webRtcTransport }) => webRtcTransport.produce({ kind: 'audio' } as never), 'params is not an object'],
    ['produceData', ({ webRtcTransport }) => webRtcTransport.produceData(), 'params is not an object'],
    ['consume', ({ webRtcTransport }) => webRtcTransport.consume({ producerId: 'x', rtpCapabilities: 7 as never }), 'caps is not an object'],
    ['connect', ({ webRtcTransport }) => webRtcTransport.connect({ dtlsParameters: {} as never }), 'dtlsParameters.fingerprints is not iterable'],
  ])('%s', async (_call, act, message) => {
    await expect(act(made)).rejects.toThrow(TypeError);
    await expect(act(made)).rejects.toThrow(message);
  });

  test.each(['setMaxIncomingBitrate', 'setMaxOutgoingBitrate', 'setMinOutgoingBitrate'] as const)('%s', async call => {
    await expect(made.webRtcTransport[call](1.5)).rejects.toThrow(RangeError);
    await expect(made.webRtcTransport[call](1)).rejects.toThrow(WorkerClosedError);
  });

  test('right ones are told of the state', async () => {
    const { worker, router, webRtcTransport, directTransport } = made;
    for (const call of [
      worker.createRouter(), worker.createWebRtcServer({ listenInfos: [] }), router.createWebRtcTransport({ listenInfos: [] }), router.createDirectTransport(),
      router.createPlainTransport({ listenIp: '::1' }), router.createPipeTransport({ listenIp: '::1' }), router.createActiveSpeakerObserver(),
      router.createAudioLevelObserver(), webRtcTransport.produce({ kind: 'audio', rtpParameters }), directTransport.produceData(),
      webRtcTransport.produceData({ sctpStreamParameters: { streamId: 1 } }), webRtcTransport.connect({ dtlsParameters: { fingerprints: [] } }),
    ]) await expect(call).rejects.toThrow(WorkerClosedError);
    await expect(webRtcTransport.consume({ producerId: 'x', rtpCapabilities })).rejects.toThrow(NotFoundError);
  });
});

test('a WebRtcTransport that a snapshot brings is known to its WebRtcServer, and one of an unknown server to none', () => {
  const log = logOf('server', 'router');
  const bring = (webRtcServer: number): unknown[] => {
    node.replica.created(node.record('webRtcTransport', of('router'), { webRtcServer }));
    return log.take();
  };
  expect(bring(of('server'))).toEqual(['router°newtransport', 'server°webrtctransporthandled']);
  expect(bring(999)).toEqual(['router°newtransport']);
  expect(bring(of('producer'))).toEqual(['router°newtransport']);
  made.server.close();
  expect(log.take()).toEqual([`server°webrtctransportunhandled`, 'server°webrtctransportunhandled', 'server°close']);
});

test('an event that a listener of listenererror throws at harms nobody', () => {
  made.producer.on('score', () => { throw new Error('one'); });
  made.producer.on('listenererror', () => { throw new Error('two'); });
  node.replica.event(of('producer'), 'score', [[]]);
  expect(made.producer.safeEmit('score', [])).toBe(true);
  expect(made.producer.safeEmit('transportclose')).toBe(false);
});
