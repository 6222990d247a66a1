/** The server takes so many, and none longer (docs/protocol.md, limits). */
const MAX_VALUES = 256;
const MAX_CHARS = 65_536;
/** Below this a number saves nothing. */
const MIN_CHARS = 100;

interface Shared {
  readonly number: number;
  /** Of the message that brings it. */
  readonly message: number;
}

/**
 * Large parameters that are mostly the same: sent once in a session, then by number. A value is named by its number only
 * when the message that brings it has been sent: until then that message may still be withdrawn.
 */
export class SharedValues {
  readonly #isSent: (message: number) => boolean;
  readonly #values = new Map<string, Shared>();
  #last = 0;

  constructor(isSent: (message: number) => boolean) {
    this.#isSent = isSent;
  }

  /** The parameters as they are to be written into the message of this number; the given ones are left as they are. */
  replace(params: Record<string, unknown>, paths: readonly string[], message: number): Record<string, unknown> {
    let replaced = params;
    for (const path of paths) replaced = this.#replaceAt(replaced, path.split('.'), message);
    return replaced;
  }

  /** A message was withdrawn before it was sent, and what it would have brought with it. */
  withdrawn(message: number): void {
    for (const [text, shared] of this.#values) if (shared.message === message) this.#values.delete(text);
  }

  /** The server knows none of them (any more). */
  clear(): void {
    this.#values.clear();
    this.#last = 0;
  }

  #replaceAt(at: Record<string, unknown>, [key, ...rest]: readonly string[], message: number): Record<string, unknown> {
    const value = at[key!];
    if (typeof value !== 'object' || value === null) return at;
    const replaced = rest.length === 0 ? this.#word(value, message) : this.#replaceAt(value as Record<string, unknown>, rest, message);
    return replaced === value ? at : { ...at, [key!]: replaced };
  }

  #word(value: object, message: number): object {
    const text = JSON.stringify(value);
    if (text.length < MIN_CHARS || text.length > MAX_CHARS) return value;
    const known = this.#values.get(text);
    if (known) return this.#isSent(known.message) ? { $rope: ['ref', known.number] } : value;
    if (this.#last === MAX_VALUES) return value;
    this.#last += 1;
    this.#values.set(text, { number: this.#last, message });
    return { $rope: ['def', this.#last, value] };
  }
}
