import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { NoCapacityError, RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';
import { afterEach, describe, expect, test } from '@jest/globals';

import { childrenOf, isAlive, runServer, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

const mediaCodecs = [{ kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }];
const running: ServerProcess[] = [];
const clients: RemoteMediasoupClient[] = [];

const start = async (...args: string[]): Promise<ServerProcess> => {
  const server = await startServer(...args);
  running.push(server);
  return server;
};

const connect = async (url: string): Promise<{ client: RemoteMediasoupClient; mediasoup: Mediasoup }> => {
  const client = new RemoteMediasoupClient(url);
  clients.push(client);
  const [mediasoup] = await once(client, 'mediasoup') as [Mediasoup];
  return { client, mediasoup };
};

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(running.splice(0).map(server => server.kill('SIGKILL')));
});

describe('mediasoup-server', () => {
  test('explains itself', async () => {
    const { code, stdout } = await runServer(['--help']);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'mediasoup-server serves mediasoup over ROPE.']);
    expect(stdout).toContain('MEDIASOUP_SERVER_MAX_WORKERS');
  });

  test('refuses a wrong option and a taken port in one line each, with the remedy', async () => {
    const wrong = await runServer([], { MEDIASOUP_SERVER_PORT: 'http' });
    expect([wrong.code, wrong.stderr]).toEqual([1, 'mediasoup-server: MEDIASOUP_SERVER_PORT must be a number (it is "http"). See --help [NODE_CONFIG]\n']);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await runServer(['--port', String(port), '--admin-port', '0']);
    other.close();
    expect([taken.code, taken.stderr]).toEqual([1, `mediasoup-server: 127.0.0.1:${port} is taken: choose another with --port, or 0 for a free one [NODE_LISTEN]\n`]);
  });

  test('tells its health, its metrics and what is in it', async () => {
    const server = await start('--webrtc-server', 'auto', '--announced-address', '203.0.113.7');
    const { mediasoup } = await connect(server.url);
    const worker = await mediasoup.createWorker();
    const router = await worker.createRouter({ mediaCodecs });
    const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '0.0.0.0' }] });
    expect(transport.iceCandidates.map(({ ip, protocol }) => [ip, protocol])).toEqual([['203.0.113.7', 'udp']]);
    // The server that the node gave the worker is in no dump.
    expect((await worker.dump()).webRtcServerIds).toEqual([]);
    expect((await server.status()).workers).toMatchObject([{ pid: worker.pid, routers: [{ id: router.id, transports: [{ id: transport.id, type: 'webrtc' }] }] }]);
    expect(await (await fetch(`${server.adminUrl}/readyz`)).text()).toBe('ok\n');
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    expect(metrics).toContain('mediacluster_node_workers 1');
    expect(metrics).toContain('mediacluster_node_objects{class="router"} 1');
    const front = await fetch(server.url.replace('ws:', 'http:'));
    expect([front.status, await front.text()]).toEqual([426, 'this port speaks ROPE over a WebSocket\n']);
  });

  test('has room for so many workers and no more, and for another when one is closed', async () => {
    const server = await start('--max-workers', '1');
    const { mediasoup } = await connect(server.url);
    const [worker, refused] = await Promise.allSettled([mediasoup.createWorker(), mediasoup.createWorker()]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'SDK_NO_CAPACITY', message: expect.stringContaining('1 of 1 workers') } });
    expect((refused as PromiseRejectedResult).reason).toBeInstanceOf(NoCapacityError);
    if (worker.status === 'rejected') throw worker.reason;
    worker.value.close();
    await expect(mediasoup.createWorker()).resolves.toBeDefined();
  });

  test('starts no program of a client\'s choice', async () => {
    const { mediasoup } = await connect((await start()).url);
    await expect(mediasoup.createWorker({ workerBin: '/bin/true' })).rejects.toMatchObject({ code: 'ROPE_REMOTE', remoteName: 'WorkerBinRefusedError', remoteCode: 'NODE_WORKER_BIN_REFUSED' });
  });

  test('says goodbye at SIGTERM, and leaves no process', async () => {
    const server = await start('--webrtc-server', 'auto');
    const { client, mediasoup } = await connect(server.url);
    const worker = await mediasoup.createWorker();
    const router = await worker.createRouter({ mediaCodecs });
    const heard: string[] = [];
    worker.on('died', () => heard.push('died'));
    worker.observer.on('close', () => heard.push('worker close'));
    router.on('workerclose', () => heard.push('workerclose'));
    const children = childrenOf(server.child.pid!);
    expect(children).toContain(worker.pid);
    const goodbye = once(client, 'goodbye');
    expect(await server.kill('SIGTERM')).toBe(0);
    await goodbye;
    expect(heard).toEqual(['workerclose', 'worker close']);
    expect(children.filter(isAlive)).toEqual([]);
  });

  test('a worker that is killed has died, with mediasoup\'s own words', async () => {
    const server = await start();
    const { mediasoup } = await connect(server.url);
    const worker = await mediasoup.createWorker();
    const died = once(worker, 'died') as Promise<[Error]>;
    process.kill(worker.pid, 'SIGKILL');
    const [error] = await died;
    expect(error.message).toBe(`[pid:${worker.pid}, code:null, signal:SIGKILL]`);
    expect((await server.status()).workers).toEqual([]);
  });

  test('a node that is killed without a word is lost: its workers have died, and none is left as a process', async () => {
    const server = await start();
    const { client, mediasoup } = await connect(server.url);
    const worker = await mediasoup.createWorker();
    const children = childrenOf(server.child.pid!);
    const died = once(worker, 'died');
    // Not events.once(): the refused connections that come first are `error` events, which it takes for its own end.
    const lost = new Promise(resolve => { client.once('lost', resolve); });
    await server.kill('SIGKILL');
    await Promise.all([died, lost]);
    expect(worker.died).toBe(true);
    // A worker ends when the pipe to its parent does.
    while (children.some(isAlive)) await new Promise(resolve => setImmediate(resolve));
  });

  test('what an app that was killed had made is gone when its lease ends, and what others made is not', async () => {
    const server = await start('--lease-ms', '300');
    const { mediasoup } = await connect(server.url);
    const mine = await mediasoup.createWorker();
    const app = fork(fileURLToPath(new URL('doomed-app.mjs', import.meta.url)), [server.url]);
    const [pid] = await once(app, 'message') as [number];
    expect((await server.status()).workers.map(worker => worker.pid).toSorted((a, b) => a - b)).toEqual([mine.pid, pid].toSorted((a, b) => a - b));
    app.kill('SIGKILL');
    await once(app, 'exit');
    while ((await server.status()).workers.length > 1);
    expect((await server.status()).workers.map(worker => worker.pid)).toEqual([mine.pid]);
    expect(isAlive(mine.pid)).toBe(true);
  });
});
