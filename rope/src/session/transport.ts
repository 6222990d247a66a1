/** Why a transport is closed. */
export interface TransportClose {
  /** Both sides said so, with the closing handshake. */
  readonly wasClean: boolean;
  /** WebSocket's close code; 1006 when the link just broke. */
  readonly code: number;
  readonly reason: string;
  /** Nobody listens at the address (ECONNREFUSED): the process there is gone. */
  readonly refused: boolean;
  /** The peer broke the rules of the transport itself, such as its limit of length. */
  readonly violation: boolean;
  readonly error?: Error;
}

/** What the owner of a transport hears. */
export interface TransportHandlers {
  /** It can be written to. Not called when it was open already at `start()`. */
  open?(): void;
  text(text: string): void;
  /** The bytes are the receiver's; nobody writes into them afterwards. */
  binary(bytes: Uint8Array): void;
  /** Called once; nothing comes after it. */
  closed(close: TransportClose): void;
}

/** Who is at the other end, as far as the link itself tells. */
export interface Peer {
  readonly address?: string;
  /** What it showed in the TLS handshake: its subject's common name (empty when there is none, or several); `authorized` when a CA that we trust has signed it. */
  readonly certificate?: { readonly subject: string; readonly fingerprint256: string; readonly authorized: boolean };
}

/**
 * One socket, as a session sees it: whole texts and whole byte strings, in order. It is dead after its first `closed`; a
 * reconnect is another transport.
 */
export interface Transport {
  /** Begins to tell `handlers`; never calls them before it returns. Call it once. */
  start(handlers: TransportHandlers): void;
  /** Written in order; lost without a word when the transport is not open. */
  send(frame: string | Uint8Array): void;
  /** Sends several frames with as few system calls as it can. */
  sendAll(frames: readonly (string | Uint8Array)[]): void;
  /** Bytes that are not yet with the operating system. */
  readonly bufferedBytes: number;
  /** Closes with a closing handshake. `closed` follows. */
  close(code: number, reason: string): void;
  /** Drops the link at once, without a word to the peer. `closed` follows. */
  terminate(): void;
  /** Reads nothing more until `resume()`, so that the peer has to wait; some frames may still come. Does nothing where it cannot. */
  pause(): void;
  resume(): void;
  /** Known to the side that was connected to. */
  readonly peer?: Peer;
}

/** Makes a transport to an address; it connects by itself. Throws a TypeError for an address that cannot be one. */
export type Connector = (url: string) => Transport;
