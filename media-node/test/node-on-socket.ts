import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { RemoteMediasoupClientEvents, RemoteMediasoupClientOptions } from '@mediacluster/sdk';
import { WebSocket } from 'ws';

import { local } from '../src/manager/local.ts';
import { RemoteServer } from '../src/remote/remote-server.ts';
import type { RemoteServerOptions } from '../src/remote/remote-server.ts';

/** A media node in this process, on a real socket. */
export interface SocketNode {
  readonly url: string;
  readonly port: number;
  readonly server: RemoteServer;
  /** Takes no more connections and ends those that are there: the address refuses. */
  crash(): Promise<void>;
}

const open: SocketNode[] = [];

export async function startSocketNode({ port = 0, name = 'node-a', ...options }: Partial<RemoteServerOptions> & { port?: number; name?: string } = {}): Promise<SocketNode> {
  const http = createServer();
  const server = new RemoteServer({
    manager: local(),
    node: { id: name, name, epoch: randomUUID() },
    listen: { announcedAddress: '127.0.0.1', pipeAddress: '127.0.0.1', webRtcServer: 'off', fixedPorts: false },
    ...options,
  });
  server.attach(http);
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const { port: bound } = http.address() as AddressInfo;
  const node: SocketNode = {
    url: `ws://127.0.0.1:${bound}`,
    port: bound,
    server,
    async crash() {
      if (http.listening) http.close();
      await server.close();
    },
  };
  open.push(node);
  return node;
}

/** A WebSocket whose links a test can cut, as a pulled cable would. */
export function cuttable(): { readonly WebSocket: RemoteMediasoupClientOptions['WebSocket']; cut(): void } {
  const sockets = new Set<WebSocket>();
  class CuttableWebSocket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.add(this);
      this.once('close', () => sockets.delete(this));
    }
  }
  return { WebSocket: CuttableWebSocket, cut: () => sockets.forEach(socket => socket.terminate()) };
}

const clients: RemoteMediasoupClient[] = [];

/** A client that is connected. */
export async function connect(url: string, options: RemoteMediasoupClientOptions = {}): Promise<RemoteMediasoupClient & { mediasoup: NonNullable<RemoteMediasoupClient['mediasoup']> }> {
  const client = new RemoteMediasoupClient(url, { backoff: { initialMs: 5, maxMs: 20 }, ...options });
  clients.push(client);
  await told(client, 'connected');
  return client as never;
}

/** Unlike with `once()`, an attempt to connect that fails meanwhile does not matter. */
export function told<Event extends keyof RemoteMediasoupClientEvents>(client: RemoteMediasoupClient, event: Event): Promise<unknown[]> {
  return new Promise(resolve => client.once(event, (...args: unknown[]) => resolve(args)));
}

/** Ends whatever the test has left. */
export async function endAll(): Promise<void> {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(open.splice(0).map(node => node.crash()));
}
