import { ProtocolError } from '../errors.ts';
import { tidy } from '../protocol/tidy.ts';

const TAG = '$rope';
const MAX_DEPTH = 32;
/** What a client may give a number to; the rest it sends by value. */
export const MAX_SHARED_VALUES = 256;
export const MAX_SHARED_CHARS = 65_536;

/** A parameter's place, as the keys that lead to it. */
export type Path = readonly string[];

/**
 * Large parameters that a client sends once in a session, and then by number: `{ "$rope": ["def", 1, value] }`, then
 * `{ "$rope": ["ref", 1] }`. Handlers are given the one value each time, and must not change it.
 */
export class SharedValues {
  readonly #values = new Map<number, unknown>();

  /** Puts the value in the place of its word, where a path leads to one. Throws a ProtocolError for one that makes no sense. */
  resolve(params: Record<string, unknown>, paths: readonly Path[]): void {
    for (const path of paths) this.#resolve(params, path);
  }

  #resolve(params: Record<string, unknown>, path: Path): void {
    let at = params;
    for (const key of path.slice(0, -1)) {
      const next = Object.hasOwn(at, key) ? at[key] : undefined;
      if (typeof next !== 'object' || next === null) return;
      at = next as Record<string, unknown>;
    }
    const key = path.at(-1)!;
    const word = Object.hasOwn(at, key) ? wordIn(at[key]) : undefined;
    if (word) at[key] = this.#valueOf(word);
  }

  #valueOf([kind, number, value]: readonly unknown[]): unknown {
    if (kind === 'ref' && this.#values.has(number as number)) return this.#values.get(number as number);
    if (kind !== 'def') throw new ProtocolError('a value was named by a number that nobody has given it');
    if (!Number.isSafeInteger(number) || (number as number) < 1 || (number as number) > MAX_SHARED_VALUES) {
      throw new ProtocolError(`a value was given a number that is none of 1 to ${MAX_SHARED_VALUES}`);
    }
    if (value === undefined || !tidy(value, MAX_DEPTH) || JSON.stringify(value).length > MAX_SHARED_CHARS) {
      throw new ProtocolError(`a value was given a number that is too deep, takes more than ${MAX_SHARED_CHARS} characters, or is none`);
    }
    this.#values.set(number as number, value);
    return value;
  }
}

function wordIn(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, TAG)) return undefined;
  const word = (value as Record<string, unknown>)[TAG];
  return Array.isArray(word) ? word : undefined;
}
