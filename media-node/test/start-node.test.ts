import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Router, Worker } from 'mediasoup/types';

import { ListenError, RemoteServer, local, readConfig, startNode } from '../src/index.ts';
import type { Config, MediaNode } from '../src/index.ts';

const machine = { name: 'box', address: '127.0.0.1' };
const mediaCodecs = [
  { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video' as const, mimeType: 'video/VP8', clockRate: 90_000 },
];
const logged: [string, object][] = [];
const log = { info: (fields: object, event: string) => { logged.push([event, fields]); }, warn: () => {} };
const ends: (() => unknown)[] = [];

const start = async (...flags: string[]): Promise<MediaNode> => {
  const node = await startNode(local(), readConfig(['--port', '0', '--admin-port', '0', ...flags], {}, machine) as Config, log);
  ends.push(() => node.stop('end of test'));
  return node;
};

const connect = async (node: MediaNode): Promise<Mediasoup> => {
  const client = new RemoteMediasoupClient(node.url);
  ends.unshift(() => client.destroy());
  return (await once(client, 'mediasoup'))[0] as Mediasoup;
};

const workerOn = async (node: MediaNode): Promise<{ worker: Worker; router: Router }> => {
  const worker = await (await connect(node)).createWorker();
  return { worker, router: await worker.createRouter({ mediaCodecs }) };
};

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  logged.length = 0;
});

describe('a node', () => {
  test('is ready on its ports, tells its state, and stops once however often it is told to', async () => {
    const node = await start('--node-name', 'calls-0', '--max-workers', '3', '--host', '127.0.0.1');
    const { worker, router } = await workerOn(node);
    const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true });
    const pipe = await router.createPipeTransport({ listenInfo: { protocol: 'udp', ip: '0.0.0.0' } });
    expect(await (await fetch(`${node.adminUrl}/status`)).json()).toMatchObject({
      node: { name: 'calls-0', id: 'calls-0' },
      health: 'ready',
      addresses: { announced: '127.0.0.1', pipe: '127.0.0.1' },
      sessions: 1,
      maxWorkers: 3,
      workers: [{ pid: worker.pid, routers: [{ id: router.id, transports: [{ id: transport.id, type: 'webrtc', iceState: 'new' }, { id: pipe.id, type: 'pipe' }] }] }],
    });
    expect(node.remote.objectCounts()).toEqual({ worker: 1, router: 1, webRtcTransport: 1, pipeTransport: 1 });
    const metrics = await (await fetch(`${node.adminUrl}/metrics`)).text();
    expect(metrics).toContain('mediacluster_node_sessions 1');
    expect(metrics).toContain('mediacluster_rope_requests_total{method="worker.createRouter",outcome="ok"} 1');
    expect(metrics).toContain('mediacluster_rope_request_seconds_count{method="worker.createRouter"} 1');
    expect(await (await fetch(`${node.adminUrl}/readyz`)).text()).toBe('ok\n');
    expect(await (await fetch(`${node.adminUrl}/livez`)).text()).toBe('ok\n');
    expect((await fetch(node.url.replace('ws', 'http'))).status).toBe(426);
    await Promise.all([node.stop('twice'), node.stop('at once')]);
    expect(logged.map(([event]) => event)).toEqual(['ready', 'noAuthentication', 'stopping', 'stopped']);
    expect([worker.closed, worker.died]).toEqual([true, false]);
  });

  test('tells addresses that can be dialed where it listens on IPv6', async () => {
    // Loopback, written so that no interface needs an IPv6 address.
    const node = await start('--host', '::ffff:127.0.0.1', '--admin-host', '::ffff:127.0.0.1');
    expect([node.url, node.adminUrl]).toEqual([expect.stringMatching(/^ws:\/\/\[::ffff:127\.0\.0\.1\]:\d+$/), expect.stringMatching(/^http:\/\/\[::ffff:127\.0\.0\.1\]:\d+$/)]);
    const { worker } = await workerOn(node);
    expect(await (await fetch(`${node.adminUrl}/status`)).json()).toMatchObject({ workers: [{ pid: worker.pid }] });
  });

  test('takes the ports of its pipes from the range that is theirs', async () => {
    const { router } = await workerOn(await start('--pipe-ports', '47313-47314'));
    const listenInfo = { protocol: 'udp', ip: '0.0.0.0' } as const;
    const pipes = await Promise.all([router.createPipeTransport({ listenInfo }), router.createPipeTransport({ listenInfo })]);
    expect(new Set(pipes.map(({ tuple }) => tuple.localPort))).toEqual(new Set([47_313, 47_314]));
    await expect(router.createPipeTransport({ listenInfo })).rejects.toThrow('no more available ports');
  });

  test('leaves nothing running when a port is taken', async () => {
    const node = await start();
    const taken = new URL(node.url).port;
    const adminPort = new URL((await start()).adminUrl).port;
    await expect(start('--port', taken)).rejects.toThrow(ListenError);
    await expect(start('--admin-port', adminPort)).rejects.toThrow(`127.0.0.1:${adminPort} is taken: choose another with --admin-port, or 0 for a free one`);
  });

  test('needs a manager that has its mediasoup', () => {
    const nothing = { mediasoup: undefined, getStats: async () => undefined };
    const listen = { announcedAddress: '', pipeAddress: '', webRtcServer: 'off', fixedPorts: false } as const;
    expect(() => new RemoteServer({ manager: nothing, node: { id: '', name: '', epoch: '' }, listen })).toThrow('manager has no mediasoup yet');
  });
});

describe('a worker with a server of its own', () => {
  test('carries its transports on two ports, which no dump shows', async () => {
    const { worker, router } = await workerOn(await start('--webrtc-server', 'auto', '--announced-address', '203.0.113.7'));
    const listenInfos = [{ protocol: 'udp' as const, ip: '0.0.0.0' }, { protocol: 'tcp' as const, ip: '0.0.0.0' }];
    const [one, two] = await Promise.all([router.createWebRtcTransport({ listenInfos }), router.createWebRtcTransport({ listenInfos: listenInfos.slice(0, 1) })]);
    const ports = ({ iceCandidates }: typeof one): string[] => iceCandidates.map(({ protocol, ip, port }) => `${protocol} ${ip} ${port}`);
    expect(ports(one)).toHaveLength(2);
    expect(ports(two)).toEqual(ports(one).slice(0, 1));
    expect(ports(two)[0]).toMatch(/^udp 203\.0\.113\.7 \d+$/);
    const dump = await worker.dump();
    expect(dump.webRtcServerIds).toEqual([]);
    expect(dump.channelMessageHandlers.channelRequestHandlers.sort()).toEqual([router.id, one.id, two.id].sort());
  });

  test('goes down with it when it cannot be made, and its place is free again', async () => {
    const probe = await start('--webrtc-server', 'auto', '--rtc-ports', '47311-47311');
    const mediasoup = await connect(probe);
    const first = await mediasoup.createWorker();
    await expect(mediasoup.createWorker()).rejects.toThrow('no more available ports');
    expect(probe.remote.workerCount).toBe(1);
    first.close();
  });

  test('overrules what the app asks for where only its ports are reachable, and says so', async () => {
    const { router } = await workerOn(await start('--webrtc-server', 'auto', '--fixed-ports', '--announced-address', '203.0.113.7'));
    const { iceCandidates } = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '0.0.0.0', port: 47_312, announcedAddress: '198.51.100.1' }] });
    expect(iceCandidates.map(({ ip }) => ip)).toEqual(['203.0.113.7']);
    expect(iceCandidates[0]!.port).not.toBe(47_312);
    expect(logged).toContainEqual(['listenOverruled', { routerId: router.id, why: expect.stringContaining('--fixed-ports') }]);
  });

  test('leaves a WebRtcServer of the app\'s its own', async () => {
    const { worker, router } = await workerOn(await start('--webrtc-server', 'auto'));
    const server = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '0.0.0.0' }] });
    const transport = await router.createWebRtcTransport({ webRtcServer: server });
    expect((await server.dump()).webRtcTransportIds).toEqual([transport.id]);
    expect((await worker.dump()).webRtcServerIds).toEqual([server.id]);
    server.close();
    expect(transport.closed).toBe(true);
  });
});

describe('what a client may not', () => {
  test('name a program, or have one worker too many', async () => {
    const node = await start('--max-workers', '1');
    const mediasoup = await connect(node);
    await expect(mediasoup.createWorker({ workerBin: '/bin/true' })).rejects.toMatchObject({ remoteCode: 'NODE_WORKER_BIN_REFUSED' });
    // mediasoup itself refuses these settings; the place that the call had taken is free again.
    await expect(mediasoup.createWorker({ rtcMinPort: 2, rtcMaxPort: 1 })).rejects.toThrow(TypeError);
    await mediasoup.createWorker();
    await expect(mediasoup.createWorker()).rejects.toMatchObject({ code: 'SDK_NO_CAPACITY' });
  });
});

describe('the rest of the contract', () => {
  test('reaches mediasoup: limits, priorities, layers, key frames, thresholds, subchannels', async () => {
    const { worker, router } = await workerOn(await start());
    const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
    const [from, to] = await Promise.all([router.createWebRtcTransport({ listenInfos, enableSctp: true }), router.createWebRtcTransport({ listenInfos, enableSctp: true })]);
    const encodings = [{ ssrc: 11 }, { ssrc: 12 }];
    const producer = await from.produce({ kind: 'video', rtpParameters: { mid: '0', codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }], encodings } });
    const consumer = await to.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });
    await Promise.all([to.setMaxIncomingBitrate(500_000), to.setMaxOutgoingBitrate(600_000), to.setMinOutgoingBitrate(100_000)]);
    expect((await to.getStats())[0]).toMatchObject({ maxIncomingBitrate: 500_000, maxOutgoingBitrate: 600_000, minOutgoingBitrate: 100_000 });
    await consumer.setPriority(3);
    expect(consumer.priority).toBe(3);
    await consumer.unsetPriority();
    expect(consumer.priority).toBe(1);
    await consumer.setPreferredLayers({ spatialLayer: 1, temporalLayer: 0 });
    expect(consumer.preferredLayers).toEqual({ spatialLayer: 1, temporalLayer: 0 });
    await consumer.requestKeyFrame();
    expect([(await consumer.dump()).id, (await producer.dump()).id, (await producer.getStats()).length]).toEqual([consumer.id, producer.id, 0]);
    expect((await worker.getResourceUsage()).ru_utime).toBeGreaterThanOrEqual(0);
    await worker.updateSettings({ logLevel: 'error' });

    const dataProducer = await from.produceData({ sctpStreamParameters: { streamId: 0 }, label: 'chat' });
    const dataConsumer = await to.consumeData({ dataProducerId: dataProducer.id, subchannels: [2, 1] });
    await dataConsumer.setBufferedAmountLowThreshold(10);
    expect(await dataConsumer.getBufferedAmount()).toBe(0);
    await dataConsumer.addSubchannel(7);
    await dataConsumer.removeSubchannel(2);
    expect(dataConsumer.subchannels.toSorted((a, b) => a - b)).toEqual([1, 7]);
    await dataConsumer.setSubchannels([5]);
    expect(dataConsumer.subchannels).toEqual([5]);
    await dataProducer.pause();
    await dataConsumer.pause();
    expect([dataProducer.paused, dataConsumer.paused]).toEqual([true, true]);
    await dataProducer.resume();
    await dataConsumer.resume();
    expect([(await dataProducer.dump()).id, (await dataConsumer.dump()).id]).toEqual([dataProducer.id, dataConsumer.id]);
    expect([(await dataProducer.getStats()).length, (await dataConsumer.getStats()).length]).toEqual([1, 1]);
    const iceParameters = await from.restartIce();
    expect(from.iceParameters.usernameFragment).toBe(iceParameters.usernameFragment);
    dataConsumer.close();
    dataProducer.close();
    consumer.close();
    producer.close();
    expect((await from.dump() as { producerIds: string[] }).producerIds).toEqual([]);
  });
});
