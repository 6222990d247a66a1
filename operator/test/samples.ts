import type { OwnerReference } from '@mediacluster/kube';

import { mediaClusterSpec } from '../src/api/v1alpha1.ts';
import type { MediaCluster, MediaClusterSpec } from '../src/api/v1alpha1.ts';
import type { Pod } from '../src/resources/objects.ts';
import { buildPod } from '../src/resources/pod.ts';

export const OWNER: OwnerReference = { apiVersion: 'mediacluster.dev/v1alpha1', kind: 'MediaCluster', name: 'calls', uid: 'owner-1', controller: true, blockOwnerDeletion: true };
export const DEFAULT_IMAGE = 'registry.test/mediacluster-node:1';
export const NOW_MS = Date.parse('2026-11-20T12:00:00Z');

/** A spec with the defaults filled in. */
export function specOf(input: object = {}): MediaClusterSpec {
  return mediaClusterSpec.parse(input);
}

/** A MediaCluster as the API server hands it out. */
export function clusterOf(spec: object = {}, rest: Partial<MediaCluster> = {}): MediaCluster {
  return {
    apiVersion: OWNER.apiVersion,
    kind: 'MediaCluster',
    metadata: { name: 'calls', namespace: 'default', uid: OWNER.uid, generation: 1 },
    spec,
    ...rest,
  };
}

/** How a pod stands. */
export type PodState = 'pending' | 'ready' | 'unready' | 'leaving' | 'failed';

/** A pod of the cluster `calls`, made of that spec a minute ago. */
export function podOf(ordinal: number, state: PodState = 'ready', spec: MediaClusterSpec = specOf(), rest: { uid?: string; createdAtMs?: number; name?: string } = {}): Pod {
  const pod = buildPod({ clusterName: 'calls', namespace: 'default', ordinal, spec, defaultImage: DEFAULT_IMAGE, owner: OWNER });
  const { name = pod.metadata.name, uid = `uid-${ordinal}`, createdAtMs = NOW_MS - 60_000 } = rest;
  const phase = ({ pending: 'Pending', failed: 'Failed' } as const)[state as 'pending' | 'failed'] ?? 'Running';
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      uid,
      creationTimestamp: new Date(createdAtMs).toISOString(),
      ...(state === 'leaving' ? { deletionTimestamp: new Date(NOW_MS).toISOString() } : {}),
    },
    status: { phase, conditions: [{ type: 'Ready', status: state === 'ready' || state === 'leaving' ? 'True' : 'False' }] },
  };
}
