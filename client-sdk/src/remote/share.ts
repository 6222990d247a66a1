/** How many kinds are remembered: 256 to 512, each with up to 4 values. With the usual capabilities this is 1 MiB at most. */
const GENERATION = 256;
const CANDIDATES = 4;

/** One object for equal ones. It remembers those that came last, so that what no longer comes is let go. */
export class Shared {
  readonly #limit: number;
  #young = new Map<string, unknown[]>();
  #old = new Map<string, unknown[]>();

  /** @param limit how many kinds make a generation; up to two of them are kept */
  constructor(limit: number = GENERATION) {
    this.#limit = limit;
  }

  /**
   * An equal value: the first of its kind. Nobody may change it. Takes JSON alone.
   *
   * @param recent what was last found in the same place: objects that come one after the other are mostly alike
   */
  one<T>(value: T, recent: unknown[] = []): T {
    for (const candidate of recent) if (equal(candidate, value)) return candidate as T;
    const found = this.#find(value);
    recent.unshift(found);
    if (recent.length > CANDIDATES) recent.pop();
    return found;
  }

  #find<T>(value: T): T {
    const candidates = this.#candidates(kindOf(value));
    for (const candidate of candidates) if (equal(candidate, value)) return candidate as T;
    if (candidates.length === CANDIDATES) candidates.shift();
    candidates.push(value);
    return value;
  }

  #candidates(kind: string): unknown[] {
    const known = this.#young.get(kind);
    if (known) return known;
    const candidates = this.#old.get(kind) ?? [];
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(kind, candidates);
    return candidates;
  }
}

/**
 * What is quickly seen of a value, and mostly tells it from others: its own plain fields, of a list its length and its first entry. The
 * whole as text would tell for certain, and took four times as long (7.5 µs of the 20 µs that a consumer's record may take).
 */
function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `${value.length} ${kindOf(value[0])}`;
  let kind = '';
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    if (typeof field !== 'object') kind += `${field as string} `;
  }
  return kind;
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && equalItems(one, other);
  let fields = 0;
  for (const key in one) {
    if (!equal((one as State)[key], (other as State)[key])) return false;
    fields += 1;
  }
  for (const _key in other) fields -= 1;
  return fields === 0;
}

function equalItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (!equal(one[index], other[index])) return false;
  return true;
}

type State = Record<string, unknown>;

const shared = new Shared();

/** A place in a state, and what was last found there. */
interface Place {
  readonly name: string;
  readonly recent: unknown[];
}

const place = (name: string): Place => ({ name, recent: [] });

/** The getters that many objects have alike: whole, or which parts of them. They hand out copies, so nobody sees it. */
const ALIKE: readonly (Place & { readonly parts?: readonly Place[] })[] = [
  place('producerId'),
  place('dataProducerId'),
  { ...place('rtpParameters'), parts: ['codecs', 'headerExtensions', 'rtcp'].map(place) },
  { ...place('consumableRtpParameters'), parts: ['codecs', 'headerExtensions', 'rtcp'].map(place) },
  place('score'),
  place('rtpCapabilities'),
  place('sctpParameters'),
];

/** Lets a state that has just come in share what is equal to others': of a consumer that is most of it. Changes it in place. */
export function shareParts(state: State): void {
  for (const { name, recent, parts } of ALIKE) {
    const value = state[name];
    if (value === undefined || value === null) continue;
    if (!parts) state[name] = shared.one(value, recent);
    else for (const part of parts) if ((value as State)[part.name] !== undefined) (value as State)[part.name] = shared.one((value as State)[part.name], part.recent);
  }
}
