import type { ObjectId } from '@mediacluster/rope/contract';

/**
 * The arguments of an event with a producer's number in the place of each Producer: `dominantspeaker({ producer })`,
 * `volumes([{ producer, volume }])`, `addproducer(producer)`. Pure.
 *
 * @returns `undefined` when nothing is left to tell: mediasoup leaves gone producers out in the same way
 */
export function namesOf(args: readonly unknown[], idOf: (producer: unknown) => ObjectId | undefined): unknown[] | undefined {
  const [argument] = args;
  if (Array.isArray(argument)) {
    const entries = argument.map(entry => named(entry as WithProducer, idOf)).filter(entry => entry !== undefined);
    return entries.length > 0 ? [entries] : undefined;
  }
  const told = hasProducer(argument) ? named(argument, idOf) : idOf(argument);
  return told === undefined ? undefined : [told];
}

interface WithProducer {
  readonly producer: unknown;
}

function named(entry: WithProducer, idOf: (producer: unknown) => ObjectId | undefined): object | undefined {
  const producer = idOf(entry.producer);
  return producer === undefined ? undefined : { ...entry, producer };
}

function hasProducer(argument: unknown): argument is WithProducer {
  return typeof argument === 'object' && argument !== null && 'producer' in argument;
}
