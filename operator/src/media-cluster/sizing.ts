import { ordinalOf } from '../resources/names.ts';
import type { Pod } from '../resources/objects.ts';

/** How the pods that are there compare with the number asked for. */
export interface Sizing {
  /** Ordinals that have no pod, lowest first. */
  missing: number[];
  /** Pods that have their place. A leaving one holds its place until it is gone: its name is taken until then. */
  kept: Pod[];
  /** Pods that are too many, in the order in which they leave. */
  surplus: Pod[];
}

/**
 * Compares pods with the number asked for. The ordinals 0 to replicas − 1 stay, so that a pod that was lost comes back under its name
 * and the highest ordinal leaves first, whatever it carries. A pod of ours without an ordinal has no place at all.
 */
export function sizePods(clusterName: string, replicas: number, pods: readonly Pod[]): Sizing {
  const placed = pods.map(pod => ({ pod, ordinal: ordinalOf(clusterName, pod.metadata.name) ?? Number.POSITIVE_INFINITY }));
  const taken = new Set(placed.map(({ ordinal }) => ordinal));
  return {
    missing: Array.from({ length: replicas }, (_, ordinal) => ordinal).filter(ordinal => !taken.has(ordinal)),
    kept: placed.filter(({ ordinal }) => ordinal < replicas).sort((a, b) => a.ordinal - b.ordinal).map(({ pod }) => pod),
    surplus: placed.filter(({ ordinal }) => ordinal >= replicas).sort((a, b) => (a.ordinal > b.ordinal ? -1 : 1)).map(({ pod }) => pod),
  };
}
