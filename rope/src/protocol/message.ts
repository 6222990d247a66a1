/**
 * The words on the wire. A socket carries *frames*; a frame carries *messages* in JSON-RPC 2.0's shapes (without the
 * `jsonrpc` tag, which the WebSocket subprotocol stands for).
 *
 *     client ── hello ──▶ server        server ── welcome | reject ──▶ client
 *     then, both ways: { seq, ack, messages } | bytes | { ack } | { ping } | { pong }
 *
 * `docs/protocol.md` shows each of them with an example and its reason.
 */

/** The WebSocket subprotocol that a client asks for and a server answers. */
export const SUBPROTOCOL = 'rope';

/**
 * A registry's own number for an object, unique on a node for as long as its process lives. mediasoup's ids will not do:
 * a Worker has none, and a piped Producer has the id of its original, which may live on the same node.
 */
export type ObjectId = number;

/** What an object looks like on the wire: enough to build its replica. */
export interface ObjectRecord<State extends object = Record<string, unknown>> {
  readonly object: ObjectId;
  /** The contract's name of its class: `worker`, `router`, `webRtcTransport` … */
  readonly type: string;
  /** The object that takes this one along when it closes; absent for a root. */
  readonly parent?: ObjectId;
  readonly state: State;
  /** The JSON form of what the app keeps with it; absent when there is none, or none that can travel. */
  readonly appData?: Record<string, unknown>;
}

/**
 * What a client sees and may do: `own`, what its owner made; `all`, everything; `observe`, everything too, but only
 * methods that change nothing.
 */
export type Scope = 'own' | 'all' | 'observe';

export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

export interface Notification {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** An error as it travels: JSON-RPC's number for generic readers, our stable code and the class's name in `data`. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly name: string; readonly code?: string; readonly details?: Record<string, unknown>; readonly stack?: string };
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError };

export type Message = Request | Response | Notification;

/**
 * Numbered messages: the first one of `messages` has the number `seq`, the next `seq + 1` …; `ack` is the last number
 * received. A `null` stands where media stood that was dropped before it left. Messages with bytes (`params.data`) travel
 * in binary frames of the same meaning.
 */
export interface DataFrame {
  readonly seq: number;
  readonly ack: number;
  readonly messages: readonly (Message | null)[];
}

export interface AckFrame {
  readonly ack: number;
}

export interface PingFrame {
  readonly ping: number;
}

export interface PongFrame {
  readonly pong: number;
}

/** The client's first frame. */
export interface HelloFrame {
  readonly hello: {
    /** Lowest and highest protocol version that the client speaks. */
    readonly protocol: readonly [number, number];
    /** Who is calling, for logs: `mediacluster-sdk/0.1.0`. */
    readonly client: string;
    /** The session to go on with, and the last number received in it. */
    readonly session?: { readonly id: string; readonly received: number };
    readonly scope: Scope;
    /** Proves who it is, where the server asks for that. Never written to a log. */
    readonly token?: string;
    /** Whose objects it makes and finds again, beyond this session; chosen by the app. */
    readonly ownerId?: string;
  };
}

/** Who answered. `epoch` is new with each process: another epoch means that everything of the former one is gone. */
export interface NodeIdentity {
  readonly id: string;
  readonly name: string;
  readonly epoch: string;
}

/** The server's first frame, when it lets the client in. */
export interface WelcomeFrame<Payload = unknown> {
  readonly welcome: {
    readonly protocol: number;
    readonly node: NodeIdentity;
    readonly session: {
      readonly id: string;
      /**
       * `new`: the server knows no such session. `replay`: what the client has missed follows. `snapshot`: the session
       * goes on, but what was missed is no longer there; a snapshot follows, from whatever number the server has reached.
       */
      readonly resume: 'new' | 'snapshot' | 'replay';
      /** The last number that the server has received in it. */
      readonly received: number;
      /** With `snapshot`: the requests that are still being worked on. Of those received, all others are answered already. */
      readonly answering?: readonly number[];
      readonly leaseMs: number;
    };
    readonly heartbeatMs: number;
    readonly limits: { readonly maxMessageBytes: number };
    /** What the application says of itself (for a media node: mediasoup's version, capabilities …). */
    readonly payload: Payload;
  };
}

/** The server's first and last frame, when it does not. */
export interface RejectFrame {
  readonly reject: WireError;
}

export type Frame = DataFrame | AckFrame | PingFrame | PongFrame | HelloFrame | WelcomeFrame | RejectFrame;

/** Notifications of the protocol itself. Everything else in `method` belongs to the contract. */
export interface RopeNotifications {
  /** Part of the state at connect, parents before children; `last` ends it. Server to client. */
  'rope.snapshot': { readonly objects: readonly ObjectRecord[]; readonly last: boolean };
  /** An object that this client did not ask for itself. Server to client. */
  'rope.created': ObjectRecord;
  /**
   * Getters that changed without an event of the object's own, or what the app keeps with it: with `own`, because this very
   * client said so. Server to client.
   */
  'rope.patch': { readonly object: ObjectId; readonly state: Record<string, unknown>; readonly appData?: Record<string, unknown>; readonly own?: true };
  /** An event, with the getters that changed before it. `data` is its first argument when that is bytes. Server to client. */
  'rope.event': {
    readonly object: ObjectId; readonly event: string; readonly args: readonly unknown[];
    readonly state?: Record<string, unknown>; readonly data?: Uint8Array;
  };
  /**
   * An object is closed, and with it everything below it (children are not listed: both sides know the cascade).
   * `event` is what the object hears (`died`, `producerclose`, `listenserverclose`), absent when somebody called `close()`.
   */
  'rope.closed': { readonly object: ObjectId; readonly event?: string; readonly args?: readonly unknown[] };
  /** The node leaves as planned and closes its objects; the client must not take it for a loss. Server to client. */
  'rope.goodbye': { readonly reason: string };
  /** Nothing new, please (`true`), or welcome again. Server to client. */
  'rope.draining': { readonly draining: boolean };
  /** The caller of this request has given up. Client to server. */
  'rope.cancel': { readonly id: number };
}
