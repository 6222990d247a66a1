import { once } from 'node:events';

import * as grpc from '@grpc/grpc-js';
import { RopeClient } from '@mediacluster/rope';
import { newWebSocketRpcSession } from 'capnweb';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

import { GRPC_SERVICE, benchMethods, requestText } from './answers.ts';
import type { AnswerName, RivalUrls } from './answers.ts';

/** One way of asking the peer. */
export type Ask = (answer: AnswerName) => Promise<unknown>;

export interface Ways {
  readonly rope: Ask;
  readonly echo: Ask;
  readonly socketIo: Ask;
  readonly capnweb: Ask;
  readonly grpc: Ask;
  close(): void;
}

/** Connects in every way. */
export async function connectAll(urls: RivalUrls): Promise<Ways> {
  const rope = await overRope(urls.rope);
  const small = await bareEcho(urls.echo, 'small');
  const large = await bareEcho(urls.echo, 'large');
  const socketIo = io(urls.socketIo, { transports: ['websocket'] });
  await new Promise<void>(resolve => socketIo.on('connect', resolve));
  const webSocket = new WebSocket(urls.capnweb, { perMessageDeflate: false });
  const capnweb = newWebSocketRpcSession(webSocket as never) as unknown as { ask(params: object): Promise<Disposable> };
  const Client = grpc.makeGenericClientConstructor(GRPC_SERVICE, 'Bench');
  const unary = new Client(urls.grpc, grpc.credentials.createInsecure()) as unknown as grpc.Client & { ask(params: object, tell: (error: Error | null, answer: unknown) => void): void };
  return {
    rope: answer => rope.request('bench.ask', { answer }),
    echo: answer => (answer === 'small' ? small : large).ask(),
    socketIo: answer => socketIo.emitWithAck('ask', { answer }),
    // Whoever does not give a result back keeps it on both sides.
    capnweb: async answer => (await capnweb.ask({ answer }))[Symbol.dispose](),
    grpc: answer => new Promise((resolve, reject) => unary.ask({ answer }, (error, value) => (error ? reject(error) : resolve(value)))),
    close: () => {
      rope.destroy();
      small.close();
      large.close();
      socketIo.close();
      webSocket.close();
      unary.close();
    },
  };
}

const nobody = () => {};

async function overRope(url: string): Promise<RopeClient<typeof benchMethods>> {
  const client = new RopeClient({
    url, WebSocket, methods: benchMethods,
    host: { created: nobody, patched: nobody, event: nobody, closed: nobody, lost: nobody, left: nobody },
  });
  client.open();
  await once(client as never, 'connected');
  return client;
}

/** What is asked and answered is as long as over ROPE, and nobody reads it. */
export async function bareEcho(url: string, answer: AnswerName): Promise<{ ask: () => Promise<unknown>; close: () => void }> {
  const socket = new WebSocket(`${url}/${answer}`, { perMessageDeflate: false });
  await once(socket, 'open');
  const waiting: ((answer: unknown) => void)[] = [];
  let next = 0;
  socket.on('message', data => {
    waiting[next]!(data);
    next += 1;
    if (next === waiting.length) waiting.length = next = 0;
  });
  const text = requestText(answer);
  return {
    ask: () => new Promise(resolve => {
      waiting.push(resolve);
      socket.send(text);
    }),
    close: () => socket.close(),
  };
}
