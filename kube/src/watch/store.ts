import { keyOf, type KubeObject } from '../object.ts';

/** Under which values an object is found in an index: its owners' uids, the values of a label. */
export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** What everybody may do with a store: read. Its objects are frozen; copy one (`structuredClone`) to change it. */
export interface ReadonlyStore<T extends KubeObject> {
  /** Key: `namespace/name`, see `keyOf`. */
  get(key: string): T | undefined;
  list(): T[];
  /** All objects that the index files under the value. Throws a `TypeError` for an index that was not declared. */
  byIndex(name: string, value: string): T[];
  readonly size: number;
}

/** What we know of the cluster: objects by key, and by the values of its indexes. */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Indexers<T>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indexes.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new TypeError(`the store has no index "${name}"; it has ${[...this.#indexes.keys()].join(', ') || 'none'}`);
    return [...index.get(value) ?? []].map(key => this.#objects.get(key) as T);
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Puts the object in place of the one under its key, frozen: a reader that writes to a shared object is told so at once. */
  put(object: T): void {
    const key = keyOf(object);
    this.delete(key);
    this.#objects.set(key, deepFreeze(object));
    for (const [name, values] of this.#valuesOf(object)) {
      const index = this.#indexes.get(name) as Map<string, Set<string>>;
      for (const value of values) {
        const keys = index.get(value);
        if (keys) keys.add(key);
        else index.set(value, new Set([key]));
      }
    }
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    for (const [name, values] of this.#valuesOf(object)) {
      const index = this.#indexes.get(name) as Map<string, Set<string>>;
      for (const value of values) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }

  #valuesOf(object: T): [string, readonly string[]][] {
    return Object.entries(this.#indexers).map(([name, valuesOf]) => [name, valuesOf(object)]);
  }
}

function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
