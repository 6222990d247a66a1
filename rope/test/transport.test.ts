import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import { systemClock } from '../src/clock.ts';
import { acceptUpgrades } from '../src/server/upgrade.ts';
import type { Connector, Transport, TransportClose, TransportHandlers } from '../src/session/transport.ts';
import { WebSocketTransport, webSocketConnector } from '../src/session/websocket-transport.ts';
import type { WebSocketConstructor } from '../src/session/websocket-transport.ts';
import { MemoryNetwork } from '../src/testing/index.ts';

/** A place where somebody listens. */
interface Place {
  readonly connect: Connector;
  readonly url: string;
  /** An address where nobody does. */
  refusingUrl(): Promise<string>;
  close(): void;
}

/** Written down by one end. */
class End implements TransportHandlers {
  readonly transport: Transport;
  readonly heard: (string | Buffer)[] = [];
  readonly opened = Promise.withResolvers<void>();
  readonly closing = Promise.withResolvers<TransportClose>();
  #waiting: (() => void)[] = [];

  constructor(transport: Transport) {
    this.transport = transport;
    transport.start(this);
  }

  open(): void {
    this.opened.resolve();
  }
  text(text: string): void {
    this.#hear(text);
  }
  binary(bytes: Uint8Array): void {
    this.#hear(Buffer.from(bytes));
  }
  #hear(word: string | Buffer): void {
    this.heard.push(word);
    for (const wake of this.#waiting.splice(0)) wake();
  }
  closed(close: TransportClose): void {
    this.heard.push(`closed ${close.code}`);
    this.closing.resolve(close);
  }
  async hears(count: number): Promise<(string | Buffer)[]> {
    while (this.heard.length < count) await new Promise<void>(resolve => this.#waiting.push(resolve));
    return this.heard;
  }
}

async function sockets(accept: (transport: Transport) => void, Socket: WebSocketConstructor): Promise<Place> {
  const http = createServer();
  acceptUpgrades(http, { maxMessageBytes: 1_000_000, welcome: () => true, accept });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    connect: webSocketConnector(Socket),
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    refusingUrl: async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      other.close();
      await once(other, 'close');
      return `ws://127.0.0.1:${port}`;
    },
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

async function memory(accept: (transport: Transport) => void): Promise<Place> {
  const network = new MemoryNetwork({ clock: systemClock, accept });
  return {
    connect: network.connect,
    url: 'memory:',
    refusingUrl: async () => {
      network.refusing = true;
      return 'memory:';
    },
    close: () => {},
  };
}

// The platform's WebSocket, made for browsers, can neither drop a link without a word nor tell why none came up.
describe.each([
  ['in memory', true, memory],
  ['of ws', true, (accept: (transport: Transport) => void) => sockets(accept, WebSocket)],
  ['of the platform', false, (accept: (transport: Transport) => void) => sockets(accept, globalThis.WebSocket)],
])('a transport %s', (_, knowsAll, start) => {
  let place: Place;
  let servers: ((end: End) => void)[];
  const ends: End[] = [];
  beforeEach(async () => {
    servers = [];
    place = await start(transport => {
      const end = new End(transport);
      ends.push(end);
      for (const wake of servers.splice(0)) wake(end);
    });
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end.transport.terminate();
    place.close();
  });

  async function pair(): Promise<[End, End]> {
    const server = new Promise<End>(resolve => servers.push(resolve));
    const client = new End(place.connect(place.url));
    ends.push(client);
    await client.opened.promise;
    return [client, await server];
  }

  test('tells nothing before start() has returned, then that it is open', async () => {
    const order: string[] = [];
    const transport = place.connect(place.url);
    await new Promise<void>(resolve => {
      transport.start({ open: () => {
        order.push('open');
        resolve();
      }, text: () => {}, binary: () => {}, closed: () => {} });
      order.push('started');
    });
    transport.terminate();
    expect(order).toEqual(['started', 'open']);
  });

  test('carries texts both ways, whole and in order', async () => {
    const [client, server] = await pair();
    const texts = ['a', 'ü😀', '', 'x'.repeat(200_000), 'b'];
    for (const text of texts) client.transport.send(text);
    server.transport.sendAll(texts);
    server.transport.sendAll(['last']);
    expect(await server.hears(5)).toEqual(texts);
    expect(await client.hears(6)).toEqual([...texts, 'last']);
    expect([client.transport.bufferedBytes, server.transport.bufferedBytes]).toEqual([0, 0]);
  });

  test('carries bytes both ways, in order with texts', async () => {
    const [client, server] = await pair();
    const frames = ['a', Buffer.from([0, 255]), Buffer.alloc(0), 'b', Buffer.alloc(200_000, 7)];
    for (const frame of frames) client.transport.send(frame);
    server.transport.sendAll(frames);
    expect(await server.hears(5)).toEqual(frames);
    expect(await client.hears(5)).toEqual(frames);
  });

  test('reads nothing while it is paused, where it can', async () => {
    const [client, server] = await pair();
    server.transport.pause();
    client.transport.pause();
    client.transport.send('waits');
    server.transport.send('waits, unless the platform cannot');
    if (knowsAll) {
      await new Promise(resolve => setImmediate(resolve));
      expect([server.heard, client.heard]).toEqual([[], []]);
    }
    server.transport.resume();
    client.transport.resume();
    expect(await server.hears(1)).toEqual(['waits']);
    expect((await client.hears(1)).length).toBe(1);
  });

  test('closes with a word that both ends hear, after what was sent before', async () => {
    const [client, server] = await pair();
    client.transport.send('before');
    client.transport.close(1_000, 'destroy');
    client.transport.send('after');
    expect(await server.closing.promise).toMatchObject({ wasClean: true, code: 1_000, reason: 'destroy', refused: false, violation: false });
    expect(await client.closing.promise).toMatchObject({ wasClean: true, code: 1_000 });
    expect(server.heard).toEqual(['before', 'closed 1000']);
    server.transport.send('nobody hears');
    server.transport.close(1_000, 'again');
    client.transport.close(1_000, 'again');
    expect(client.heard).toEqual(['closed 1000']);
  });

  test('breaks without a word', async () => {
    const [client, server] = await pair();
    client.transport.terminate();
    expect(client.heard).toEqual([]); // never before it returns
    expect(await client.closing.promise).toMatchObject({ wasClean: false, code: 1_006, refused: false });
    expect(await server.closing.promise).toMatchObject({ wasClean: !knowsAll, code: knowsAll ? 1_006 : 1_005 });
    client.transport.terminate();
    expect(client.heard).toEqual(['closed 1006']);
  });

  test('tells when nobody listens', async () => {
    const url = await place.refusingUrl();
    const end = new End(place.connect(url));
    expect(await end.closing.promise).toMatchObject({ wasClean: false, code: 1_006, refused: knowsAll, error: { message: expect.any(String) } });
  });

  test('hears nothing after it was dropped', async () => {
    const [client, server] = await pair();
    server.transport.sendAll(['late', Buffer.from('late')]);
    client.transport.terminate();
    await client.closing.promise;
    await server.closing.promise;
    expect(client.heard.at(-1)).toBe('closed 1006');
  });

  test('can be given up before it is open', async () => {
    const end = new End(place.connect(place.url));
    end.transport.send('too early');
    end.transport.close(1_000, 'not needed');
    expect(await end.closing.promise).toMatchObject({ wasClean: false, code: 1_006, refused: false });
    expect(end.heard).toEqual(['closed 1006']);
  });
});

test('an error of a WebSocket that says nothing of itself is an error all the same', () => {
  const listeners = new Map<string, (event: unknown) => void>();
  const socket = {
    readyState: 3, bufferedAmount: 0, binaryType: '', send: () => {}, close: () => {},
    addEventListener: (type: string, listener: (event: unknown) => void) => void listeners.set(type, listener),
  };
  const end = new End(new WebSocketTransport(socket));
  listeners.get('error')!({});
  listeners.get('close')!({ wasClean: false, code: 1_006, reason: '' });
  listeners.get('message')!({ data: 'late' }); // a browser's socket goes on for as long as it closes
  expect(end.heard).toEqual(['closed 1006']);
  return expect(end.closing.promise).resolves.toMatchObject({ error: new Error('the WebSocket failed') });
});
