import { ObjectNotFoundError } from '../errors.ts';
import type { ObjectId, ObjectRecord } from '../protocol/message.ts';
import { sameJson } from './equal.ts';

/** What somebody puts into the registry. */
export interface NewObject {
  readonly type: string;
  readonly parent?: ObjectId;
  /** The live object behind it. */
  readonly entity: unknown;
  /** Reads every replicated getter. */
  readonly state: () => Record<string, unknown>;
  /** Closes the live object; called for roots when their session ends. */
  readonly close: () => void;
}

/** One object of the registry. */
export interface RegistryEntry extends NewObject {
  readonly object: ObjectId;
  /** The session that it belongs to. */
  readonly owner: string;
  /** In the order of their creation. */
  readonly children: ReadonlySet<RegistryEntry>;
  /** Something of its state was sent since its record was made. */
  readonly told: boolean;
}

interface Entry extends RegistryEntry {
  readonly children: Set<Entry>;
  told: boolean;
  /** The values that were sent last. */
  sent: Record<string, unknown>;
  /** The text of those that are objects and have been compared before: mediasoup changes some of them in place. */
  texts?: Map<string, string>;
}

/**
 * Every object of the process that clients may name: its number, its place in the tree, whose it is. Numbers are never
 * used twice. It knows nothing of the wire.
 */
export class Registry {
  readonly #entries = new Map<ObjectId, Entry>();
  readonly #roots = new Map<string, Set<Entry>>();
  readonly #byEntity = new Map<unknown, Entry>();
  #last = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Throws an ObjectNotFoundError when its parent is not there (any more), a TypeError when the entity is there already. */
  add(owner: string, entry: NewObject): RegistryEntry {
    const { parent, entity } = entry;
    const above = parent === undefined ? undefined : this.#entries.get(parent);
    if (parent !== undefined && !above) throw new ObjectNotFoundError(`${entry.type} cannot live below object ${parent}, which is closed`);
    if (this.#byEntity.has(entity)) throw new TypeError(`this ${entry.type} is object ${this.#byEntity.get(entity)!.object} already`);
    this.#last += 1;
    const added: Entry = { ...entry, object: this.#last, owner, children: new Set(), told: false, sent: {} };
    this.#entries.set(added.object, added);
    this.#byEntity.set(entity, added);
    if (above) above.children.add(added);
    else this.#rootsOf(owner).add(added);
    return added;
  }

  get(object: ObjectId): RegistryEntry | undefined {
    return this.#entries.get(object);
  }

  idOf(entity: unknown): ObjectId | undefined {
    return this.#byEntity.get(entity)?.object;
  }

  /** The objects of one session that have no parent, in the order of their creation. */
  roots(owner: string): readonly RegistryEntry[] {
    return [...(this.#roots.get(owner) ?? [])];
  }

  /** Every object of every session, in the order of their creation. */
  entries(): IterableIterator<RegistryEntry> {
    return this.#entries.values();
  }

  /** Every object of one session, parents before children. */
  *all(owner: string): IterableIterator<RegistryEntry> {
    for (const root of this.#roots.get(owner) ?? []) yield* subtree(root);
  }

  /** Removes it with everything below it. Returns what was removed, the top first; nothing when it is not there. */
  remove(object: ObjectId): RegistryEntry[] {
    const top = this.#entries.get(object);
    if (!top) return [];
    const removed = [...subtree(top)];
    for (const entry of removed) {
      this.#entries.delete(entry.object);
      this.#byEntity.delete(entry.entity);
    }
    if (top.parent !== undefined) this.#entries.get(top.parent)?.children.delete(top);
    else {
      const roots = this.#roots.get(top.owner);
      roots?.delete(top);
      if (roots?.size === 0) this.#roots.delete(top.owner);
    }
    return removed;
  }

  /** What it looks like now; from here on changes are counted from this state. */
  record({ object, type, parent }: RegistryEntry): ObjectRecord {
    const entry = this.#entries.get(object)!;
    const state = entry.state();
    entry.sent = { ...state };
    entry.told = false;
    entry.texts = undefined;
    return { object, type, ...(parent !== undefined && { parent }), state: forWire(state) };
  }

  /** Of these getters, those that changed since they were last sent; `undefined` when none did. They count as sent. */
  changes(object: ObjectId, keys: readonly string[]): Record<string, unknown> | undefined {
    const entry = this.#entries.get(object);
    if (!entry) return undefined;
    const state = entry.state();
    const changed = keys.filter(key => hasChanged(entry, key, state[key]));
    entry.told ||= changed.length > 0;
    return changed.length === 0 ? undefined : forWire(Object.fromEntries(changed.map(key => [key, state[key]])));
  }

  /** These values are being sent with an event. Returns them as they go on the wire. */
  sent(object: ObjectId, state: Record<string, unknown>): Record<string, unknown> {
    const entry = this.#entries.get(object);
    if (entry) {
      entry.told = true;
      for (const key of Object.keys(state)) {
        entry.sent[key] = state[key];
        entry.texts?.delete(key); // events come often: no text is written for them
      }
    }
    return forWire(state);
  }

  #rootsOf(owner: string): Set<Entry> {
    const roots = this.#roots.get(owner) ?? new Set();
    this.#roots.set(owner, roots);
    return roots;
  }
}

function* subtree(entry: Entry): IterableIterator<Entry> {
  yield entry;
  for (const child of entry.children) yield* subtree(child);
}

function hasChanged(entry: Entry, key: string, value: unknown): boolean {
  const former = entry.sent[key];
  entry.sent[key] = value;
  if (typeof value !== 'object' || value === null) return !sameJson(former, value);
  const text = JSON.stringify(value);
  const texts = (entry.texts ??= new Map());
  // The first time there is no text to compare with: the object may be the one that was sent, changed in place.
  const same = texts.has(key) ? texts.get(key) === text : former !== value && sameJson(former, value);
  texts.set(key, text);
  return !same;
}

// JSON drops a field that is undefined; a null in its place tells that the getter has become so.
function forWire(state: Record<string, unknown>): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const key of Object.keys(state)) wire[key] = state[key] === undefined ? null : state[key];
  return wire;
}
