/**
 * Why a WebSocket is closed, as its close code (RFC 6455, 7.4.2: 4000 to 4999 are ours to use). A client that gets any
 * of them knows that its session is over, apart from `REPLACED`, which tells that it goes on elsewhere, and `TRY_AGAIN`
 * and `SLOW`, after which it may go on.
 */
export const CLOSE = {
  /** With the reason `destroy`: the client ends its session. */
  NORMAL: 1_000,
  TOO_LARGE: 1_009,
  /** Who it is cannot be found out at this moment; the session, if there was one, lives on. */
  TRY_AGAIN: 1_013,
  /** A frame that cannot be understood, or comes at the wrong time. */
  PROTOCOL: 4_400,
  /** No token, or one that is not accepted. */
  UNAUTHORIZED: 4_401,
  /** Who that is may not come in with this scope. */
  FORBIDDEN: 4_403,
  VERSION: 4_406,
  HANDSHAKE_TIMEOUT: 4_408,
  /** The same session is spoken over another link now. */
  REPLACED: 4_409,
  /** The node leaves as planned. */
  GOODBYE: 4_410,
  /** The peer leaves too much unread; the session lives on. */
  SLOW: 4_413,
  /** The owner or principal has as many sessions as it may have. */
  TOO_MANY: 4_429,
} as const;

/** The close frame's reason with which a client ends its session for good. */
export const DESTROY = 'destroy';

/** Close frames hold 123 bytes of reason (RFC 6455, 5.5). */
export function closeReason(text: string): string {
  // Only ASCII, so that characters are bytes.
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 123);
}
