import {
  ConnectionLostError, ForbiddenError, MessageTooLargeError, MethodNotFoundError, NotConnectedError, ObjectNotFoundError, ProtocolError,
  QueueFullError, RemoteError, RequestTimeoutError, TooManyObjectsError, TooManyRequestsError, TooManySessionsError, UnauthorizedError,
  VersionError, isError,
} from '../errors.ts';
import type { ErrorClass } from '../errors.ts';
import type { WireError } from './message.ts';

/** Classes by the name under which their errors travel. */
export type ErrorClasses = Readonly<Record<string, ErrorClass>>;

const MAX_DETAILS_CHARS = 4_096;
const HIDDEN = new Set(['name', 'message', 'stack', 'cause', 'code', 'errors', '__proto__']);

// JSON-RPC 2.0, section 5.1; -32000 to -32099 are left to the implementation.
const NUMBERS: Readonly<Record<string, number>> = {
  ROPE_PROTOCOL: -32_600,
  ROPE_METHOD_NOT_FOUND: -32_601,
  ROPE_VERSION: -32_001,
  ROPE_OBJECT_NOT_FOUND: -32_002,
  ROPE_TOO_MANY_REQUESTS: -32_003,
  ROPE_UNAUTHORIZED: -32_004,
  ROPE_FORBIDDEN: -32_005,
  ROPE_TOO_MANY_OBJECTS: -32_006,
  ROPE_TOO_MANY_SESSIONS: -32_007,
};
const INVALID_PARAMS = -32_602;
const OTHER = -32_000;

const OWN: ErrorClasses = {
  Error, TypeError, RangeError,
  ConnectionLostError, ForbiddenError, MessageTooLargeError, MethodNotFoundError, NotConnectedError, ProtocolError, QueueFullError,
  RequestTimeoutError, TooManyObjectsError, TooManyRequestsError, TooManySessionsError, UnauthorizedError, VersionError,
  NotFoundError: ObjectNotFoundError,
};

/**
 * An error as it travels: its class's name, its code and its enumerable fields that JSON can hold (4 KiB at most).
 * The stack stays here unless `full`.
 */
export function encodeError(thrown: unknown, { full = false }: { full?: boolean } = {}): WireError {
  const error = isError(thrown) ? thrown : new Error(typeof thrown === 'string' ? thrown : 'something that is no Error was thrown');
  const code = codeOf(error);
  const details = detailsOf(error);
  return {
    code: (code !== undefined ? NUMBERS[code] : undefined) ?? (error.name === 'TypeError' ? INVALID_PARAMS : OTHER),
    message: error.message,
    data: {
      // An error that came from a third place keeps the name it has there.
      name: error instanceof RemoteError ? error.remoteName : error.name,
      ...(code !== undefined && { code }),
      ...(details && { details }),
      ...(full && error.stack !== undefined && { stack: error.stack }),
    },
  };
}

/**
 * The error as it was caught over there: of the same class when `classes` (or ROPE, or the language) has one of that
 * name, else a RemoteError. Its code and fields are set on it again.
 */
export function decodeError({ message, data }: WireError, classes: ErrorClasses = {}): Error {
  const name = data?.name ?? 'Error';
  const Known = Object.hasOwn(classes, name) ? classes[name] : Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  const error = Known ? new Known(message) : new RemoteError(message, name, data?.code);
  if (Known && data?.code !== undefined && codeOf(error) === undefined) define(error, 'code', data.code);
  for (const [key, value] of Object.entries(data?.details ?? {})) if (!HIDDEN.has(key) && !(key in error)) define(error, key, value);
  if (typeof data?.stack === 'string') define(error, 'remoteStack', data.stack);
  return error;
}

function codeOf(error: Error): string | undefined {
  if (error instanceof RemoteError) return error.remoteCode;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function detailsOf(error: Error): Record<string, unknown> | undefined {
  const entries = Object.entries(error).filter(([key, value]) => !HIDDEN.has(key) && value !== undefined && typeof value !== 'function');
  if (entries.length === 0) return undefined;
  try {
    const text = JSON.stringify(Object.fromEntries(entries));
    return text.length <= MAX_DETAILS_CHARS ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // a circle or a BigInt: better an error without its fields than none
  }
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
}
