import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { ListenError } from '../errors.ts';

/** What a path answers. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** The admin port: a few paths to read, open to the cluster. It changes nothing, so it answers GET and HEAD only. */
export class AdminServer {
  readonly #server: Server;

  constructor(routes: Routes) {
    this.#server = createServer((request, response) => void respond(request, response, routes));
  }

  /** @throws ListenError when the port is taken */
  async listen(port: number, host: string): Promise<number> {
    return listenOn(this.#server, port, host, '--admin-port');
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  // Both are set in a request that a server was sent: only its client has messages without them.
  const path = request.url!.split('?')[0]!;
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  const { status, type, body } = await answer(request.method!, route, routes);
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(method: string, route: Routes[string] | undefined, routes: Routes): Promise<Answer> {
  if (!route) return plain(404, `there is ${Object.keys(routes).join(' ')}\n`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD\n');
  try {
    return await route();
  } catch (error) {
    return plain(500, `${(error as Error).message}\n`);
  }
}

export function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** Starts to listen and tells the port. A taken port becomes an error that names the flag to change. */
export async function listenOn(server: Server, port: number, host: string, flag: string): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${(cause as Error).message})`;
    throw new ListenError(`${host}:${port} ${why}: choose another with ${flag}, or 0 for a free one`, { cause });
  }
  return (server.address() as AddressInfo).port;
}
