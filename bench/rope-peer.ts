/** The other process of bench/rope.ts: answers over ROPE, and echoes the same bytes over bare `ws`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

import { request } from '@mediacluster/rope/contract';
import { RopeServer } from '@mediacluster/rope/server';
import { WebSocketServer } from 'ws';

export const benchMethods = { 'bench.ask': request<{ answer: AnswerName }, unknown>() } as const;

// As large as a router.dump() and as the rtpCapabilities of a router with every codec.
export const ANSWERS = { '0.4 KB': answerOf(363), '7 KB': answerOf(7_027) } as const;
export type AnswerName = '0.4 KB' | '7 KB';

function answerOf(bytes: number): unknown {
  const codecs: unknown[] = [];
  while (JSON.stringify({ codecs }).length < bytes) {
    codecs.push({ kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: 101, parameters: {}, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] });
  }
  return { codecs };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

if (process.send) {
  process.on('disconnect', () => process.exit());
  const rope = new RopeServer({
    methods: benchMethods,
    handlers: { 'bench.ask': ({ answer }) => ANSWERS[answer] },
    node: { id: 'bench', name: 'bench', epoch: '1' },
  });
  const ropeHttp = createServer();
  rope.attach(ropeHttp);

  const echoHttp = createServer();
  const echo = new WebSocketServer({ server: echoHttp, perMessageDeflate: false });
  const texts = Object.entries(ANSWERS).map(([name, result]) => [name, JSON.stringify({ seq: 1_000, ack: 1_000, messages: [{ id: 1_000, result }] })]);
  echo.on('connection', (socket, { url }) => {
    // Nobody reads the request: which answer is wanted is in the path.
    const [, text] = texts.find(([name]) => url === `/${encodeURI(name!)}`)!;
    socket.on('message', () => socket.send(text!));
  });
  process.send({ ropeUrl: await listen(ropeHttp), echoUrl: await listen(echoHttp) });
}
