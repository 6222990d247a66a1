import { isError } from '../errors.ts';
import { SUBPROTOCOL } from '../protocol/message.ts';
import type { Connector, Peer, Transport, TransportClose, TransportHandlers } from './transport.ts';

/** What is used of a WebSocket: the platform's own and those of the package `ws` both have it. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  binaryType: string;
  // Each implementation has event classes of its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  // `ws` only.
  terminate?(): void;
  pause?(): void;
  resume?(): void;
}

/** The constructor of such a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** The stream below a WebSocket, where it can be had: writes between the two calls leave in one. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

interface Message { readonly data: unknown }
interface Closing { readonly wasClean: boolean; readonly code: number; readonly reason: string }
interface Failure { readonly error?: unknown; readonly message?: string }

const OPEN = 1;
const LINK_BROKE = 1006; // RFC 6455, 7.1.5: never sent, stands for "closed without a close frame"
// RFC 6455, 7.4.1
const PROTOCOL_ERROR = 1002;
const TOO_LARGE = 1009;

/** A transport over a WebSocket. */
export class WebSocketTransport implements Transport {
  readonly #socket: WebSocketLike;
  readonly #stream: Corkable | undefined;
  readonly peer?: Peer;
  #closed = false;
  #handlers: TransportHandlers | undefined;
  #error: Error | undefined;

  constructor(socket: WebSocketLike, stream?: Corkable, peer?: Peer) {
    this.#socket = socket;
    this.#stream = stream;
    if (peer) this.peer = peer;
    // `ws` hands out Buffers by itself, and copies for an ArrayBuffer; a browser would hand out Blobs.
    if (!socket.terminate) socket.binaryType = 'arraybuffer';
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.addEventListener('open', () => handlers.open?.());
    socket.addEventListener('message', ({ data }: Message) => {
      if (this.#closed) return;
      if (typeof data === 'string') handlers.text(data);
      else handlers.binary(ArrayBuffer.isView(data) ? data as Uint8Array : new Uint8Array(data as ArrayBuffer));
    });
    socket.addEventListener('error', (event: Failure) => {
      const error = isError(event.error) ? event.error : new Error(event.message || 'the WebSocket failed');
      this.#error = error;
      const { code } = error as { code?: unknown };
      // `ws` closes by itself, but waits for the peer to answer, which a hostile one does not.
      if (typeof code === 'string' && code.startsWith('WS_ERR_')) this.#violated(code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? TOO_LARGE : PROTOCOL_ERROR, error.message);
    });
    socket.addEventListener('close', ({ wasClean, code, reason }: Closing) =>
      this.#finish({ wasClean, code, reason, refused: isRefused(this.#error), violation: false, error: this.#error }));
  }

  send(frame: string | Uint8Array): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(frame as string | Uint8Array<ArrayBuffer>);
  }

  sendAll(frames: readonly (string | Uint8Array)[]): void {
    // `ws` corks around each frame itself; only several frames gain from a cork of ours.
    const stream = frames.length > 1 ? this.#stream : undefined;
    stream?.cork();
    for (const frame of frames) this.send(frame);
    stream?.uncork();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
    // A browser would wait for a peer that may be gone.
    queueMicrotask(() => this.#finish({ wasClean: false, code: LINK_BROKE, reason: '', refused: false, violation: false, error: this.#error }));
  }

  pause(): void {
    this.#socket.pause?.();
  }

  resume(): void {
    this.#socket.resume?.();
  }

  #violated(code: number, reason: string): void {
    this.#finish({ wasClean: false, code, reason, refused: false, violation: true, error: this.#error });
  }

  #finish(close: TransportClose): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.closed(close);
  }
}

/** Connects with the given WebSocket class. */
export function webSocketConnector(WebSocket: WebSocketConstructor): Connector {
  return url => new WebSocketTransport(new WebSocket(url, [SUBPROTOCOL]));
}

// `ws` hands out Node's own error; the WebSocket of Node itself wraps it.
function isRefused(error: unknown): boolean {
  for (let at = error; isError(at); at = at.cause) if ((at as { code?: unknown }).code === 'ECONNREFUSED') return true;
  return false;
}
