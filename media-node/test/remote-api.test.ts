import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

import { decodeRich } from '@mediacluster/rope';
import type { ObjectRecord } from '@mediacluster/rope';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { version, workerBin } from 'mediasoup';

import { endAll, startSocketNode } from './node-on-socket.ts';
import type { SocketNode } from './node-on-socket.ts';
import { RawClient } from './raw-client.ts';
import { audioParameters, opus, rtpCapabilities, rtpPacket, senderReport, videoParameters, vp8 } from './rtp.ts';

/** What a node says of each class, heard by a client without mirrors over a real socket; the media and the workers are real. */
let node: SocketNode;
let client: RawClient;
let worker: number;
let router: number;
const clients: RawClient[] = [];
const sockets: Socket[] = [];

const join = async (options?: ConstructorParameters<typeof RawClient>[1]): Promise<RawClient> => {
  const joined = await new RawClient(node.url, options).open();
  clients.push(joined);
  return joined;
};

beforeEach(async () => {
  node = await startSocketNode();
  client = await join();
  ({ object: worker } = await client.request('mediasoup.createWorker', { settings: { logLevel: 'warn' } }));
  ({ object: router } = await client.request('worker.createRouter', { worker, options: { mediaCodecs: [opus, vp8] } }));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const joined of clients.splice(0)) joined.rope.destroy();
  await endAll();
});

const direct = async (): Promise<number> => (await client.request('router.createDirectTransport', { router, options: {} })).object;
const produceAudio = async (transport: number, ssrc: number): Promise<ObjectRecord<{ id: string }>> =>
  client.request('transport.produce', { transport, options: { kind: 'audio', rtpParameters: audioParameters(ssrc) } }) as never;

/** Says it again until the promise settles: media may come before somebody takes it. */
async function until<Value>(promise: Promise<Value>, say: (time: number) => void): Promise<Value> {
  let settled = false;
  const noted = promise.finally(() => { settled = true; });
  for (let time = 1; !settled; time++) {
    say(time);
    await client.request('worker.getResourceUsage', { worker });
  }
  return noted;
}

describe('a DirectTransport', () => {
  test('carries RTP both ways, as bytes', async () => {
    const transport = await direct();
    expect(client.record(transport)).toMatchObject({ type: 'directTransport', parent: router, state: { type: 'direct' } });
    const { object: producer, state: { id: producerId } } = await produceAudio(transport, 1);
    const { object: consumer } = await client.request('transport.consume', { transport, options: { producerId, rtpCapabilities } });
    const payload = Buffer.from('one packet');
    const heard = await until(client.told(consumer, 'rtp'), sequence => client.notify('producer.send', { producer, data: rtpPacket({ ssrc: 1, sequence, payload }) }));
    const [packet] = heard.args as [Uint8Array];
    expect(Buffer.from(packet).subarray(-payload.length)).toEqual(payload);
    expect(packet[0]! >> 6).toBe(2);
  });

  test('carries RTCP both ways', async () => {
    const transport = await direct();
    const { object: producer, state: { id: producerId } } = await client.request('transport.produce', { transport, options: { kind: 'video', rtpParameters: videoParameters(2) } });
    const { object: consumer } = await client.request('transport.consume', { transport, options: { producerId, rtpCapabilities } });
    // A consumer of video asks for a key frame, which is a word of RTCP to the sender.
    const rtcp = await until(client.told(transport, 'rtcp'), sequence => {
      client.notify('producer.send', { producer, data: rtpPacket({ ssrc: 2, sequence, payloadType: 101 }) });
      void client.request('consumer.requestKeyFrame', { consumer });
    });
    expect((rtcp.args as [Uint8Array])[0].length).toBeGreaterThanOrEqual(8);
    const received = async (): Promise<number> => (await client.request('transport.getStats', { transport }) as [{ bytesReceived: number }])[0].bytesReceived;
    const before = await received();
    client.notify('transport.sendRtcp', { transport, data: senderReport(2) });
    expect(await received() - before).toBe(senderReport(2).length);
  });

  test('carries messages as text or bytes, with their PPID and the order of their sending', async () => {
    const transport = await direct();
    const { object: dataProducer, state: { id: dataProducerId } } = await client.request('transport.produceData', { transport, options: { label: 'chat' } });
    const { object: dataConsumer } = await client.request('transport.consumeData', { transport, options: { dataProducerId } });
    client.notify('dataProducer.send', { dataProducer, text: 'grüezi' });
    client.notify('dataProducer.send', { dataProducer, data: Buffer.from([0, 255, 1]) });
    client.notify('dataProducer.send', { dataProducer, text: '' });
    client.notify('dataProducer.send', { dataProducer, data: Buffer.from('own'), ppid: 99 });
    await client.told(dataConsumer, 'message', ({ args }) => args[1] === 99);
    const messages = client.heard.filter(({ event }) => event === 'message').map(({ args: [data, ppid] }) => [Buffer.from(data as Uint8Array), ppid]);
    expect(messages).toEqual([[Buffer.from('grüezi'), 51], [Buffer.from([0, 255, 1]), 53], [Buffer.from(' '), 56], [Buffer.from('own'), 99]]);
  });

  test('sends to subchannels alone, and takes no answer for a message', async () => {
    const transport = await direct();
    const { object: dataProducer, state: { id: dataProducerId } } = await client.request('transport.produceData', { transport, options: {} });
    const { object: dataConsumer } = await client.request('transport.consumeData', { transport, options: { dataProducerId, subchannels: [7] } });
    client.notify('dataProducer.send', { dataProducer, text: 'to 8', subchannels: [8] });
    client.notify('dataProducer.send', { dataProducer, text: 'not to 7', subchannels: [7], ignoredSubchannel: 7 });
    client.notify('dataProducer.send', { dataProducer, text: 'to 7', subchannels: [7], requiredSubchannel: 7 });
    const { args: [data] } = await client.told(dataConsumer, 'message');
    expect(Buffer.from(data as Uint8Array).toString()).toBe('to 7');
    await expect(client.request('dataConsumer.send', { dataConsumer, text: 'back' })).rejects.toThrow(new TypeError('invalid DataConsumer type'));
  });
});

describe('a pair of PipeTransports', () => {
  test('knows what SCTP negotiated when it says that it is connected, and carries messages of a DataConsumer', async () => {
    const { object: other } = await client.request('worker.createRouter', { worker, options: {} });
    const options = { listenInfo: { protocol: 'udp' as const, ip: '127.0.0.1' }, enableSctp: true };
    const [here, there] = await Promise.all([router, other].map(async on => (await client.request('router.createPipeTransport', { router: on, options })).object)) as [number, number];
    const portOf = (transport: number): number => (client.record(transport).state['tuple'] as { localPort: number }).localPort;
    await Promise.all([
      client.request('transport.connect', { transport: here, options: { ip: '127.0.0.1', port: portOf(there) } }),
      client.request('transport.connect', { transport: there, options: { ip: '127.0.0.1', port: portOf(here) } }),
    ]);
    expect(client.record(here).state['tuple']).toMatchObject({ remotePort: portOf(there) });

    const source = await client.request('transport.produceData', { transport: await direct(), options: {} });
    const { object: dataConsumer, state } = await client.request('transport.consumeData', { transport: here, options: { dataProducerId: source.state.id } });
    const { state: { id: pipedId } } = await client.request('transport.produceData', { transport: there, options: { sctpStreamParameters: state.sctpStreamParameters! } });
    const connected = await client.told(here, 'sctpstatechange', ({ args }) => args[0] === 'connected');
    expect(connected.state).toMatchObject({ sctpNegotiatedCapabilities: { negotiatedMaxOutboundStreams: 65_535 } });

    const { object: end } = await client.request('router.createDirectTransport', { router: other, options: {} });
    const { object: ear } = await client.request('transport.consumeData', { transport: end, options: { dataProducerId: pipedId } });
    expect(await client.request('dataConsumer.send', { dataConsumer, text: 'text' })).toEqual(expect.any(Number));
    await client.request('dataConsumer.send', { dataConsumer, data: Buffer.from('bytes'), ppid: 53 });
    await client.told(ear, 'message', ({ args }) => args[1] === 53);
    const messages = client.heard.filter(({ object, event }) => object === ear && event === 'message').map(({ args: [data] }) => Buffer.from(data as Uint8Array).toString());
    expect(messages).toEqual(['text', 'bytes']);
  });
});

describe('a PlainTransport', () => {
  const udp = async (): Promise<Socket> => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'listening');
    return socket;
  };

  test('tells from where RTP and RTCP come', async () => {
    const { object: transport, state } = await client.request('router.createPlainTransport', {
      router, options: { listenInfo: { protocol: 'udp', ip: '0.0.0.0' }, rtcpMux: false, comedia: true },
    });
    // The node's own address stands where the app could not know one.
    expect(state).toMatchObject({ type: 'plain', tuple: { localAddress: '127.0.0.1' }, rtcpTuple: { localAddress: '127.0.0.1' } });
    await produceAudio(transport, 3);
    const rtp = await udp();
    const rtcp = await udp();
    const tuple = await until(client.told(transport, 'tuple'), sequence => rtp.send(rtpPacket({ ssrc: 3, sequence }), state.tuple.localPort, '127.0.0.1'));
    const rtcpTuple = await until(client.told(transport, 'rtcptuple'), () => rtcp.send(senderReport(3), state.rtcpTuple!.localPort, '127.0.0.1'));
    expect(tuple.args).toMatchObject([{ localPort: state.tuple.localPort, remotePort: rtp.address().port }]);
    expect(rtcpTuple.args).toMatchObject([{ localPort: state.rtcpTuple!.localPort, remotePort: rtcp.address().port }]);
  });

  test('has its tuple and its SRTP when connect() is answered', async () => {
    const { object: transport } = await client.request('router.createPlainTransport', { router, options: { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSrtp: true } });
    const srtpParameters = { cryptoSuite: 'AES_CM_128_HMAC_SHA1_80' as const, keyBase64: Buffer.alloc(30, 7).toString('base64') };
    await client.request('transport.connect', { transport, options: { ip: '127.0.0.1', port: 5004, srtpParameters } });
    expect(client.record(transport).state).toMatchObject({ tuple: { remoteIp: '127.0.0.1', remotePort: 5004 }, srtpParameters: { cryptoSuite: 'AES_CM_128_HMAC_SHA1_80' } });
    expect((await client.request('transport.getStats', { transport }) as { type: string }[])[0]!.type).toBe('plain-rtp-transport');
    expect(node.server.status()[0]!.routers[0]!.transports).toMatchObject([{ type: 'plain' }]);
  });

  test('is refused by mediasoup in mediasoup\'s words', async () => {
    await expect(client.request('router.createPlainTransport', { router, options: undefined as never })).rejects.toThrow(new TypeError('missing listenInfo and listenIp (one of them is mandatory)'));
  });
});

describe('the trace of', () => {
  test.each(['producer', 'consumer'] as const)('a %s tells of each packet', async of => {
    const transport = await direct();
    const { object: producer, state: { id: producerId } } = await produceAudio(transport, 4);
    const { object: consumer } = await client.request('transport.consume', { transport, options: { producerId, rtpCapabilities } });
    const object = of === 'producer' ? producer : consumer;
    if (of === 'producer') await client.request('producer.enableTraceEvent', { producer, types: ['rtp'] });
    else await client.request('consumer.enableTraceEvent', { consumer, types: ['rtp'] });
    const { args: [trace] } = await until(client.told(object, 'trace'), sequence => client.notify('producer.send', { producer, data: rtpPacket({ ssrc: 4, sequence }) }));
    // mediasoup tells sizes as BigInt.
    expect(decodeRich(trace)).toMatchObject({
      type: 'rtp', direction: of === 'producer' ? 'in' : 'out', timestamp: expect.any(Number), info: { rtpPacket: { payloadType: 100, payloadSize: 5n } },
    });
  });

  test('a transport is enabled, and wrong types are refused in mediasoup\'s words', async () => {
    const transport = await direct();
    await client.request('transport.enableTraceEvent', { transport, types: ['bwe', 'probation'] });
    expect(await client.request('transport.dump', { transport })).toMatchObject({ traceEventTypes: expect.arrayContaining(['bwe', 'probation']) });
    await expect(client.request('transport.enableTraceEvent', { transport, types: 'bwe' as never })).rejects.toThrow(new TypeError('types must be an array'));
  });
});

describe('an RtpObserver', () => {
  const loud = (producer: number, ssrc: number) => (sequence: number): void => client.notify('producer.send', { producer, data: rtpPacket({ ssrc, sequence, level: 10 }) });

  test('tells who was added and removed before it answers, by number', async () => {
    const { object: rtpObserver, state } = await client.request('router.createAudioLevelObserver', { router, options: { interval: 250 } });
    expect(state).toMatchObject({ type: 'audiolevel', paused: false });
    const { object: producer } = await produceAudio(await direct(), 5);
    client.heard.length = 0;
    await client.request('rtpObserver.addProducer', { rtpObserver, producer });
    await client.request('rtpObserver.removeProducer', { rtpObserver, producer });
    expect(client.heard.map(({ event, args }) => [event, ...args])).toEqual([
      ['addproducer', producer], ['answer', 'rtpObserver.addProducer'], ['removeproducer', producer], ['answer', 'rtpObserver.removeProducer'],
    ]);
  });

  test('pauses, resumes and ends', async () => {
    const { object: rtpObserver } = await client.request('router.createActiveSpeakerObserver', { router, options: {} });
    await client.request('rtpObserver.pause', { rtpObserver });
    expect(client.record(rtpObserver).state['paused']).toBe(true);
    await client.request('rtpObserver.resume', { rtpObserver });
    expect(client.record(rtpObserver).state['paused']).toBe(false);
    client.notify('rtpObserver.close', { rtpObserver });
    await client.told(rtpObserver, 'closed');
    await expect(client.request('rtpObserver.pause', { rtpObserver })).rejects.toMatchObject({ code: 'ROPE_OBJECT_NOT_FOUND' });
  });

  test('of levels tells volumes of producers by number, then silence', async () => {
    const { object: rtpObserver } = await client.request('router.createAudioLevelObserver', { router, options: { interval: 250, threshold: -80, maxEntries: 2 } });
    const { object: producer } = await produceAudio(await direct(), 6);
    await client.request('rtpObserver.addProducer', { rtpObserver, producer });
    const { args: [volumes] } = await until(client.told(rtpObserver, 'volumes'), loud(producer, 6));
    expect(volumes).toEqual([{ producer, volume: -10 }]);
    await client.told(rtpObserver, 'silence');
  });

  test('of speakers tells the dominant one by number', async () => {
    const { object: rtpObserver } = await client.request('router.createActiveSpeakerObserver', { router, options: { interval: 100 } });
    const { object: producer } = await produceAudio(await direct(), 7);
    await client.request('rtpObserver.addProducer', { rtpObserver, producer });
    const { args } = await until(client.told(rtpObserver, 'dominantspeaker'), loud(producer, 7));
    expect(args).toEqual([{ producer }]);
  });

  test('is refused by mediasoup in mediasoup\'s words', async () => {
    await expect(client.request('router.createAudioLevelObserver', { router, options: { maxEntries: 0 } })).rejects.toThrow(TypeError);
  });
});

describe('a WebRtcTransport', () => {
  test('names the WebRtcServer that it stands on', async () => {
    const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
    const { object: webRtcServer } = await client.request('worker.createWebRtcServer', { worker, options: { listenInfos } });
    const on = await client.request('router.createWebRtcTransport', { router, options: {}, webRtcServer });
    const alone = await client.request('router.createWebRtcTransport', { router, options: { listenInfos } });
    expect([on.state.webRtcServer ?? undefined, alone.state.webRtcServer ?? undefined]).toEqual([webRtcServer, undefined]);
  });

  test('names none when it stands on the node\'s own', async () => {
    node = await startSocketNode({ listen: { announcedAddress: '127.0.0.1', pipeAddress: '127.0.0.1', webRtcServer: 'auto', fixedPorts: false } });
    const other = await join();
    const { object } = await other.request('mediasoup.createWorker', { settings: {} });
    const made = await other.request('worker.createRouter', { worker: object, options: {} });
    const { state } = await other.request('router.createWebRtcTransport', { router: made.object, options: { listenInfos: [{ protocol: 'udp', ip: '0.0.0.0' }] } });
    expect([state.webRtcServer ?? undefined, state.iceCandidates.length]).toEqual([undefined, 1]);
  });
});

describe('a router', () => {
  test('tells its new capabilities', async () => {
    client.notify('router.updateMediaCodecs', { router, mediaCodecs: [opus] });
    await client.told(router, 'patched');
    const { codecs } = client.record(router).state['rtpCapabilities'] as { codecs: { mimeType: string }[] };
    expect(codecs.map(({ mimeType }) => mimeType)).toEqual(['audio/opus']);
  });

  test('keeps its capabilities when the new ones cannot be', async () => {
    const before = client.record(router).state['rtpCapabilities'];
    client.notify('router.updateMediaCodecs', { router, mediaCodecs: [{ ...opus, mimeType: 'audio/chicken' }] });
    await client.request('router.dump', { router });
    expect(client.record(router).state['rtpCapabilities']).toEqual(before);
  });
});

describe('log lines', () => {
  test('come to the sessions that asked for them, until they ask no more', async () => {
    const other = await join();
    client.notify('mediasoup.setLogLevels', { debug: false, warn: true, error: false });
    other.notify('mediasoup.setLogLevels', { debug: false, warn: false, error: true });
    const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };
    const warn = (): Promise<unknown> => client.request('router.createPlainTransport', { router, options: { listenInfo, rtcpListenInfo: listenInfo } });
    await other.request('node.getStats', {}); // what it asked for has been heard
    await warn();
    const line = await client.log(({ level }) => level === 'warn');
    expect(line).toEqual({ level: 'warn', namespace: 'mediasoup:WARN:Router', log: expect.stringContaining('createPlainTransport()') });
    await other.request('node.getStats', {});
    expect(other.logs).toEqual([]);
    client.notify('mediasoup.setLogLevels', { debug: false, warn: false, error: false });
    await warn();
    expect(client.logs).toHaveLength(1);
  });
});

describe('what an app keeps with its objects', () => {
  test('comes to the others that see them, and so does what takes its place', async () => {
    const other = await join({ scope: 'all' });
    const { object } = await client.request('worker.createRouter', { worker, options: {}, appData: { room: 'kitchen' } });
    await other.told(object, 'created');
    expect(other.record(object).appData).toEqual({ room: 'kitchen' });
    client.notify('mediasoup.setAppData', { object, appData: { room: 'hall' } });
    const patch = await other.told(object, 'patched', ({ args }) => args.includes('appData'));
    expect([patch.object, other.record(object).appData]).toEqual([object, { room: 'hall' }]);
  });
});

describe('a worker\'s program', () => {
  test('is the node\'s choice, unless the node lets apps choose', async () => {
    expect(client.rope.payload).toMatchObject({ mediasoupVersion: version, workerBin });
    await expect(client.request('mediasoup.createWorker', { settings: { workerBin } })).rejects.toMatchObject({ remoteCode: 'NODE_WORKER_BIN_REFUSED' });
    node = await startSocketNode({ allowWorkerBin: true });
    const other = await join();
    expect((await other.request('mediasoup.createWorker', { settings: { workerBin } })).state.pid).toEqual(expect.any(Number));
    await expect(other.request('mediasoup.createWorker', { settings: { workerBin: '/nowhere/worker' } })).rejects.toThrow('spawn /nowhere/worker ENOENT');
  });

  test('finds its files on the node', async () => {
    await expect(client.request('mediasoup.createWorker', { settings: { dtlsCertificateFile: '/nowhere/cert', dtlsPrivateKeyFile: '/nowhere/key' } }))
      .rejects.toThrow(new TypeError('wrong settings'));
  });
});

describe('what is made while its parent closes', () => {
  test('is closed, as soon as it is there', async () => {
    const transport = await direct();
    const { pid } = client.record(worker).state as { pid: number };
    process.kill(pid, 'SIGSTOP'); // its answer waits until the transport has been closed
    const made = produceAudio(transport, 8);
    client.notify('transport.close', { transport });
    await client.request('node.getStats', {});
    process.kill(pid, 'SIGCONT');
    expect((await made).state.id).toEqual(expect.any(String));
    expect(node.server.objectCounts()).toEqual({ worker: 1, router: 1 });
    // mediasoup alone would leave a producer that nobody can close.
    expect(await client.request('router.dump', { router })).toMatchObject({ transportIds: [], mapProducerIdConsumerIds: [] });
  });
});

describe('more objects than one owner may have', () => {
  test('are refused, and nothing of them is left', async () => {
    node = await startSocketNode({ maxObjectsPerSession: 2 });
    const other = await join();
    const { object } = await other.request('mediasoup.createWorker', { settings: {} });
    await other.request('worker.createRouter', { worker: object, options: {} });
    await expect(other.request('worker.createRouter', { worker: object, options: {} })).rejects.toMatchObject({ code: 'ROPE_TOO_MANY_OBJECTS' });
    expect((await other.request('worker.dump', { worker: object })).routerIds).toHaveLength(1);
  });
});

describe('a node of which only reserved ports are reachable', () => {
  test('gives a WebRtcTransport one of these, whatever the app asks for', async () => {
    node = await startSocketNode({ listen: { announcedAddress: '127.0.0.1', pipeAddress: '127.0.0.1', webRtcServer: 'auto', fixedPorts: true } });
    const other = await join();
    const made = await other.request('mediasoup.createWorker', { settings: {} });
    const { object } = await other.request('worker.createRouter', { worker: made.object, options: {} });
    const [first, second] = await Promise.all([40_123, 40_124].map(async port => {
      const { state } = await other.request('router.createWebRtcTransport', { router: object, options: { listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', port }] } });
      return state.iceCandidates[0]!.port;
    }));
    expect(first).toBe(second);
  });
});

describe('parameters of another shape', () => {
  test('are refused before a handler sees them, and named', async () => {
    await expect(client.request('router.dump', { router: 'x' as never })).rejects.toThrow(new TypeError('router.dump: router must be the number of an object (it is "x")'));
    await expect(client.request('rtpObserver.addProducer', { rtpObserver: 1.5, producer: 1 })).rejects.toThrow(TypeError);
  });

  test.each(['router.createWebRtcTransport', 'router.createPipeTransport'] as const)('of %s that are missing are refused in mediasoup\'s words', async method => {
    await expect(client.request(method, { router, options: undefined as never })).rejects.toThrow(/^missing .*one of them is mandatory/);
  });

  test('of another class are not found', async () => {
    await expect(client.request('router.dump', { router: worker })).rejects.toMatchObject({ code: 'ROPE_OBJECT_NOT_FOUND' });
  });
});
