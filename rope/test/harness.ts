/** A server and clients of it, over memory with a clock that the test drives, or over real sockets. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { WebSocket } from 'ws';

import { RopeClient } from '../src/client/rope-client.ts';
import type { RopeClientOptions } from '../src/client/rope-client.ts';
import { RopeServer } from '../src/server/index.ts';
import type { RopeServerOptions } from '../src/server/index.ts';
import { FakeClock, MemoryNetwork } from '../src/testing/index.ts';
import { CounterHouse, RecordingHost, counterMethods } from './counter.ts';
import type { CounterMethods } from './counter.ts';

export type CounterClient = RopeClient<CounterMethods>;
type ServerOptions = Partial<RopeServerOptions<CounterMethods>>;
type ClientOptions = Partial<RopeClientOptions<CounterMethods>>;

const EVENTS = ['open', 'websocketOpen', 'connected', 'disconnected', 'websocketClose', 'close', 'error', 'lost', 'goodbye', 'draining'] as const;

/** A client with all that it says. */
export interface Caller {
  readonly client: CounterClient;
  readonly host: RecordingHost;
  /** Events of the client, with their arguments; an error by its code or message. */
  readonly events: unknown[][];
}

export function writeEvents(client: CounterClient): unknown[][] {
  const events: unknown[][] = [];
  for (const name of EVENTS) {
    client.on(name, (...args: unknown[]) => void events.push([name, ...args.map(arg => (arg instanceof Error ? (arg as { code?: string }).code ?? arg.message : arg))]));
  }
  return events;
}

function newServer(house: CounterHouse, options: ServerOptions, epoch: string): RopeServer<CounterMethods> {
  return new RopeServer({ methods: counterMethods, handlers: house.handlers, node: { id: 'node-1', name: 'node', epoch }, payload: () => ({ version: 7 }), ...options });
}

export interface Harness {
  readonly house: CounterHouse;
  readonly server: RopeServer<CounterMethods>;
  caller(options?: ClientOptions): Caller;
  /** An open client. */
  connected(options?: ClientOptions): Promise<Caller>;
  /** Breaks all links without a word. */
  cut(): void;
  /** Resolves when everything that is under way has arrived. */
  settle(): Promise<void>;
  end(): Promise<void>;
}

/** In memory; nothing happens unless time is moved or `settle()` is called. */
export class MemoryHarness implements Harness {
  readonly clock = new FakeClock();
  house = new CounterHouse();
  server: RopeServer<CounterMethods>;
  readonly network: MemoryNetwork;
  readonly #options: ServerOptions;

  constructor(options: ServerOptions = {}) {
    this.#options = options;
    this.server = newServer(this.house, { clock: this.clock, ...options }, 'epoch-1');
    this.network = new MemoryNetwork({ clock: this.clock, accept: transport => this.server.accept(transport) });
  }

  /** The process is another one: nothing of the former is left, and it did not say goodbye. */
  restart(epoch = 'epoch-2'): void {
    this.house = new CounterHouse();
    this.server = newServer(this.house, { clock: this.clock, ...this.#options }, epoch);
    this.network.link.cut();
  }

  caller(options: ClientOptions = {}): Caller {
    const host = new RecordingHost();
    const client = new RopeClient({ methods: counterMethods, host, clock: this.clock, random: () => 1, connect: this.network.connect, url: 'memory:', ...options });
    return { client, host, events: writeEvents(client) };
  }

  async connected(options: ClientOptions = {}): Promise<Caller> {
    const caller = this.caller(options);
    caller.client.open();
    await this.clock.settle();
    return caller;
  }

  cut(): void {
    for (const link of this.network.links) link.cut();
  }

  settle(): Promise<void> {
    return this.clock.settle();
  }

  async end(): Promise<void> {
    const closed = this.server.close();
    await this.clock.settle();
    await closed;
  }
}

/** Over loopback. */
export class SocketHarness implements Harness {
  readonly house = new CounterHouse();
  readonly server: RopeServer<CounterMethods>;
  readonly sockets = new Set<Socket>();
  readonly #http = createServer();
  readonly #clients: CounterClient[] = [];

  private constructor(options: ServerOptions) {
    this.server = newServer(this.house, options, 'epoch-1');
    this.server.attach(this.#http);
    this.#http.on('connection', socket => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(options: ServerOptions = {}): Promise<SocketHarness> {
    const harness = new SocketHarness(options);
    harness.#http.listen(0, '127.0.0.1');
    await once(harness.#http, 'listening');
    return harness;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/any/path`;
  }

  caller(options: ClientOptions = {}): Caller {
    const host = new RecordingHost();
    const client = new RopeClient({ methods: counterMethods, host, url: this.url, WebSocket, backoff: { initialMs: 2 }, ...options });
    this.#clients.push(client);
    return { client, host, events: writeEvents(client) };
  }

  async connected(options: ClientOptions = {}): Promise<Caller> {
    const caller = this.caller(options);
    const connected = once(caller.client as never, 'connected');
    caller.client.open();
    await connected;
    return caller;
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async settle(): Promise<void> {
    // There and back for each client: what was sent before has arrived.
    for (const client of this.#clients) {
      if (client.readyState === 4) await client.request('echo', {}).catch(() => {});
      else if (client.readyState !== 3) await once(client as never, 'connected');
    }
    await new Promise(resolve => setImmediate(resolve));
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close').catch(() => {});
  }
}
