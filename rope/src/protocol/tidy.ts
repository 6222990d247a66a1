/**
 * Takes what poisons prototypes, once somebody copies it carelessly, out of what a stranger has sent: fields of the names
 * `__proto__` and `constructor`. Returns false when it stands more than `max` deep; then it may not be tidy.
 */
export function tidy(value: unknown, max: number): boolean {
  if (!isBranch(value)) return true;
  if (max === 0) return false;
  // A list's items by number: by name they take seven times as long, and JSON gives a list no other fields.
  if (Array.isArray(value)) return value.every(item => !isBranch(item) || tidy(item, max - 1));
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor') delete value[key];
    else {
      const field = value[key];
      if (isBranch(field) && !tidy(field, max - 1)) return false;
    }
  }
  return true;
}

/** What has fields to look at. Not bytes, which are long and have none. */
function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
