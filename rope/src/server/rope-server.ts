import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';

import debug from 'debug';

import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Handlers, MethodTable } from '../contract/contract.ts';
import { Emitter, guarded } from '../emitter.ts';
import { ForbiddenError, ProtocolError, VersionError } from '../errors.ts';
import { CLOSE, DESTROY } from '../protocol/close-codes.ts';
import type { HelloFrame, NodeIdentity, Notification, Scope } from '../protocol/message.ts';
import { PROTOCOL_VERSIONS, commonVersion } from '../protocol/version.ts';
import type { Transport, TransportClose } from '../session/transport.ts';
import { Publisher } from '../state/publisher.ts';
import { Registry } from '../state/registry.ts';
import { allowEverybody } from './authentication.ts';
import type { Authenticate, Principal } from './authentication.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Check, HandlerContext } from './dispatcher.ts';
import { limitsOf } from './limits.ts';
import type { Limits } from './limits.ts';
import { Link } from './link.ts';
import { Counters } from './metrics.ts';
import type { RopeMetrics } from './metrics.ts';
import { Owners, sharedOwner } from './owners.ts';
import { ReplayBudget } from './replay-budget.ts';
import { ServerSession } from './server-session.ts';
import type { ServerSessionInspection, SessionEndReason } from './server-session.ts';
import { SessionObjects } from './session-objects.ts';
import { acceptUpgrades } from './upgrade.ts';

const log = debug('mediacluster:rope:server');

const SCOPES: readonly Scope[] = ['own', 'all', 'observe'];

/** How one session stands. */
export interface SessionInspection extends ServerSessionInspection {
  /** How many its owner has. */
  readonly objects: number;
}

/** What a server is made of. */
export interface RopeServerOptions<Methods extends MethodTable> extends Partial<Limits> {
  readonly methods: Methods;
  readonly handlers: Handlers<Methods, HandlerContext>;
  readonly node: NodeIdentity;
  /** What the node says of itself in each welcome. Default: nothing. */
  readonly payload?: () => unknown;
  /** Who comes in. Default: everybody may, with every scope. */
  readonly authenticate?: Authenticate;
  /** Called before each handler. Default: what handlers are given is not looked at. */
  readonly check?: Check;
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
  readonly #publisher: Publisher;
  readonly #sessions = new Map<string, ServerSession>();
  readonly #links = new Set<Link>();
  readonly #linkOf = new Map<ServerSession, Link>();
  readonly #owners: Owners;
  readonly #counters = new Counters();
  readonly #dispatcher: Dispatcher<Methods>;
  readonly #options: RopeServerOptions<Methods>;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #replayBudget: ReplayBudget;
  /** Of sessions that have ended. */
  #bytesIn = 0;
  #bytesOut = 0;
  #draining = false;
  #closed = false;

  constructor(options: RopeServerOptions<Methods>) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#publisher = new Publisher(this.registry, callback => this.#clock.immediate(callback));
    this.#limits = limitsOf(options);
    this.#owners = new Owners(this.#limits);
    this.#replayBudget = new ReplayBudget(this.#limits.maxReplayBytesInSum);
    this.#dispatcher = new Dispatcher({
      methods: options.methods,
      handlers: options.handlers,
      check: options.check,
      clock: this.#clock,
      maxPendingRequests: this.#limits.maxPendingRequests,
      maxRequestsPerSecond: this.#limits.maxRequestsPerSecond,
      sendFullErrors: options.sendFullErrors ?? false,
      counters: this.#counters,
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
    const states = sessions.map(session => session.inspect());
    const sum = (of: (state: ServerSessionInspection) => number) => states.reduce((total, state) => total + of(state), 0);
    const { resumes, rejections } = this.#counters;
    return {
      sessions: sessions.length,
      connected: sessions.filter(session => session.connected).length,
      objects: this.registry.size,
      pendingRequests: sum(({ working }) => working.length),
      queuedBytes: sum(({ keptBytes }) => keptBytes),
      requests: this.#counters.calls(),
      latencies: this.#counters.latencies(),
      resumes: { ...resumes },
      rejections: { ...rejections },
      bytesIn: this.#bytesIn + sum(({ bytesReceived }) => bytesReceived),
      bytesOut: this.#bytesOut + sum(({ bytesSent }) => bytesSent),
    };
  }

  /** How one session stands, as plain data; `undefined` when there is none of that id. */
  inspect(id: string): SessionInspection | undefined {
    const session = this.#sessions.get(id);
    return session && { ...session.inspect(), objects: this.registry.count(session.owner) };
  }

  /** Takes the WebSockets of this HTTP server, on every path; after `goodbye()` or `close()` they are answered with 503. */
  attach(server: Server): void {
    acceptUpgrades(server, {
      maxMessageBytes: this.#limits.maxMessageBytes,
      welcome: () => !this.#closed,
      accept: transport => this.accept(transport),
    });
  }

  /** Takes one open transport. */
  accept(transport: Transport): void {
    const link: Link<Principal> = new Link<Principal>(transport, {
      clock: this.#clock,
      heartbeatMs: this.#limits.heartbeatMs,
      handshakeTimeoutMs: this.#limits.handshakeTimeoutMs,
      maxBufferedBytes: this.#limits.maxBufferedBytes,
      authenticate: ({ token, ownerId, scope }, { peer = {} }) => (this.#options.authenticate ?? allowEverybody)({ ...(token !== undefined && { token }), ...(ownerId !== undefined && { ownerId }), scope, peer }),
      letIn: (hello, link, principal) => this.#letIn(hello, link, principal),
      rejected: code => this.#counters.rejected(code),
      gone: (session, link, close) => this.#gone(session, link, close),
      failed: (session, _, error) => this.#failed(session, error),
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
      this.#end(session, 'goodbye', { code: CLOSE.GOODBYE, text: reason });
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

  #letIn(hello: HelloFrame['hello'], link: Link, principal: Principal): ServerSession {
    const { scope, ownerId } = hello;
    const protocol = commonVersion(hello.protocol, PROTOCOL_VERSIONS);
    if (protocol === undefined) {
      throw new VersionError(`this node speaks protocol ${PROTOCOL_VERSIONS.join(' to ')}, the client ${hello.protocol.join(' to ')}: upgrade one of them`);
    }
    if (!SCOPES.includes(scope)) throw new ProtocolError(`scope ${JSON.stringify(scope).slice(0, 40)} is not known here, only ${SCOPES.join(', ')}`);
    if (!principal.scopes.includes(scope)) throw new ForbiddenError(`${principal.name} may not come in with the scope "${scope}", only with: ${principal.scopes.join(', ')}`);
    const known = hello.session && this.#sessions.get(hello.session.id);
    // Whoever names the session of another is told what a stranger is told: that there is none.
    const same = known && known.principal.name === principal.name && known.scope === scope && known.ownerId === ownerId;
    const received = hello.session?.received ?? 0;
    const resume = same ? known.resume(received) : 'new';
    const session = same ? known : this.#newSession(hello, principal);
    const { node, payload } = this.#options;
    this.#counters.resumes[resume] += 1;
    link.welcome({
      protocol,
      node,
      session: {
        id: session.id, resume, received: session.received, ...(resume === 'snapshot' && { answering: session.answering() }), leaseMs: this.#limits.leaseMs,
      },
      heartbeatMs: this.#limits.heartbeatMs,
      limits: { maxMessageBytes: this.#limits.maxMessageBytes },
      payload: payload?.() ?? null,
    });
    this.#linkOf.get(session)?.close(CLOSE.REPLACED, 'this session is spoken over another link now');
    this.#linkOf.set(session, link);
    session.link(link.transport, resume, received);
    if (this.#draining) session.notify('rope.draining', { draining: true });
    session.flush();
    if (!same) this.emit('session', session);
    return session;
  }

  #newSession({ client, scope, ownerId }: HelloFrame['hello'], principal: Principal): ServerSession {
    const id = randomUUID();
    const owner = ownerId === undefined ? id : sharedOwner(principal.name, ownerId);
    this.#owners.enter({ principal: principal.name, owner });
    const { registry } = this;
    const publisher = this.#publisher;
    const session: ServerSession = new ServerSession({
      clock: this.#clock,
      id,
      client,
      principal,
      scope,
      ...(ownerId !== undefined && { ownerId }),
      owner,
      leaseMs: this.#limits.leaseMs,
      objects: new SessionObjects({ session: id, owner, scope, registry, publisher, maxObjects: this.#limits.maxObjectsPerSession }),
      publisher,
      receive: {
        request: request => this.#dispatcher.request(session, request),
        notification: notification => this.#notification(session, notification),
        failed: error => this.#failed(session, error),
      },
      expired: () => this.#end(session, 'lease'),
      slow: () => this.#linkOf.get(session)?.giveUp(CLOSE.SLOW, 'too much is left unread'),
      maxBufferedBytes: this.#limits.maxBufferedBytes,
      maxReplayBytes: this.#limits.maxReplayBytes,
      replayBudget: this.#replayBudget,
    });
    this.#sessions.set(id, session);
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

  #failed(session: ServerSession, error: ProtocolError): void {
    log('%s breaks the protocol: %s', session.client, error.message);
    this.#end(session, 'protocol', { code: CLOSE.PROTOCOL, text: error.message });
  }

  #end(session: ServerSession, reason: SessionEndReason, close?: { readonly code: number; readonly text: string }): void {
    this.#sessions.delete(session.id); // from here on nothing leads to it: not its link, nor its lease, nor a message that waits
    session.end();
    const { bytesReceived, bytesSent } = session.inspect();
    this.#bytesIn += bytesReceived;
    this.#bytesOut += bytesSent;
    this.#publisher.mute(session);
    const link = this.#linkOf.get(session);
    this.#linkOf.delete(session);
    if (close) link?.close(close.code, close.text);
    if (this.#owners.leave({ principal: session.principal.name, owner: session.owner })) this.#free(session.owner);
    this.emit('sessionEnd', session, reason);
  }

  /** Closes everything that nobody can come back for. */
  #free(owner: string): void {
    for (const top of this.registry.tops(owner)) {
      guarded(top.close);
      this.#publisher.closed(top.object); // the entity's own listeners mostly have told so
    }
  }
}
