import { TerminalError as KubeTerminalError } from '@mediacluster/kube';

/** No retry can mend it: the spec must change first. The reason becomes a condition's. */
export class TerminalError extends KubeTerminalError {
  override readonly code: string = 'OPERATOR_TERMINAL';
  readonly retryable = false;
  /** CamelCase, for the condition and the Event. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** An object of a name that ours needs belongs to someone else. Tried again, since it may go. */
export class NameTakenError extends Error {
  readonly code = 'OPERATOR_NAME_TAKEN';
  readonly retryable = true;

  constructor(what: string, owner: string) {
    super(`${what} exists already and belongs to ${owner}: delete it, or give the MediaCluster another name`);
    this.name = 'NameTakenError';
  }
}

/** A flag or a variable of the operator's that makes no sense. */
export class ConfigError extends Error {
  readonly code = 'OPERATOR_CONFIG';
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}
