import type { Clock } from '../clock.ts';
import type { Connector, Transport, TransportClose, TransportHandlers } from '../session/transport.ts';

const BROKEN: TransportClose = { wasClean: false, code: 1006, reason: '', refused: false, violation: false };

/** What a link does with what is sent over it; may be changed at any time. */
export interface LinkTraits {
  /** Nothing arrives until it is false again; nothing is lost. */
  paused: boolean;
  /** Nothing arrives, ever: the other side is silent, as behind a pulled cable. */
  dropping: boolean;
  /** The client reads nothing; nothing is lost. */
  deaf: boolean;
  /** How long each frame takes. */
  delayMs: number;
  /** Breaks once so many more frames have arrived, in both directions together. */
  framesUntilCut: number;
}

type Event = { readonly frame: string | Uint8Array } | { readonly close: TransportClose };

/** One end of a link in memory. Frames arrive in macrotasks of their own, in order, as those of a socket do. */
export class MemoryTransport implements Transport {
  readonly #clock: Clock;
  readonly #link: MemoryLink;
  #handlers: TransportHandlers | undefined;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #inbound: Event[] = [];
  #arriving = false;
  /** How many are under way, and when the last of them is due. */
  #delayed = 0;
  #dueMs = 0;
  #paused = false;

  constructor(clock: Clock, link: MemoryLink) {
    this.#clock = clock;
    this.#link = link;
  }

  get bufferedBytes(): number {
    return this.#peer.unread;
  }

  /** Characters and bytes that have been sent to this end and have not arrived. */
  get unread(): number {
    return this.#inbound.reduce((sum, event) => sum + ('frame' in event ? event.frame.length : 0), 0);
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    this.#arrive();
  }

  /** The connection stands, at this end. */
  opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#handlers?.open?.();
  }

  send(frame: string | Uint8Array): void {
    if (this.#state === 'open') this.#peer.take({ frame });
  }

  sendAll(frames: readonly (string | Uint8Array)[]): void {
    for (const frame of frames) this.send(frame);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#arrive();
  }

  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#state === 'connecting') return this.terminate();
    this.#state = 'closing';
    this.#peer.take({ close: { wasClean: true, code, reason, refused: false, violation: false } });
  }

  terminate(): void {
    this.#clock.immediate(() => this.#finish(BROKEN));
    this.#peer.take({ close: BROKEN });
  }

  /** Breaks this end without the other's doing. */
  break(close: TransportClose = BROKEN): void {
    this.#inbound = [];
    this.#clock.immediate(() => this.#finish(close));
  }

  /** Goes on after a pause. */
  arrive(): void {
    this.#arrive();
  }

  /** Something was sent to this end. */
  take(event: Event): void {
    const { traits } = this.#link;
    if (traits.dropping) return;
    if (traits.delayMs === 0 && this.#delayed === 0) return this.#put(event);
    // A delay that becomes shorter lets nothing overtake.
    const nowMs = this.#clock.nowMs();
    this.#dueMs = Math.max(this.#dueMs, nowMs + traits.delayMs);
    this.#delayed += 1;
    this.#clock.setTimeout(() => {
      this.#delayed -= 1;
      this.#put(event);
    }, this.#dueMs - nowMs);
  }

  #put(event: Event): void {
    this.#inbound.push(event);
    this.#arrive();
  }

  #arrive(): void {
    if (this.#arriving || this.#inbound.length === 0 || !this.#handlers) return;
    this.#arriving = true;
    this.#clock.immediate(() => {
      this.#arriving = false;
      const { paused, deaf } = this.#link.traits;
      if (paused || this.#paused || (deaf && this.#link.client === this)) return;
      const event = this.#inbound.shift();
      if (!event || this.#state === 'closed') return;
      if ('frame' in event) {
        if (this.#state === 'open') this.#deliver(event.frame);
        this.#link.arrived();
      } else {
        // The answer to a close frame, and the last thing that either side says.
        if (event.close.wasClean && this.#state === 'open') this.#peer.take(event);
        this.#finish(event.close);
      }
      this.#arrive();
    });
  }

  #deliver(frame: string | Uint8Array): void {
    if (typeof frame === 'string') this.#handlers!.text(frame);
    else this.#handlers!.binary(frame);
  }

  get #peer(): MemoryTransport {
    return this.#link.client === this ? this.#link.server : this.#link.client;
  }

  #finish(close: TransportClose): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#inbound = [];
    this.#handlers?.closed(close);
  }
}

/** Two joined transports. */
export class MemoryLink {
  readonly client: MemoryTransport;
  readonly server: MemoryTransport;
  readonly traits: LinkTraits = { paused: false, dropping: false, deaf: false, delayMs: 0, framesUntilCut: Infinity };

  constructor(clock: Clock) {
    this.client = new MemoryTransport(clock, this);
    this.server = new MemoryTransport(clock, this);
  }

  pause(): void {
    this.traits.paused = true;
  }

  resume(): void {
    this.traits.paused = false;
    this.client.arrive();
    this.server.arrive();
  }

  /** Breaks it; what is under way is lost. */
  cut(): void {
    this.client.break();
    this.server.break();
  }

  /** A frame has arrived. */
  arrived(): void {
    this.traits.framesUntilCut -= 1;
    if (this.traits.framesUntilCut === 0) this.cut();
  }
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** Who listens. */
  readonly accept: (transport: Transport) => void;
}

/** A network of one server in memory, whose links can pause, drop, delay and break. */
export class MemoryNetwork {
  readonly #options: MemoryNetworkOptions;
  /** All links that were made, the newest last. */
  readonly links: MemoryLink[] = [];
  /** Nobody listens: connections are refused at once. */
  refusing = false;
  /** Connections are neither taken nor refused. */
  unreachable = false;
  /** Traits of links to come. */
  traits: Partial<LinkTraits> = {};

  constructor(options: MemoryNetworkOptions) {
    this.#options = options;
  }

  /** The newest link. */
  get link(): MemoryLink {
    const link = this.links.at(-1);
    if (!link) throw new Error('nobody has connected yet');
    return link;
  }

  /** For `RopeClientOptions.connect`. */
  readonly connect: Connector = () => {
    const { clock, accept } = this.#options;
    const link = new MemoryLink(clock);
    Object.assign(link.traits, this.traits);
    this.links.push(link);
    clock.immediate(() => {
      if (this.unreachable) return;
      if (this.refusing) return link.client.break({ ...BROKEN, refused: true, error: new Error('connect ECONNREFUSED') });
      link.server.opened();
      accept(link.server);
      link.client.opened();
    });
    return link.client;
  };
}
