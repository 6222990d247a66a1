import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';

import debug from 'debug';

import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Handlers, MethodTable } from '../contract/contract.ts';
import { Emitter, guarded } from '../emitter.ts';
import { ProtocolError, VersionError } from '../errors.ts';
import { CLOSE, DESTROY } from '../protocol/close-codes.ts';
import { encodeFrame } from '../protocol/codec.ts';
import type { HelloFrame, NodeIdentity, Notification } from '../protocol/message.ts';
import { PROTOCOL_VERSIONS, commonVersion } from '../protocol/version.ts';
import type { Transport, TransportClose } from '../session/transport.ts';
import { Publisher } from '../state/publisher.ts';
import { Registry } from '../state/registry.ts';
import { Dispatcher } from './dispatcher.ts';
import type { HandlerContext } from './dispatcher.ts';
import { Link } from './link.ts';
import { RequestCounter } from './metrics.ts';
import type { RopeMetrics } from './metrics.ts';
import { ServerSession } from './server-session.ts';
import type { SessionEndReason } from './server-session.ts';
import { SessionObjects } from './session-objects.ts';
import { acceptUpgrades } from './upgrade.ts';

const log = debug('mediacluster:rope:server');

/** What a server is made of. */
export interface RopeServerOptions<Methods extends MethodTable> {
  readonly methods: Methods;
  readonly handlers: Handlers<Methods, HandlerContext>;
  readonly node: NodeIdentity;
  /** What the node says of itself in each welcome. Default: nothing. */
  readonly payload?: () => unknown;
  /** How long the objects of a client without a link are kept. Default: 30 s. */
  readonly leaseMs?: number;
  /** How often clients ask whether this side is there; after twice that without a word a link is broken. Default: 5 s. */
  readonly heartbeatMs?: number;
  /** The longest message that is taken. Default: 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Calls of one session that may be under way. Default: 10,000. */
  readonly maxPendingRequests?: number;
  /** A client that leaves more than this unread loses its link, which it may make again. Default: 256 MiB. */
  readonly maxBufferedBytes?: number;
  /** From the socket to its hello, and from a close frame to its answer. Default: 5 s. */
  readonly handshakeTimeoutMs?: number;
  /** Send stacks to clients. Default: false. */
  readonly sendFullErrors?: boolean;
  readonly clock?: Clock;
}

export interface RopeServerEvents {
  session: [session: ServerSession];
  sessionEnd: [session: ServerSession, reason: SessionEndReason];
}

/**
 * The server's half: many sessions over one registry.
 *
 *     http upgrade ─▶ Link ─▶ ServerSession ─▶ Dispatcher ─▶ handlers
 *                      ◀─ frames ◀─ Publisher ◀─ Registry ◀─────┘
 */
export class RopeServer<Methods extends MethodTable> extends Emitter<RopeServerEvents> {
  readonly registry: Registry = new Registry();
  readonly #publisher = new Publisher(this.registry);
  readonly #sessions = new Map<string, ServerSession>();
  readonly #links = new Set<Link>();
  readonly #linkOf = new Map<ServerSession, Link>();
  readonly #counter = new RequestCounter();
  readonly #dispatcher: Dispatcher<Methods>;
  readonly #options: RopeServerOptions<Methods>;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #heartbeatMs: number;
  readonly #maxMessageBytes: number;
  #draining = false;
  #closed = false;

  constructor(options: RopeServerOptions<Methods>) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#leaseMs = options.leaseMs ?? 30_000;
    this.#heartbeatMs = options.heartbeatMs ?? 5_000;
    this.#maxMessageBytes = options.maxMessageBytes ?? 4 * 1_024 * 1_024;
    this.#dispatcher = new Dispatcher({
      methods: options.methods,
      handlers: options.handlers,
      maxPendingRequests: options.maxPendingRequests ?? 10_000,
      sendFullErrors: options.sendFullErrors ?? false,
      counter: this.#counter,
    });
  }

  /** Those that live, with or without a link, by id. */
  get sessions(): ReadonlyMap<string, ServerSession> {
    return this.#sessions;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** A moment of this server. */
  get metrics(): RopeMetrics {
    const sessions = [...this.#sessions.values()];
    return {
      sessions: sessions.length,
      connected: sessions.filter(session => session.connected).length,
      objects: this.registry.size,
      pendingRequests: sessions.reduce((sum, session) => sum + session.work.size, 0),
      requests: this.#counter.list(),
    };
  }

  /** Takes the WebSockets of this HTTP server, on every path; after `goodbye()` or `close()` they are answered with 503. */
  attach(server: Server): void {
    acceptUpgrades(server, {
      maxMessageBytes: this.#maxMessageBytes,
      welcome: () => !this.#closed,
      accept: transport => this.accept(transport),
    });
  }

  /** Takes one open transport. */
  accept(transport: Transport): void {
    const link = new Link(transport, {
      clock: this.#clock,
      heartbeatMs: this.#heartbeatMs,
      handshakeTimeoutMs: this.#options.handshakeTimeoutMs ?? 5_000,
      maxBufferedBytes: this.#options.maxBufferedBytes ?? 256 * 1_024 * 1_024,
      authenticate: () => undefined,
      letIn: (hello, link) => this.#letIn(hello, link),
      gone: (session, link, close) => this.#gone(session, link, close),
      failed: (session, link, error) => this.#failed(session, link, error),
      closed: link => void this.#links.delete(link),
    });
    this.#links.add(link);
  }

  /** Tells every client, present and to come, whether something new is welcome. */
  setDraining(draining: boolean): void {
    if (draining === this.#draining) return;
    this.#draining = draining;
    for (const session of this.#sessions.values()) session.notify('rope.draining', { draining });
  }

  /**
   * Leaves as planned: every client is told, all objects are closed, sockets are closed when everything has been sent.
   * No client takes it for a loss. Nobody is let in from here on. Safe to call twice.
   */
  async goodbye(reason: string): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions.values()) {
      session.notify('rope.goodbye', { reason });
      this.#end(session, 'goodbye', CLOSE.GOODBYE, reason);
    }
    await this.#allClosed(link => link.close(CLOSE.GOODBYE, reason));
  }

  /** Ends everything at once: objects are closed, links are dropped without a word. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions.values()) this.#end(session, 'closed');
    await this.#allClosed(link => link.transport.terminate());
  }

  #allClosed(close: (link: Link) => void): Promise<unknown> {
    return Promise.all([...this.#links].map(link => {
      close(link);
      return link.closed;
    }));
  }

  #letIn(hello: HelloFrame['hello'], link: Link): ServerSession {
    const protocol = commonVersion(hello.protocol, PROTOCOL_VERSIONS);
    if (protocol === undefined) {
      throw new VersionError(`this node speaks protocol ${PROTOCOL_VERSIONS.join(' to ')}, the client ${hello.protocol.join(' to ')}: upgrade one of them`);
    }
    if (hello.scope !== 'own') throw new ProtocolError(`scope ${JSON.stringify(hello.scope).slice(0, 40)} is not known here, only "own"`);
    const known = hello.session && this.#sessions.get(hello.session.id);
    const session = known ?? this.#newSession(hello.client);
    const { node, payload } = this.#options;
    link.transport.send(encodeFrame({
      welcome: {
        protocol,
        node,
        session: { id: session.id, resume: known ? 'snapshot' : 'new', received: session.received, leaseMs: this.#leaseMs },
        heartbeatMs: this.#heartbeatMs,
        limits: { maxMessageBytes: this.#maxMessageBytes },
        payload: payload?.() ?? null,
      },
    }));
    this.#linkOf.get(session)?.close(CLOSE.REPLACED, 'this session is spoken over another link now');
    this.#linkOf.set(session, link);
    session.link(link.transport);
    if (this.#draining) session.notify('rope.draining', { draining: true });
    session.flush();
    if (!known) this.emit('session', session);
    return session;
  }

  #newSession(client: string): ServerSession {
    const id = randomUUID();
    const session: ServerSession = new ServerSession({
      clock: this.#clock,
      id,
      client,
      leaseMs: this.#leaseMs,
      objects: new SessionObjects(id, this.registry, this.#publisher),
      publisher: this.#publisher,
      receive: {
        request: request => this.#dispatcher.request(session, request),
        notification: notification => this.#notification(session, notification),
        failed: error => this.#failed(session, this.#linkOf.get(session), error),
      },
      expired: () => this.#end(session, 'lease'),
    });
    this.#sessions.set(id, session);
    this.#publisher.subscribe(session);
    return session;
  }

  #notification(session: ServerSession, notification: Notification): void {
    if (notification.method === 'rope.cancel') {
      const { id } = notification.params;
      if (typeof id !== 'number') throw new ProtocolError('a rope.cancel without the id of a request');
      this.#dispatcher.cancel(session, id);
    } else this.#dispatcher.notification(session, notification);
  }

  #gone(session: ServerSession, link: Link, close: TransportClose): void {
    if (this.#linkOf.get(session) !== link) return;
    this.#linkOf.delete(session);
    log('link of %s is gone: %d %s', session.client, close.code, close.reason);
    if (close.violation) this.#end(session, 'protocol');
    else if (close.wasClean && close.code === CLOSE.NORMAL && close.reason === DESTROY) this.#end(session, 'closed');
    else session.unlink();
  }

  #failed(session: ServerSession, link: Link | undefined, error: ProtocolError): void {
    log('%s breaks the protocol: %s', session.client, error.message);
    if (link && this.#linkOf.get(session) === link) this.#end(session, 'protocol', CLOSE.PROTOCOL, error.message);
  }

  #end(session: ServerSession, reason: SessionEndReason, code?: number, text?: string): void {
    if (!this.#sessions.delete(session.id)) return;
    session.end();
    this.#publisher.unsubscribe(session.id);
    const link = this.#linkOf.get(session);
    this.#linkOf.delete(session);
    if (code !== undefined) link?.close(code, text ?? '');
    for (const root of this.registry.roots(session.id)) {
      guarded(root.close);
      this.registry.remove(root.object); // the entity's own listeners mostly have done so
    }
    this.emit('sessionEnd', session, reason);
  }
}
