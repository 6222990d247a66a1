/**
 * Why a WebSocket is closed, as its close code (RFC 6455, 7.4.2: 4000 to 4999 are ours to use). A client that gets any
 * of them knows that its session is over, apart from `REPLACED`, which tells that it goes on elsewhere.
 */
export const CLOSE = {
  /** With the reason `destroy`: the client ends its session. */
  NORMAL: 1_000,
  TOO_LARGE: 1_009,
  /** A frame that cannot be understood, or comes at the wrong time. */
  PROTOCOL: 4_400,
  VERSION: 4_406,
  HANDSHAKE_TIMEOUT: 4_408,
  /** The same session is spoken over another link now. */
  REPLACED: 4_409,
  /** The node leaves as planned. */
  GOODBYE: 4_410,
} as const;

/** The close frame's reason with which a client ends its session for good. */
export const DESTROY = 'destroy';

/** Close frames hold 123 bytes of reason (RFC 6455, 5.5). */
export function closeReason(text: string): string {
  // Only ASCII, so that characters are bytes.
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 123);
}
