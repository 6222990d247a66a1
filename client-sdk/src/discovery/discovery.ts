import type { Found } from '../errors.ts';

/** A node's ROPE address. Equal URLs are one endpoint, whoever stands behind them. */
export interface Endpoint {
  readonly url: string;
  /** For people: the pod's name. */
  readonly name?: string;
  /** Ready: workers may be placed on it. Not ready, it is starting or draining: keep what it has, place nothing. */
  readonly ready: boolean;
}

/**
 * Where the nodes are. Emits whole lists, never differences, so that a list that was missed does no harm; never before `start()` has
 * returned, and not after `stop()`. While the source cannot be asked, the last list stands: no list is not an empty list.
 */
export interface Discovery {
  start(emit: (endpoints: readonly Endpoint[]) => void): void;
  /** Ends its sockets and timers. Safe twice. */
  stop(): void;
  /** For the error of somebody who waits in vain: why there is no list, or no endpoint in it. */
  explain(): { readonly found: Extract<Found, 'no-source' | 'no-service' | 'no-endpoints'>; readonly text: string };
}
