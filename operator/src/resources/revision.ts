import { createHash } from 'node:crypto';

import { mediaClusterSpec } from '../api/v1alpha1.ts';
import type { MediaClusterSpec } from '../api/v1alpha1.ts';

/** What a revision is drawn from when nothing is asked for: the defaults, which therefore count as nothing. */
const DEFAULTS = mediaClusterSpec.parse({});

/**
 * Names what the spec says about a pod, so that a pod made from another spec is known for old. Ten hexadecimal digits.
 *
 * It is drawn from the user's words alone, not from the pod that is built of them, and fields at their default don't count. So an
 * upgraded operator, which may build its pods otherwise, has another default image or knows a new field, restarts nobody's calls.
 */
export function revisionOf(spec: MediaClusterSpec): string {
  const { replicas: _, ...aboutPods } = spec; // how many pods there are makes none of them old
  return createHash('sha256').update(canonical(withoutDefaults(aboutPods, DEFAULTS))).digest('hex').slice(0, 10);
}

/** The members that differ from `defaults`, all the way down; lists count as one value. */
function withoutDefaults(value: Record<string, unknown>, defaults: Record<string, unknown>): Record<string, unknown> {
  const different: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const usual = defaults[name];
    if (member === undefined || canonical(member) === canonical(usual)) continue;
    const inner = isRecord(member) ? withoutDefaults(member, isRecord(usual) ? usual : {}) : member;
    if (!isRecord(inner) || Object.keys(inner).length > 0) different[name] = inner;
  }
  return different;
}

/** JSON whose members are in order of their names, so that equal values have one text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => (isRecord(member)
    ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
    : member)) ?? '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
