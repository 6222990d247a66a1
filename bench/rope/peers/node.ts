/** A media node in a process of its own: real mediasoup behind ROPE, and a bare echo in the same process. */
import { once } from 'node:events';
import { createServer } from 'node:http';

import { RemoteServer, local } from '@mediacluster/media-node';
import { WebSocketServer } from 'ws';

import { answerText } from '../answers.ts';
import type { AnswerName } from '../answers.ts';
import { listen } from '../listen.ts';
import { serve } from '../run.ts';

const manager = local();
await once(manager as never, 'mediasoup');

serve({
  urls: async () => {
    const http = createServer();
    const server = new RemoteServer({
      manager,
      node: { id: 'bench', name: 'bench', epoch: '1' },
      listen: { announcedAddress: '127.0.0.1', pipeAddress: '127.0.0.1', webRtcServer: 'off', fixedPorts: false },
      maxRequestsPerSecond: Number.MAX_SAFE_INTEGER,
    });
    server.attach(http);
    const echoHttp = createServer();
    new WebSocketServer({ server: echoHttp, perMessageDeflate: false }).on('connection', (socket, { url = '' }) => {
      const text = answerText(url.slice(1) as AnswerName);
      socket.on('message', () => socket.send(text));
    });
    return { rope: `ws://${await listen(http)}`, echo: `ws://${await listen(echoHttp)}` };
  },
});
