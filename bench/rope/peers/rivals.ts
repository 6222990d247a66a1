/** The other process of the benches of calls: answers the same in five ways. */
import { createServer } from 'node:http';

import * as grpc from '@grpc/grpc-js';
import { RopeServer } from '@mediacluster/rope/server';
import { RpcTarget, newWebSocketRpcSession } from 'capnweb';
import { Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';

import { ANSWERS, GRPC_SERVICE, answerText, benchMethods } from '../answers.ts';
import type { AnswerName, RivalUrls } from '../answers.ts';
import { listen } from '../listen.ts';
import { serve } from '../run.ts';

serve({ urls });

async function urls(): Promise<RivalUrls> {
  const [ropeAt, echoAt, socketIoAt, capnwebAt, grpcAt] = await Promise.all([rope(), echo(), socketIo(), capnweb(), overGrpc()]);
  return { rope: `ws://${ropeAt}`, echo: `ws://${echoAt}`, socketIo: `http://${socketIoAt}`, capnweb: `ws://${capnwebAt}`, grpc: grpcAt };
}

function rope(): Promise<string> {
  const server = new RopeServer({
    methods: benchMethods,
    handlers: { 'bench.ask': ({ answer }) => ANSWERS[answer] },
    node: { id: 'bench', name: 'bench', epoch: '1' },
    maxRequestsPerSecond: Number.MAX_SAFE_INTEGER,
  });
  const http = createServer();
  server.attach(http);
  return listen(http);
}

/** Nobody reads the request: which answer is wanted is in the path. */
function echo(): Promise<string> {
  const http = createServer();
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket, { url = '' }) => {
    const text = answerText(url.slice(1) as AnswerName);
    socket.on('message', () => socket.send(text));
  });
  return listen(http);
}

function socketIo(): Promise<string> {
  const http = createServer();
  new SocketIoServer(http, { transports: ['websocket'], perMessageDeflate: false }).on('connection', socket => {
    socket.on('ask', ({ answer }: { answer: AnswerName }, tell: (answer: unknown) => void) => tell(ANSWERS[answer]));
  });
  return listen(http);
}

class Asked extends RpcTarget {
  ask({ answer }: { answer: AnswerName }): unknown {
    return ANSWERS[answer];
  }
}

function capnweb(): Promise<string> {
  const http = createServer();
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', socket => {
    newWebSocketRpcSession(socket as never, new Asked());
  });
  return listen(http);
}

function overGrpc(): Promise<string> {
  const server = new grpc.Server();
  server.addService(GRPC_SERVICE, {
    ask: (call: grpc.ServerUnaryCall<{ answer: AnswerName }, unknown>, tell: grpc.sendUnaryData<unknown>) => tell(null, ANSWERS[call.request.answer]),
  });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(`127.0.0.1:${port}`)));
  });
}
