import { once } from 'node:events';
import { connect } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import { encodeBinaryFrame } from '../src/protocol/binary.ts';
import type { ObjectRecord } from '../src/protocol/message.ts';
import { SocketHarness } from './harness.ts';
import type { Caller } from './harness.ts';

const HELLO = '{"hello":{"protocol":[1,1],"client":"hostile","scope":"own"}}';
const call = (method: string) => `{"seq":1,"ack":1,"messages":[{"id":1,"method":"${method}","params":{}}]}`;

describe('over a real socket', () => {
  let harness: SocketHarness;
  let bystander: Caller;
  let counter: number;
  beforeEach(async () => {
    harness = await SocketHarness.start({ maxMessageBytes: 100_000, handshakeTimeoutMs: 1_000 });
    bystander = await harness.connected();
    const { client } = bystander;
    ({ object: counter } = await client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) }));
  });
  afterEach(async () => {
    // Nobody else was harmed: the same link, the same session, the same object.
    expect(await bystander.client.request('counter.add', { counter, by: 5 })).toBe(5);
    expect(bystander.events.map(([name]) => name)).toEqual(['open', 'websocketOpen', 'connected']);
    await harness.end();
  });

  /** A client without manners; says these, and returns what it hears until the end. */
  async function says(...frames: (string | Buffer)[]): Promise<{ heard: unknown[]; code: number; reason: string }> {
    const socket = new WebSocket(harness.url, ['rope']);
    const heard: unknown[] = [];
    socket.on('message', data => heard.push(JSON.parse((data as Buffer).toString())));
    socket.on('error', () => {});
    await once(socket, 'open');
    for (const frame of frames) {
      socket.send(frame);
      if (frame === HELLO) await once(socket, 'message');
    }
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    return { heard, code, reason: String(reason) };
  }

  test('a garbage frame ends the session with 4400', async () => {
    const ended = once(harness.server as never, 'sessionEnd');
    const { heard, code, reason } = await says(HELLO, '{"seq":');
    expect([code, reason]).toEqual([4_400, 'a frame must be JSON']);
    expect(heard).toHaveLength(2);
    expect((await ended)[1]).toBe('protocol');
  });

  test('a wrong version is rejected with 4406', async () => {
    const { heard, code } = await says(HELLO.replace('[1,1]', '[2,9]'));
    expect(code).toBe(4_406);
    expect(heard).toEqual([{ reject: { code: -32_001, message: expect.stringContaining('upgrade one of them'), data: { name: 'VersionError', code: 'ROPE_VERSION', details: { retryable: false } } } }]);
  });

  test('an unknown method is an error, and the session lives on', async () => {
    const { heard, code } = await says(HELLO, call('no.such'), '{"seq":2,"ack":1,"messages":[{"id":2,"method":"echo","params":{"value":7}}]}', 'end');
    expect(code).toBe(4_400);
    const answers = heard.slice(2).flatMap(frame => (frame as { messages: unknown[] }).messages);
    expect(answers).toEqual([
      { id: 1, error: expect.objectContaining({ code: -32_601, message: 'no method no.such here', data: expect.objectContaining({ code: 'ROPE_METHOD_NOT_FOUND' }) }) },
      { id: 2, result: 7 },
    ]);
  });

  test('a message of 100 MB ends the session with 1009 before it is read', async () => {
    const ended = once(harness.server as never, 'sessionEnd');
    const before = process.memoryUsage.rss();
    const { code } = await says(HELLO, `{"seq":1,"ack":0,"messages":[{"id":1,"method":"echo","params":{"value":"${'x'.repeat(100_000_000)}"}}]}`);
    expect([1_009, 1_006]).toContain(code); // 1006 when the socket breaks before our word is read
    expect((await ended)[1]).toBe('protocol');
    // The sender is this process too: its one copy, and a mask of it, are all there is.
    expect(process.memoryUsage.rss() - before).toBeLessThan(500_000_000);
  });

  test.each([
    ['of an unknown kind', Buffer.from([9, 2, 3]), 'a binary frame of an unknown kind'],
    ['that ends too early', Buffer.concat([encodeBinaryFrame(1, 0, [{ text: '{}', data: Buffer.from('x') }]).subarray(0, -1)]), 'a binary frame that ends too early'],
    ['of text that is no message', Buffer.from(encodeBinaryFrame(1, 0, [{ text: '{}', data: Buffer.from('x') }])), 'a frame with a malformed message'],
  ])('a binary frame %s ends the session with 4400', async (_, frame, reason) => {
    const ended = once(harness.server as never, 'sessionEnd');
    expect(await says(HELLO, frame)).toMatchObject({ code: 4_400, reason });
    expect((await ended)[1]).toBe('protocol');
  });

  test('what is no WebSocket frame ends the session', async () => {
    const ended = once(harness.server as never, 'sessionEnd');
    const socket = new WebSocket(harness.url, ['rope']);
    socket.on('error', () => {});
    await once(socket, 'open');
    socket.send(HELLO);
    await once(socket, 'message');
    (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect((await ended)[1]).toBe('protocol');
    await once(socket, 'close');
  });

  test('a deep message is read or refused, and harms nobody', async () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    const { code } = await says(HELLO, `{"seq":1,"ack":0,"messages":[{"id":1,"method":"echo","params":{"value":${deep}}}]}`, 'end');
    expect(code).toBe(4_400);
  });

  test('names of the language are no methods, and no way into prototypes', async () => {
    const { heard } = await says(
      HELLO, call('constructor'), call('__proto__').replace('"seq":1', '"seq":2').replace('"id":1', '"id":2'),
      '{"seq":3,"ack":0,"messages":[{"id":3,"method":"echo","params":{"__proto__":{"polluted":true},"value":1}}]}', 'end',
    );
    const answers = heard.slice(2).flatMap(frame => (frame as { messages: Record<string, unknown>[] }).messages);
    expect(answers.map(answer => 'error' in answer)).toEqual([true, true, false]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a silent socket is closed with 4408', async () => {
    expect(await says()).toEqual({ heard: [], code: 4_408, reason: 'no hello in time' });
  });

  test('a WebSocket of another subprotocol is answered with 400', async () => {
    for (const protocols of [[], ['mqtt']]) {
      const socket = new WebSocket(harness.url, protocols);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number; resume(): void }];
      expect(response.statusCode).toBe(400);
      response.resume();
    }
  });

  test('a peer that is gone while it is refused is no concern', async () => {
    const { port } = new URL(harness.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
    socket.resetAndDestroy();
    await once(socket, 'close');
  });
});

test('a server that is leaving answers with 503', async () => {
  const harness = await SocketHarness.start();
  await harness.server.goodbye('scale-in');
  const socket = new WebSocket(harness.url, ['rope']);
  socket.on('error', () => {});
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toMatch(/socket hang up|503/);
  await harness.end();
});
