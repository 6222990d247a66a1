import type { Condition } from './v1alpha1.ts';

/** The conditions of a MediaCluster. */
export type ConditionType = 'Ready' | 'Progressing';

/** What a condition says now; `setCondition` adds the times. */
export interface ConditionState {
  status: Condition['status'];
  /** CamelCase, for programs. */
  reason: string;
  /** A sentence for people. */
  message: string;
}

/** The condition of that type, if it was ever set. */
export function findCondition(conditions: readonly Condition[] | undefined, type: ConditionType): Condition | undefined {
  return conditions?.find(condition => condition.type === type);
}

/**
 * The list with that condition set. `lastTransitionTime` moves only when the status (True, False, Unknown) does, as in all of
 * Kubernetes; conditions of other types, also those that this version doesn't know, stay as they are.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
  state: ConditionState,
  observedGeneration: number | undefined,
  nowMs: number,
): Condition[] {
  const before = findCondition(conditions, type);
  const lastTransitionTime = before?.status === state.status ? before.lastTransitionTime : wholeSeconds(nowMs);
  const after: Condition = {
    type,
    status: state.status,
    reason: reasonOf(state.reason),
    message: state.message.slice(0, MAX_MESSAGE_LENGTH),
    lastTransitionTime,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
  if (!before) return [...(conditions ?? []), after];
  return (conditions ?? []).map(condition => (condition.type === type ? after : condition));
}

const MAX_MESSAGE_LENGTH = 32_768; // the bound that Kubernetes sets for metav1.Condition, and our schema too

/** A reason comes from kubelets and plug-ins too, and the API server refuses a status whose reason isn't one word. */
function reasonOf(text: string): string {
  const word = text.replaceAll(/[^A-Za-z0-9_]/g, '');
  return /^[A-Za-z]/.test(word) ? word : `Reason${word}`;
}

/** Kubernetes writes times in conditions without fractions. */
function wholeSeconds(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
