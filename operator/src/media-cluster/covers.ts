/**
 * True when `found` holds everything that `wanted` says. The API server fills objects with defaults and other writers add their own
 * labels and ports, so an object of ours is right when it says what we say, whatever else it says. Of a list each item must be held by
 * some item, in any order.
 */
export function covers(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && wanted.every(item => found.some(candidate => covers(candidate, item)));
  }
  if (!isRecord(wanted)) return found === wanted;
  if (!isRecord(found)) return false;
  return Object.entries(wanted).every(([name, value]) => value === undefined || covers(found[name], value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
