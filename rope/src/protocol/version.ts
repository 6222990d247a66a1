/** Lowest and highest protocol version that one side speaks. */
export type VersionRange = readonly [number, number];

/** What this side speaks. A change that an older peer would misread raises the second number; see docs/protocol.md. */
export const PROTOCOL_VERSIONS: VersionRange = [1, 1];

/** The highest version that both speak, or `undefined` when there is none. */
export function commonVersion(a: VersionRange, b: VersionRange): number | undefined {
  const highest = Math.min(a[1], b[1]);
  return highest >= Math.max(a[0], b[0]) ? highest : undefined;
}
