import type { Endpoint } from './discovery.ts';

/** The part of `discovery.k8s.io/v1` EndpointSlice that tells where the nodes are. */
export interface EndpointSlice {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string };
  addressType: string;
  ports?: readonly { name?: string; port?: number }[] | null;
  endpoints?: readonly SliceEndpoint[] | null;
}

interface SliceEndpoint {
  addresses: readonly string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  targetRef?: { name?: string; uid?: string };
}

/** The name of the port of a node's Service on which it speaks ROPE. */
const PORT_NAME = 'rope';

/**
 * The endpoints of a Service, from all of its slices. A pod may stand in several of them: while it moves from one to another, and once
 * for each family of addresses. It is one endpoint all the same, by IPv4 where it has that, and ready only if all of them agree: a
 * slice that is behind must not attract work.
 */
export function endpointsOf(slices: readonly EndpointSlice[]): Endpoint[] {
  const pods = new Map<string, Endpoint>();
  // By family and name, so that the same slices give the same list in whatever order they came.
  for (const slice of slices.toSorted((a, b) => a.addressType.localeCompare(b.addressType) || a.metadata.name.localeCompare(b.metadata.name))) {
    const port = slice.ports?.find(({ name }) => name === PORT_NAME)?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
      const address = addresses[0]; // Kubernetes: more than one has no meaning
      if (address === undefined) continue;
      const url = `ws://${address.includes(':') ? `[${address}]` : address}:${port}`;
      const key = targetRef?.uid ?? url;
      const known = pods.get(key);
      const ready = isReady(conditions) && (known?.ready ?? true);
      pods.set(key, { url: known?.url ?? url, name: targetRef?.name, ready });
    }
  }
  return [...pods.values()];
}

/** Kubernetes: an absent `ready` or `serving` means yes; a Service may publish endpoints as ready that end. */
function isReady({ ready = true, serving = true, terminating = false }: NonNullable<SliceEndpoint['conditions']> = {}): boolean {
  return ready && serving && !terminating;
}
