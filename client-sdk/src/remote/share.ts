/** Texts per generation; with the usual capabilities this is 1 MiB at most. */
const GENERATION = 512;

/**
 * One object for equal ones. It remembers the last 512 to 1,024 different ones, so that what no longer comes is let go.
 */
export class Shared {
  readonly #limit: number;
  #young = new Map<string, unknown>();
  #old = new Map<string, unknown>();

  constructor(limit: number = GENERATION) {
    this.#limit = limit;
  }

  /** An object that is equal to this one: the first of its kind. Nobody may change either. */
  one<T>(value: T): T {
    if (value === undefined) return value;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    let known = this.#young.get(text);
    if (known === undefined) {
      known = this.#old.get(text) ?? value;
      if (this.#young.size >= this.#limit) {
        this.#old = this.#young;
        this.#young = new Map();
      }
      this.#young.set(text, known);
    }
    return known as T;
  }
}

type State = Record<string, unknown>;

const strings = new Shared();
const parts = new Shared();

/** Of each getter that many objects have alike: which parts of it, or `all` of it. Getters hand out copies, so nobody sees it. */
const ALIKE: readonly (readonly [getter: string, parts: readonly string[] | 'all' | 'text'])[] = [
  ['producerId', 'text'],
  ['dataProducerId', 'text'],
  ['rtpParameters', ['codecs', 'headerExtensions', 'rtcp']],
  ['consumableRtpParameters', ['codecs', 'headerExtensions', 'rtcp']],
  ['score', 'all'],
  ['rtpCapabilities', 'all'],
  ['sctpParameters', 'all'],
];

/** Lets a state that has just come in share what is equal to others': of a consumer that is most of it. Changes it in place. */
export function shareParts(state: State): void {
  for (const [getter, alike] of ALIKE) {
    const value = state[getter];
    if (value === undefined || value === null) continue;
    if (alike === 'text') state[getter] = strings.one(value);
    else if (alike === 'all') state[getter] = parts.one(value);
    else for (const part of alike) if (part in (value as State)) (value as State)[part] = parts.one((value as State)[part]);
  }
}
