import type { RemoteMediasoupClient } from '@mediacluster/sdk';

/** How many calls a client has made that have ended, whichever way. */
export function callsOf({ metrics }: RemoteMediasoupClient): number {
  return metrics.calls.reduce((sum, { count }) => sum + count, 0);
}
