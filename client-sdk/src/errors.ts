/** What an `Error` of the SDK is told besides its message. */
export interface SdkErrorOptions {
  readonly cause?: unknown;
}

/** Base of the SDK's errors. Match on `code`: two copies of a package may be loaded. */
export abstract class SdkError extends Error {
  abstract readonly code: string;
  /** The same call may be made again: it surely was not carried out. */
  abstract readonly retryable: boolean;

  constructor(message: string, options: SdkErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}

/** No room for what was asked: a node is full, or no member of a set can take it. Wait, or add nodes. */
export class NoCapacityError extends SdkError {
  override readonly name: string = 'NoCapacityError';
  readonly code = 'SDK_NO_CAPACITY';
  readonly retryable = true;
}

/** The node is draining and takes nothing new. Wait, or place it elsewhere. */
export class NodeDrainingError extends SdkError {
  override readonly name: string = 'NodeDrainingError';
  readonly code = 'SDK_NODE_DRAINING';
  readonly retryable = true;
}

/** A manager does not fit to the others of its set: another major version of mediasoup, or fewer capabilities. */
export class IncompatibleError extends SdkError {
  override readonly name: string = 'IncompatibleError';
  readonly code = 'SDK_INCOMPATIBLE';
  readonly retryable = false;
}

/** The manager was destroyed, before the call or while it ran. */
export class DestroyedError extends SdkError {
  override readonly name: string = 'DestroyedError';
  readonly code = 'SDK_DESTROYED';
  readonly retryable = false;
}

/** One end of a pipe has no address that the other end can reach. */
export class PipeAddressError extends SdkError {
  override readonly name: string = 'PipeAddressError';
  readonly code = 'SDK_PIPE_ADDRESS';
  readonly retryable = false;
}

/** How far the search for nodes came. */
export type Found = 'no-source' | 'no-service' | 'no-endpoints' | 'no-ready-endpoints' | 'unreachable';

/** No node was connected in time; `found` tells how far the search came, `causes` what each node's link said last. */
export class ClusterUnreachableError extends SdkError {
  override readonly name: string = 'ClusterUnreachableError';
  readonly code = 'SDK_CLUSTER_UNREACHABLE';
  readonly retryable = true;
  readonly found: Found;
  readonly causes: readonly unknown[];

  constructor(message: string, found: Found, causes: readonly unknown[] = []) {
    super(message, { cause: causes[0] });
    this.found = found;
    this.causes = causes;
  }
}

/** What the environment or an option says makes no sense; the message names it and what it may be. */
export class ConfigError extends SdkError {
  override readonly name: string = 'ConfigError';
  readonly code = 'SDK_CONFIG';
  readonly retryable = false;
}
