import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** Certificates for a server that speaks TLS; `ca` is asked of clients when it is given. */
export interface ScriptedTls {
  key: string;
  cert: string;
  ca?: string;
}

/** One request that has come in; it waits until the test says what happens to it. */
export class ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** The parsed JSON of the body. */
  readonly body: unknown;
  /** Resolves when the client has hung up, or everything has been sent. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, body: string, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://scripted');
    this.method = request.method ?? '';
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.headers = request.headers;
    this.body = body === '' ? undefined : JSON.parse(body);
    this.#response = response;
    this.closed = new Promise(resolve => response.once('close', resolve));
  }

  get isWatch(): boolean {
    return this.query['watch'] === 'true';
  }

  /** A whole answer. Strings go as they are, everything else as JSON. */
  answer(status: number, body: unknown = '', headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** A page of a list. */
  list(items: readonly object[], resourceVersion: string, continueToken?: string): void {
    this.answer(200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion, continue: continueToken }, items });
  }

  /** A refusal, as the API server words it. */
  refuse(code: number, reason: string, headers: Record<string, string> = {}): void {
    this.answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `refused: ${reason}` }, headers);
  }

  /** The head of an answer whose body comes bit by bit. */
  open(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  }

  /** One event of a watch. */
  event(type: string, object: object): void {
    this.write(`${JSON.stringify({ type, object })}\n`);
  }

  bookmark(resourceVersion: string): void {
    this.event('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion, creationTimestamp: null } });
  }

  /** Bytes of the body, whatever they are. */
  write(bytes: string | Uint8Array): void {
    this.open();
    this.#response.write(bytes);
  }

  /** The end of the body, in good order. */
  end(): void {
    this.open();
    this.#response.end();
  }

  /** The connection breaks (RST), wherever the answer is. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  /** The connection is closed without a word (FIN), wherever the answer is. */
  hangUp(): void {
    this.#response.socket?.destroy();
  }
}

/**
 * An HTTP server on the loopback interface that does to each request what a test tells it: answers, cuts, stalls. It knows
 * nothing of Kubernetes' behaviour, which is for a real API server to show.
 */
export class ScriptedServer {
  readonly #tls: ScriptedTls | undefined;
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  readonly #arrived: ScriptedRequest[] = [];
  readonly #waiting: ((request: ScriptedRequest) => void)[] = [];

  private constructor(tls: ScriptedTls | undefined) {
    this.#tls = tls;
  }

  /** A server that listens. */
  static async start(tls?: ScriptedTls): Promise<ScriptedServer> {
    const server = new ScriptedServer(tls);
    await server.resume();
    return server;
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** How many connections were ever made. */
  get connections(): number {
    return this.#connections;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Requests that have come and were not asked for yet. */
  get unclaimed(): number {
    return this.#arrived.length;
  }

  /** The next request, in the order in which they came; waits for it. */
  next(): Promise<ScriptedRequest> {
    return new Promise(resolve => {
      const arrived = this.#arrived.shift();
      if (arrived) resolve(arrived);
      else this.#waiting.push(resolve);
    });
  }

  /** Goes away: connections break, new ones are refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise(resolve => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Comes back on the same port. */
  async resume(): Promise<void> {
    const listener = (request: IncomingMessage, response: ServerResponse): void => this.#take(request, response);
    const server = this.#tls ? createHttpsServer({ ...this.#tls, requestCert: this.#tls.ca !== undefined, rejectUnauthorized: false }, listener) : createHttpServer(listener);
    server.keepAliveTimeout = 0;
    server.on('connection', (socket: Socket) => this.#count(socket));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  #count(socket: Socket): void {
    this.#connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // broken on purpose
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => { body += text; });
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const arrived = new ScriptedRequest(request, body, response);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(arrived);
      else this.#arrived.push(arrived);
    });
  }
}
