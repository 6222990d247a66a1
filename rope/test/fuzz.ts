/** What a stranger may send: messages of nearly the right shape, and real frames with a few bytes changed. */
import * as fc from 'fast-check';

/** Numbers from 0 to 1 that can be had again by their seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_00_00_00_00;
  };
}

export const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const EDGES: readonly unknown[] = [
  0, -1, 1, 2, 7, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), null, true, false, '', '1', '__proto__', 'constructor', 'toString', [], {}, [[]],
  { length: -1 }, JSON.parse('{"then":1}'), { toJSON: 1 }, { $rope: ['bigint', 'x'] }, { $rope: ['date', 'x'] }, { $rope: ['bytes', '%'] }, { $rope: 1 }, { $rope: ['object', null] },
  'x'.repeat(2_000), JSON.parse('{"__proto__":{"polluted":1}}'), JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'), JSON.parse('['.repeat(200) + ']'.repeat(200)),
];
const edge = fc.constantFrom(...EDGES);
/** Anything that JSON can say. */
export const junk: fc.Arbitrary<unknown> = fc.oneof({ weight: 3, arbitrary: edge }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
const id = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) }, { weight: 1, arbitrary: junk });
const word = fc.tuple(fc.constantFrom('def', 'def', 'def', 'def', 'ref', 'x'), fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 1, arbitrary: junk }), junk).map(said => ({ $rope: said }));

export const clientParams: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ counter: id, by: junk }, { requiredKeys: [] }),
  fc.record({ counter: id, appData: junk }),
  fc.record({ parent: id, value: junk, appData: junk }, { requiredKeys: [] }),
  fc.record({ options: fc.oneof(junk, fc.record({ table: fc.oneof({ weight: 1, arbitrary: word }, { weight: 4, arbitrary: junk }) })) }),
  fc.record({ id }),
  fc.dictionary<string, unknown>(fc.constantFrom('__proto__', 'constructor', 'counter', 'how', 'value', 'data', 'id'), junk),
);

const record = fc.oneof(
  fc.record({ object: id, type: fc.constant('counter'), parent: id, state: fc.record({ value: junk }), appData: junk }, { requiredKeys: ['object', 'type', 'state'] }) as fc.Arbitrary<unknown>,
  junk,
);
/** What a server that means no good could tell. */
export const serverParams: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  record.map(it => (typeof it === 'object' && it !== null && !Array.isArray(it) ? it as Record<string, unknown> : { object: it })),
  fc.record({ objects: fc.oneof(junk, fc.array(record, { maxLength: 4 })), last: fc.oneof(fc.boolean() as fc.Arbitrary<unknown>, junk) }),
  fc.record({ object: id, state: fc.oneof(junk, fc.record({ value: junk, label: junk })), appData: junk, own: junk }, { requiredKeys: ['object'] }),
  fc.record({ object: id, event: fc.oneof(fc.constant('poke'), junk), args: fc.oneof(junk, fc.array(junk, { maxLength: 3 })), state: junk }, { requiredKeys: ['object'] }),
  fc.record({ draining: junk, reason: junk }, { requiredKeys: [] }),
);

const object = fc.integer({ min: 1, max: 40 });
const state = fc.record({ value: junk, label: junk }, { requiredKeys: [] });
const soundRecord = fc.record({ object, type: fc.constant('counter'), parent: fc.integer({ min: 1, max: 40 }), state }, { requiredKeys: ['object', 'type', 'state'] });
/** What fits whichever word of a server it goes with, so that more than the first of them is heeded. */
export const soundServerParams: fc.Arbitrary<Record<string, unknown>> = fc.record({
  object, type: fc.constant('counter'), state, event: fc.constant('poke'), args: fc.array(junk, { maxLength: 3 }),
  objects: fc.array(soundRecord, { maxLength: 4 }), last: fc.boolean(), draining: fc.boolean(), reason: fc.string(),
});

/** The same bytes with one to four of them changed, doubled, left out or moved. */
export function mutate(random: () => number, bytes: Uint8Array): Buffer {
  let mutant = Buffer.from(bytes);
  for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
    const at = Math.floor(random() * mutant.length);
    const [before, after] = [mutant.subarray(0, at), mutant.subarray(at)];
    switch (Math.floor(random() * 6)) {
      case 0: mutant = Buffer.concat([before, after.subarray(1)]); break;
      case 1: mutant = Buffer.concat([before, Buffer.from([Math.floor(random() * 256)]), after]); break;
      case 2: mutant = Buffer.concat([before, Buffer.from(pick(random, ['9', '-', '{', ']', '"', 'null', '1e400', '__proto__', '\\u0000', '99999999999999999999'])), after]); break;
      case 3: mutant = Buffer.concat([before, after.subarray(0, 20), after]); break;
      case 4: mutant = Buffer.concat([after, before]); break;
      default: mutant = Buffer.from(mutant); if (mutant.length > 0) mutant[at] = mutant[at]! ^ (1 << Math.floor(random() * 8));
    }
  }
  return mutant;
}
