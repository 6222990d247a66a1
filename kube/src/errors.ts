import { types } from 'node:util';
import type { Status } from './object.ts';

/** What went wrong, stable across versions; `docs/errors.md` has a line for each. */
export type KubeErrorCode =
  | 'KUBE_CONFIG' // no address or no credentials: the kubeconfig, or the pod's ServiceAccount
  | 'KUBE_UNREACHABLE' // no connection: the request was never sent
  | 'KUBE_CONNECTION_LOST' // the connection broke; whether the work was done is unknown
  | 'KUBE_TIMEOUT' // no answer in time; whether the work was done is unknown
  | 'KUBE_PROTOCOL' // an answer that is not Kubernetes'
  | 'KUBE_UNAUTHORIZED' // 401
  | 'KUBE_FORBIDDEN' // 403: a right is missing, or a quota is used up
  | 'KUBE_NOT_FOUND' // 404
  | 'KUBE_CONFLICT' // 409: another writer was first, or the name is taken (reason AlreadyExists)
  | 'KUBE_GONE' // 410: the resourceVersion or continue token is too old
  | 'KUBE_INVALID' // 400, 413, 415, 422: the object or the call is wrong
  | 'KUBE_BUSY' // 429
  | 'KUBE_SERVER' // 5xx
  | 'KUBE_API' // any other status
  | 'KUBE_CLOSED'; // the client has been closed

/** What is known of a failure, besides its code and message. */
export interface KubeErrorDetails {
  status?: number;
  reason?: string;
  retryAfterMs?: number;
  retryable?: boolean;
  cause?: unknown;
}

const CODES: Record<number, KubeErrorCode> = {
  400: 'KUBE_INVALID', 401: 'KUBE_UNAUTHORIZED', 403: 'KUBE_FORBIDDEN', 404: 'KUBE_NOT_FOUND', 409: 'KUBE_CONFLICT', 410: 'KUBE_GONE',
  413: 'KUBE_INVALID', 415: 'KUBE_INVALID', 422: 'KUBE_INVALID', 429: 'KUBE_BUSY',
};

const TERMINAL = new Set([400, 403, 405, 406, 413, 415, 422]);

/** Any failure to speak with the API server, and any refusal by it. Match on `code`. */
export class KubeError extends Error {
  readonly code: KubeErrorCode;
  /** The HTTP status, when the server answered. */
  readonly status: number | undefined;
  /** Kubernetes' own word: `AlreadyExists`, `Expired`, `Invalid` … */
  readonly reason: string | undefined;
  /** The same call may be made again: it surely was not carried out, or may be carried out twice. */
  readonly retryable: boolean;
  /** How long the server asked to wait before the next try. */
  readonly retryAfterMs: number | undefined;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KubeError';
    this.code = code;
    this.status = details.status;
    this.reason = details.reason;
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Another writer was first, or the name is taken (`reason` is `AlreadyExists` then). */
  get conflict(): boolean {
    return this.status === 409;
  }

  get notFound(): boolean {
    return this.status === 404;
  }

  /** The resourceVersion or the continue token is too old: list again. */
  get gone(): boolean {
    return this.status === 410;
  }

  /** The same call fails until something else is changed: the object, a right, a quota. */
  get terminal(): boolean {
    return this.status !== undefined && TERMINAL.has(this.status);
  }
}

/** The error that a status of the server stands for; `body` is its text, mostly a `Status` in JSON. `what` names call and object. */
export function statusError(status: number, body: string, what: string, retryAfterHeader?: string): KubeError {
  const told = parseStatus(body);
  const message = told?.message ?? (body.trim().slice(0, 200) || 'no explanation given');
  const retryAfterMs = retryAfter(retryAfterHeader) ?? (told?.details?.retryAfterSeconds ? told.details.retryAfterSeconds * 1000 : undefined);
  return new KubeError(CODES[status] ?? (status >= 500 ? 'KUBE_SERVER' : 'KUBE_API'), `${what}: ${status} ${told?.reason ?? ''}${told?.reason ? ', ' : ''}${message}`, {
    status,
    reason: told && isTooLarge(told) ? TOO_LARGE : told?.reason,
    // A 5xx may have been carried out all the same; Kubernetes' writes are safe to make again (names, preconditions, apply).
    retryable: status === 401 || status === 429 || status >= 500,
    retryAfterMs,
  });
}

/** The error that an `ERROR` event of a watch stands for. */
export function eventError(status: Status, what: string): KubeError {
  return statusError(status.code ?? 500, JSON.stringify(status), what);
}

/** The `reason` of a refusal whose cause is that the server lags behind the one that answered before. */
export const TOO_LARGE = 'ResourceVersionTooLarge';

function isTooLarge(status: Status): boolean {
  return status.details?.causes?.some(cause => cause.reason === TOO_LARGE) ?? false;
}

/** What was thrown, as an error. Errors of another realm (a test runner's sandbox) are taken as they are. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error || types.isNativeError(thrown) ? thrown : new Error(String(thrown));
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined; // a proxy's page, or plain text
  }
}

/** `Retry-After` in its form of whole seconds; the API server sends no dates. */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header.trim()) ? Number(header) * 1000 : undefined;
}
