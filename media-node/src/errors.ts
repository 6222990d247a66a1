/** Base of the media node's errors. Match on `code`. */
export abstract class NodeError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A client named a program to be started as worker. */
export class WorkerBinRefusedError extends NodeError {
  readonly code = 'NODE_WORKER_BIN_REFUSED';
  readonly retryable = false;

  constructor() {
    super('workerBin is refused: it would start a program of the client\'s choice on the node; leave it out, set MEDIASOUP_WORKER_BIN on the node, or start the node with --allow-worker-bin');
  }
}

/** A flag or an environment variable is wrong; the message names each and says what it may be. */
export class ConfigError extends NodeError {
  readonly code = 'NODE_CONFIG';
  readonly retryable = false;
}

/** A port is taken, or an address is not this machine's. */
export class ListenError extends NodeError {
  readonly code = 'NODE_LISTEN';
  readonly retryable = true;
}

/** Who comes in cannot be found out at this moment: the Kubernetes API does not answer, or too many ask at once. Try again. */
export class AuthenticationUnavailableError extends NodeError {
  readonly code = 'NODE_AUTH_UNAVAILABLE';
  readonly retryable = true;
}
