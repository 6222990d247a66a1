import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { Events, ServerCalls } from './protocol.ts';

/** The server's end of one page's WebSocket. */
export interface Page {
  /** The room that the page's URL names. */
  readonly room: string;
  readonly open: boolean;
  tell<E extends keyof Events>(event: E, data: Events[E]): void;
  /** `code` is one of `CLOSE`. Safe to call twice. */
  close(code: number, reason: string): void;
  onClose(listener: () => void): void;
}

/** Answers one call of a page; what it throws is told to the page. */
export type Answer = <M extends keyof ServerCalls>(method: M, data: ServerCalls[M]['data']) => Promise<ServerCalls[M]['result']>;

const PING_EVERY_MS = 5_000; // a browser that vanished without a word leaves the call after two of these

/** Lets pages in at `http`. `accept` is called once for each, and gives what answers its calls. Returns what ends all. */
export function acceptPages(http: Server, accept: (page: Page) => Answer): () => void {
  const server = new WebSocketServer({ server: http, maxPayload: 1_000_000 });
  server.on('error', () => {}); // those of `http`, which its owner hears as well
  server.on('connection', (socket, request) => {
    const page: Page = {
      room: new URLSearchParams(request.url?.split('?')[1]).get('room') ?? 'lobby',
      get open() {
        return socket.readyState === socket.OPEN;
      },
      tell: (event, data) => socket.send(JSON.stringify({ event, data })),
      close: (code, reason) => socket.close(code, reason),
      onClose: listener => void socket.once('close', listener),
    };
    const answer = accept(page);
    let alive = true;
    const pinging = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, PING_EVERY_MS);
    socket.on('pong', () => (alive = true));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => clearInterval(pinging));
    const hear = async (text: string): Promise<void> => {
      let id: unknown;
      try {
        const call = JSON.parse(text);
        id = call.id;
        socket.send(JSON.stringify({ id, result: await answer(call.method, call.data) }));
      } catch (error) {
        socket.send(JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) }));
      }
    };
    socket.on('message', data => {
      if (Buffer.isBuffer(data)) void hear(data.toString());
    });
  });
  return () => {
    for (const socket of server.clients) socket.close(1001, 'the server is going away');
  };
}
