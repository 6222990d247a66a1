import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';
import { WebSocket } from 'ws';
import { CLOSE } from '../src/protocol.ts';
import { type RunningServer, startServer } from '../src/server.ts';

const workers = new Set<types.Worker>();
let server: RunningServer;
let url: string;

beforeAll(async () => {
  mediasoup.observer.on('newworker', worker => {
    workers.add(worker);
    worker.observer.once('close', () => workers.delete(worker));
  });
  server = await startServer({ mediasoup, port: 0, host: '127.0.0.1', announcedAddress: '127.0.0.1', whereIs: () => 'here' });
  url = `127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

/** A page without a browser: asks, and keeps what it is told. */
async function openPage(path = '/') {
  const socket = new WebSocket(`ws://${url}${path}`);
  const messages: { id?: number; event?: string; result?: unknown; error?: string; data?: unknown }[] = [];
  let heard = (): void => {};
  socket.on('message', text => {
    if (Buffer.isBuffer(text)) messages.push(JSON.parse(text.toString()));
    heard();
  });
  await once(socket, 'open');
  const next = async (wanted: (message: (typeof messages)[number]) => boolean) => {
    for (;;) {
      const found = messages.find(wanted);
      if (found) return found;
      await new Promise<void>(resolve => (heard = resolve));
    }
  };
  const ask = (id: number, method: string, data: object) => {
    socket.send(JSON.stringify({ id, method, data }));
    return next(message => message.id === id);
  };
  return { socket, ask, next, close: () => (socket.close(), once(socket, 'close')) };
}

test('serves the page, and no file besides', async () => {
  const fetched = async (path: string) => (await fetch(`http://${url}${path}`)).status;
  expect(await Promise.all(['/package.json', '/..%2fserver.ts', '/page/main.ts', '/none.js'].map(fetched))).toEqual([404, 404, 404, 404]);
});

test('a join makes a worker with a router and two transports, and the end of the page closes it', async () => {
  const page = await openPage('/?room=one');
  expect(await page.ask(1, 'join', { name: 'Ada' })).toMatchObject({
    result: { me: { name: 'Ada', node: 'here' }, peers: [], media: [], send: { iceCandidates: expect.arrayContaining([expect.objectContaining({ address: '127.0.0.1' })]) } },
  });
  expect(workers.size).toBe(1);
  const [worker] = workers;
  const closed = once(worker!.observer, 'close');
  await page.close();
  await closed;
  expect(workers.size).toBe(0);
});

test('peers of one room know each other, and nobody of another room', async () => {
  const [ada, blaise, grace] = await Promise.all(['one', 'one', 'two'].map(room => openPage(`/?room=${room}`)));
  await ada!.ask(1, 'join', { name: 'Ada' });
  expect(await blaise!.ask(1, 'join', { name: 'Blaise' })).toMatchObject({ result: { peers: [{ name: 'Ada' }] } });
  expect(await ada!.next(({ event }) => event === 'peerJoined')).toMatchObject({ data: { name: 'Blaise' } });
  expect(await grace!.ask(1, 'join', { name: 'Grace' })).toMatchObject({ result: { peers: [] } });
  await blaise!.close();
  expect(await ada!.next(({ event }) => event === 'peerLeft')).toBeDefined();
  await Promise.all([ada!.close(), grace!.close()]);
});

test('what is no call, or comes too early, is answered with an error, and the page stays', async () => {
  const page = await openPage('//?room');
  expect(await page.ask(1, 'consume', {})).toMatchObject({ error: 'join first' });
  await page.ask(2, 'join', { name: 'Ada' });
  expect(await page.ask(3, 'toString', {})).toMatchObject({ error: 'unknown method toString' });
  expect(await page.ask(4, 'consume', { peerId: 'x' })).toMatchObject({ error: 'there is no peer x' });
  expect(await page.ask(5, 'connect', { transportId: 'x' })).toMatchObject({ error: 'there is no transport x' });
  page.socket.send('no JSON');
  expect(await page.next(({ id, error }) => id === undefined && error !== undefined)).toBeDefined();
  expect(await page.ask(6, 'produce', { kind: 'video' })).toMatchObject({ error: 'params is not an object' });
  await page.close();
});

test('a worker that dies, and one that is closed as planned, are told apart to the page', async () => {
  for (const [end, code] of [[(worker: types.Worker) => process.kill(worker.pid, 'SIGKILL'), CLOSE.lost], [(worker: types.Worker) => worker.close(), CLOSE.moved]] as const) {
    const page = await openPage();
    await page.ask(1, 'join', { name: 'Ada' });
    const closed = once(page.socket, 'close');
    end([...workers].at(-1)!);
    const [told, reason] = await closed;
    expect([told, String(reason)]).toEqual([code, 'here']);
  }
});

test('a page that is gone before its router was made leaves no worker', async () => {
  const made: types.Worker[] = [];
  let letOn = (): void => {};
  const waits = new Promise<void>(resolve => (letOn = resolve));
  const slow = await startServer({
    port: 0,
    host: '127.0.0.1',
    mediasoup: {
      createWorker: async settings => {
        const worker = await mediasoup.createWorker(settings);
        made.push(worker);
        await waits;
        return worker;
      },
    },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${slow.port}`);
  await once(socket, 'open');
  const newWorker = once(mediasoup.observer, 'newworker');
  socket.send(JSON.stringify({ id: 1, method: 'join', data: {} }));
  const [worker] = await newWorker;
  const closed = once(worker.observer, 'close');
  socket.close();
  await once(socket, 'close');
  letOn();
  await closed;
  expect(worker.closed).toBe(true);
  await slow.close();
});

test('a taken port is the error that Node gives', async () => {
  await expect(startServer({ mediasoup, port: server.port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
