// Knocks at a media node as a stranger would, without the SDK: a WebSocket and one frame.
import { once } from 'node:events';

import { WebSocket } from 'ws';

const TIMEOUT_MS = 5_000;

/** What the node at that address says to a client with that token, or none: `welcome`, or the code of its refusal. */
export async function knock(podIp: string, token?: string): Promise<string> {
  const socket = new WebSocket(`ws://${podIp}:4443`, 'rope');
  socket.on('error', () => {}); // `once` tells of those that come while it waits; those that come later concern nobody
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    await once(socket, 'open', { signal });
    socket.send(JSON.stringify({ hello: { protocol: [1, 1], client: 'knock', scope: 'own', token } }));
    const [answer] = await once(socket, 'message', { signal }) as [Buffer];
    const { welcome, reject } = JSON.parse(answer.toString()) as { welcome?: object; reject?: { data?: { code?: string } } };
    return welcome ? 'welcome' : reject?.data?.code ?? answer.toString();
  } finally {
    socket.terminate();
  }
}
