import { ObjectNotFoundError } from '../errors.ts';
import type { ObjectId, ObjectRecord } from '../protocol/message.ts';
import { sameJson } from './equal.ts';

/** What somebody puts into the registry. */
export interface NewObject {
  readonly type: string;
  readonly parent?: ObjectId | undefined;
  /** The live object behind it. */
  readonly entity: unknown;
  /** Reads every replicated getter; asked for some, it may leave out the others. */
  readonly state: (keys?: readonly string[]) => Record<string, unknown>;
  /** Closes the live object; called when its owner is gone, unless its parent takes it along. */
  readonly close: () => void;
  /** The JSON form of what the app keeps with it. */
  readonly appData?: Record<string, unknown> | undefined;
}

/** One object of the registry. */
export interface RegistryEntry extends NewObject {
  readonly object: ObjectId;
  /** Who made it, as a key: a session, or several that share an `ownerId`. */
  readonly owner: string;
  /** Everything above it is its owner's too, so that its owner can see it without seeing anybody else's. */
  readonly apart: boolean;
  /** In the order of their creation. */
  readonly children: ReadonlySet<RegistryEntry>;
  /** Something of its state was sent since it was made. */
  readonly told: boolean;
}

interface Entry extends RegistryEntry {
  children: ReadonlySet<Entry>;
  appData: Record<string, unknown> | undefined;
  told: boolean;
  /** The values that were sent last. */
  sent: Record<string, unknown>;
  /** The text of those that are objects and have been compared before: mediasoup changes some of them in place. */
  texts?: Map<string, string> | undefined;
}

/** Most objects have no children, and share this. */
const CHILDLESS: ReadonlySet<Entry> = new Set();
const NOTHING: ReadonlyMap<ObjectId, Entry> = new Map();

/** In the place of a value that not everybody has been sent: whatever comes next is a change. */
const UNSURE = Symbol('unsure');

/**
 * Every object of the process that clients may name: its number, its place in the tree, whose it is. Numbers are never
 * used twice, and grow: whatever walks in their order meets parents before children. It knows nothing of the wire.
 */
export class Registry {
  readonly #entries = new Map<ObjectId, Entry>();
  readonly #byOwner = new Map<string, Map<ObjectId, Entry>>();
  readonly #byEntity = new Map<unknown, Entry>();
  #last = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Throws an ObjectNotFoundError when its parent is not there (any more), a TypeError when the entity is there already. */
  add(owner: string, { type, parent, entity, state, close, appData }: NewObject): RegistryEntry {
    const above = parent === undefined ? undefined : this.#entries.get(parent);
    if (parent !== undefined && !above) throw new ObjectNotFoundError(`${type} cannot live below object ${parent}, which is closed`);
    if (this.#byEntity.has(entity)) throw new TypeError(`this ${type} is object ${this.#byEntity.get(entity)!.object} already`);
    this.#last += 1;
    const apart = !above || (above.apart && above.owner === owner);
    const added: Entry = { object: this.#last, type, parent, entity, state, close, appData, owner, apart, children: CHILDLESS, told: false, sent: { ...state() } };
    this.#entries.set(added.object, added);
    this.#byEntity.set(entity, added);
    const owned = this.#byOwner.get(owner) ?? new Map<ObjectId, Entry>();
    if (owned.size === 0) this.#byOwner.set(owner, owned);
    owned.set(added.object, added);
    if (above) childrenOf(above).add(added);
    return added;
  }

  /** The record of an object whose parent is not there any more: it has a number that no other object gets, and is not taken in. */
  stillborn({ type, parent, state }: NewObject): ObjectRecord {
    this.#last += 1;
    return { object: this.#last, type, ...(parent !== undefined && { parent }), state: forWire({ ...state() }) };
  }

  get(object: ObjectId): RegistryEntry | undefined {
    return this.#entries.get(object);
  }

  idOf(entity: unknown): ObjectId | undefined {
    return this.#byEntity.get(entity)?.object;
  }

  /** How many objects are of this owner. */
  count(owner: string): number {
    return this.#byOwner.get(owner)?.size ?? 0;
  }

  /** Of one owner's objects, those that no other object of the same owner takes along, in the order of their creation. */
  tops(owner: string): RegistryEntry[] {
    return [...this.of(owner)].filter(({ parent }) => parent === undefined || this.#entries.get(parent)!.owner !== owner);
  }

  /** Every object, in the order of their creation. Goes on over what comes and goes meanwhile. */
  entries(): IterableIterator<RegistryEntry> {
    return this.#entries.values();
  }

  /** As `entries()`, of one owner. */
  of(owner: string): IterableIterator<RegistryEntry> {
    return (this.#byOwner.get(owner) ?? NOTHING).values();
  }

  /** Removes it with everything below it. Returns what was removed, the top first; nothing when it is not there. */
  remove(object: ObjectId): RegistryEntry[] {
    const top = this.#entries.get(object);
    if (!top) return [];
    const removed = subtree(top);
    for (const entry of removed) {
      this.#entries.delete(entry.object);
      this.#byEntity.delete(entry.entity);
      const owned = this.#byOwner.get(entry.owner)!;
      owned.delete(entry.object);
      if (owned.size === 0) this.#byOwner.delete(entry.owner);
    }
    if (top.parent !== undefined) childrenOf(this.#entries.get(top.parent)!).delete(top);
    return removed;
  }

  /** What it looked like when it was added. */
  firstRecord(entry: RegistryEntry): ObjectRecord {
    return recordOf(entry, (entry as Entry).sent);
  }

  /** What it looks like now, for one client: what others have been sent is not forgotten. */
  record({ object }: RegistryEntry): ObjectRecord {
    const entry = this.#entries.get(object)!;
    const { sent } = entry;
    const state = entry.state();
    for (const key of Object.keys(state)) if (!Object.is(sent[key], state[key])) sent[key] = UNSURE;
    entry.texts = undefined;
    return recordOf(entry, state);
  }

  /** Of these getters, those that changed since they were last sent; `undefined` when none did. They count as sent. */
  changes(object: ObjectId, keys: readonly string[]): Record<string, unknown> | undefined {
    const entry = this.#entries.get(object);
    if (!entry) return undefined;
    const state = entry.state(keys);
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

  /** From here on this is what its app keeps with it. Returns whether it is there. */
  setAppData(object: ObjectId, appData: Record<string, unknown> | undefined): boolean {
    const entry = this.#entries.get(object);
    if (!entry) return false;
    entry.appData = appData;
    entry.told = true;
    return true;
  }
}

function recordOf({ object, type, parent, appData }: RegistryEntry, state: Record<string, unknown>): ObjectRecord {
  return { object, type, ...(parent !== undefined && { parent }), state: forWire(state), ...(appData && { appData }) };
}

function childrenOf(entry: Entry): Set<Entry> {
  if (entry.children === CHILDLESS) entry.children = new Set();
  return entry.children as Set<Entry>;
}

/** It and everything below it, each before its children. Not by recursion: how deep a tree is, clients decide. */
function subtree(top: Entry): Entry[] {
  const found = [top];
  for (const entry of found) for (const child of entry.children) found.push(child); // `found` grows while it is walked
  return found;
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
