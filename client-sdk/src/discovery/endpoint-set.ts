import type { Endpoint } from './discovery.ts';

/** How one list of endpoints differs from the one before. */
export interface Difference {
  readonly joined: readonly Endpoint[];
  /** Still there, but ready or not as it was not before. */
  readonly changed: readonly Endpoint[];
  readonly left: readonly Endpoint[];
}

/** Compares two lists. An endpoint that is named twice counts as its last naming says. */
export function difference(before: readonly Endpoint[], after: readonly Endpoint[]): Difference {
  const [old, now] = [byUrl(before), byUrl(after)];
  return {
    joined: [...now.values()].filter(({ url }) => !old.has(url)),
    changed: [...now.values()].filter(({ url, ready }) => old.has(url) && old.get(url)!.ready !== ready),
    left: [...old.values()].filter(({ url }) => !now.has(url)),
  };
}

function byUrl(endpoints: readonly Endpoint[]): Map<string, Endpoint> {
  return new Map(endpoints.map(endpoint => [endpoint.url, endpoint]));
}
