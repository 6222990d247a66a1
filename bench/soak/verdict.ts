import type { NodeReading, ProcessReading } from './readings.ts';

/** What was read at one rest: everybody has closed what they had, and only what stands all the time is there. */
export interface Reading {
  readonly atMinutes: number;
  readonly node: ProcessReading & NodeReading & { readonly heapKb: number };
  readonly app: ProcessReading & { readonly heapKb: number; readonly pending: number };
}

export interface Expected {
  /** What stands all the time. */
  readonly objects: number;
  readonly sessions: number;
}

type Memory = 'rssKb' | 'heapKb';

export interface Verdict {
  readonly flat: boolean;
  /** Why it is not, in sentences. */
  readonly faults: readonly string[];
  /** KiB in a minute, once warm. */
  readonly slopes: Readonly<Record<'node' | 'app', Readonly<Record<Memory, number>>>>;
}

/** Caches, code and the heap's generations fill first: growth counts after this part of the run. */
const WARM_AFTER = 0.3;
/**
 * Over the warm part of a run. The RSS of a process that leaks nothing still rises, by 0.3 to 0.9 MiB a minute and ever more slowly
 * (measured over ten minutes: compiled code, pages that are not empty yet); the heap, by less than 0.1.
 */
const MAX_GROWTH_KB: Readonly<Record<Memory, number>> = { rssKb: 24_576, heapKb: 2_048 };
/** The admin port's kept connections. */
const SPARE_HANDLES = 2;

/**
 * Flat means, at rest, that
 * - the heap of the node and of the app that stands, garbage collected, grows by less than 2 MiB over the warm part of the run, and their
 *   RSS by less than 24 MiB (a line through the readings, its slope the median of all slopes between two readings, so that single ones do
 *   not tilt it),
 * - neither has more open handles in the second half than it had in the first, but for two,
 * - no call is pending, and the node has exactly the objects and sessions that stand all the time.
 *
 * Pure.
 */
export function verdictOf(readings: readonly Reading[], { objects, sessions }: Expected): Verdict {
  const total = readings.at(-1)?.atMinutes ?? 0;
  const warm = readings.filter(({ atMinutes }) => atMinutes >= total * WARM_AFTER);
  const warmMinutes = total - (warm[0]?.atMinutes ?? 0);
  const slopesOf = (who: 'node' | 'app') => ({ rssKb: slopeOf(warm, reading => reading[who].rssKb), heapKb: slopeOf(warm, reading => reading[who].heapKb) });
  const slopes = { node: slopesOf('node'), app: slopesOf('app') };
  const faults: string[] = [];
  if (warm.length < 2) faults.push(`${readings.length} readings tell nothing: let it run longer`);
  for (const who of ['node', 'app'] as const) {
    for (const memory of ['rssKb', 'heapKb'] as const) {
      const grownKb = slopes[who][memory] * warmMinutes;
      if (grownKb > MAX_GROWTH_KB[memory]) faults.push(`${memory} of the ${who} grew by ${Math.round(grownKb)} in ${warmMinutes.toFixed(1)} minutes`);
    }
    const half = Math.ceil(readings.length / 2);
    const [first, second] = [readings.slice(0, half), readings.slice(half)].map(part => Math.max(...part.map(reading => reading[who].handles)));
    if (second! > first! + SPARE_HANDLES) faults.push(`the ${who} has ${second} open handles, and had ${first}`);
  }
  for (const { atMinutes, node, app } of readings) {
    if (node.objects !== objects || node.sessions !== sessions || app.pending !== 0) {
      faults.push(`at rest after ${atMinutes.toFixed(1)} minutes: ${node.objects} objects, ${node.sessions} sessions, ${app.pending} pending calls; not ${objects}, ${sessions}, 0`);
    }
  }
  return { flat: faults.length === 0, faults, slopes };
}

function slopeOf(readings: readonly Reading[], value: (reading: Reading) => number): number {
  const slopes = readings.flatMap((one, index) => readings.slice(index + 1).map(other => (value(other) - value(one)) / (other.atMinutes - one.atMinutes)));
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
