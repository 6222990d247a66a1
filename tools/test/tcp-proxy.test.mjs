import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { repeatable, startTcpProxy } from '../steps/tcp-proxy.mjs';

const ends = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Says everything back. */
async function startEcho() {
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return server.address().port;
}

async function start(options) {
  const proxy = await startTcpProxy(await startEcho(), options);
  ends.push(() => proxy.close());
  return proxy;
}

async function call(proxy) {
  const socket = connect(proxy.port, '127.0.0.1');
  const heard = [];
  socket.on('data', chunk => heard.push(chunk));
  await once(socket, 'connect');
  return { socket, heard: () => Buffer.concat(heard).toString() };
}

test('what goes in comes out, later by the round trip and in order', async () => {
  const proxy = await start({ roundTripMs: 30, jitterMs: 10 });
  const { socket, heard } = await call(proxy);
  const from = performance.now();
  socket.write('a');
  await once(socket, 'data');
  expect(performance.now() - from).toBeGreaterThanOrEqual(29);
  for (let n = 0; n < 20; n += 1) socket.write(`${n} `);
  socket.end();
  await once(socket, 'close');
  expect(heard()).toBe('a0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ');
  expect(proxy.cuts).toBe(0);
});

test('a cut ends what is connected, and the next connection is let through', async () => {
  const proxy = await start();
  const first = await call(proxy);
  first.socket.write('x');
  await once(first.socket, 'data');
  // Not events.once(): the reset is an `error` event, which it takes for its own end.
  const closed = new Promise(resolve => first.socket.on('error', () => {}).once('close', resolve));
  proxy.cut();
  await closed;
  const second = await call(proxy);
  second.socket.end('y');
  await once(second.socket, 'end');
  expect([first.heard(), second.heard(), proxy.cuts]).toEqual(['x', 'y', 1]);
});

test('a cut after so many bytes falls within what is written, and what came before arrives', async () => {
  const proxy = await start();
  proxy.cutAfter(15); // ten there, five back
  const { socket, heard } = await call(proxy);
  socket.write('0123456789');
  await once(socket, 'close');
  expect([heard(), proxy.cuts]).toEqual(['01234', 1]);
});

test('numbers are the same for the same seed', () => {
  const [one, same, other] = [repeatable(7), repeatable(7), repeatable(8)].map(random => [random(), random(), random()]);
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect([...one, ...other].every(number => number >= 0 && number < 1)).toBe(true);
});
