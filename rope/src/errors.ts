/**
 * Errors of ROPE. Match on `code`: two copies of a package may be loaded. `retryable` is true only where the work
 * surely did not happen, or may happen twice.
 */

/** A class that a received error may become: built with the message alone. */
export type ErrorClass = new (message: string) => Error;

/** What all errors of ROPE have in common. */
export abstract class RopeError extends Error {
  /** Stable; what callers match on. */
  abstract readonly code: string;
  /** Whether the same call may simply be made again. */
  readonly retryable: boolean = false;
}

/** The link broke while the call was under way: whether it happened is unknown. Read the state again. */
export class ConnectionLostError extends RopeError {
  override readonly name: string = 'ConnectionLostError';
  readonly code = 'ROPE_CONNECTION_LOST';
}

/** No answer before the deadline: whether it happened is unknown. Read the state again. */
export class RequestTimeoutError extends RopeError {
  override readonly name: string = 'RequestTimeoutError';
  readonly code = 'ROPE_TIMEOUT';
}

/** The call was never sent, because there was no connection. Wait for `connected` and make it again. */
export class NotConnectedError extends RopeError {
  override readonly name: string = 'NotConnectedError';
  readonly code = 'ROPE_NOT_CONNECTED';
  override readonly retryable: boolean = true;
}

/** The peer sent what the protocol does not allow. The session ends; upgrade or mend that side. */
export class ProtocolError extends RopeError {
  override readonly name: string = 'ProtocolError';
  readonly code = 'ROPE_PROTOCOL';
}

/** The two sides have no protocol version in common. Upgrade one of them. */
export class VersionError extends RopeError {
  override readonly name: string = 'VersionError';
  readonly code = 'ROPE_VERSION';
}

/** An error of a class that is unknown on this side. */
export class RemoteError extends RopeError {
  override readonly name: string = 'RemoteError';
  readonly code = 'ROPE_REMOTE';
  /** The name of its class over there. */
  readonly remoteName: string;
  /** Its `code` over there, such as `EADDRINUSE`. */
  readonly remoteCode?: string;

  constructor(message: string, remoteName = 'Error', remoteCode?: string) {
    super(message);
    this.remoteName = remoteName;
    if (remoteCode !== undefined) this.remoteCode = remoteCode;
  }
}

/** The peer has no such method. The session lives on. */
export class MethodNotFoundError extends RopeError {
  override readonly name: string = 'MethodNotFoundError';
  readonly code = 'ROPE_METHOD_NOT_FOUND';
}

/** A message is longer than the peer takes. It was not sent. */
export class MessageTooLargeError extends RopeError {
  override readonly name: string = 'MessageTooLargeError';
  readonly code = 'ROPE_MESSAGE_TOO_LARGE';
}

/** As much waits to be sent or acknowledged as this side holds. The call was not sent; make it again when others are answered. */
export class QueueFullError extends RopeError {
  override readonly name: string = 'QueueFullError';
  readonly code = 'ROPE_QUEUE_FULL';
  override readonly retryable: boolean = true;
}

/** The server does not know who this is: no token, or one that it does not accept. The session ends; give another token. */
export class UnauthorizedError extends RopeError {
  override readonly name: string = 'UnauthorizedError';
  readonly code = 'ROPE_UNAUTHORIZED';
}

/** The server knows who this is, and it may not do that: the scope it came with, or a call that changes something while it only observes. */
export class ForbiddenError extends RopeError {
  override readonly name: string = 'ForbiddenError';
  readonly code = 'ROPE_FORBIDDEN';
}

/** The owner has as many objects as the server allows. What the call made was closed again; close others and make it again. */
export class TooManyObjectsError extends RopeError {
  override readonly name: string = 'TooManyObjectsError';
  readonly code = 'ROPE_TOO_MANY_OBJECTS';
  override readonly retryable: boolean = true;
}

/** The owner, or whoever the token names, has as many sessions as the server allows. End others, or wait for their leases. */
export class TooManySessionsError extends RopeError {
  override readonly name: string = 'TooManySessionsError';
  readonly code = 'ROPE_TOO_MANY_SESSIONS';
  override readonly retryable: boolean = true;
}

/** More calls of one session are under way, or came within a second, than the server allows. Nothing was done; make it again a little later. */
export class TooManyRequestsError extends RopeError {
  override readonly name: string = 'TooManyRequestsError';
  readonly code = 'ROPE_TOO_MANY_REQUESTS';
  override readonly retryable: boolean = true;
}

/**
 * The session has no such object, or no longer. It travels under the name that mediasoup gives this case, so that a
 * client which knows mediasoup's `NotFoundError` throws that one.
 */
export class ObjectNotFoundError extends RopeError {
  override readonly name: string = 'NotFoundError';
  readonly code = 'ROPE_OBJECT_NOT_FOUND';
}

/** Whether something thrown is an error. `instanceof Error` misses those of another realm: a vm context, a frame, a test runner's sandbox. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}
