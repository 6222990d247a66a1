/** The middle of the numbers; of an even count, between the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** One number for each round. */
export type Series = readonly number[];

/** The median of the ratios, round by round: what else the machine does hits both of a round. */
export function ratio(one: Series, other: Series): number {
  return median(one.map((value, round) => value / other[round]!));
}

/** Measures everything in each round, one after the other, the first round for nothing. */
export async function interleave<Name extends string>(rounds: number, measures: Readonly<Record<Name, () => Promise<number> | number>>): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const series = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const value = await measures[name]();
      if (round >= 0) series[name].push(value);
    }
  }
  return series;
}

/** The median time of so many calls, one after the other, in µs. */
export async function p50Us(calls: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const fromMs = performance.now();
    await call(index);
    took.push((performance.now() - fromMs) * 1_000);
  }
  return median(took);
}

/** Calls in a second, with so many under way at all times. */
export async function perSecond(calls: number, atOnce: number, call: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      next += 1;
      await call(next - 1);
    }
  };
  const fromMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, caller));
  return calls / ((performance.now() - fromMs) / 1_000);
}
