import createDebug from 'debug';
import type { KubeClient, Selection } from '../kube-client.ts';
import type { ResourceKind } from '../kinds.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { Reflector, type ReflectorHealth, type ReflectorOptions } from './reflector.ts';
import { type Indexers, type ReadonlyStore, Store } from './store.ts';

const debug = createDebug('mediacluster:kube:informer');

/** Who wants to know. Handlers are called in order, with the store already up to date; they should be short (put a key in a queue). */
export interface InformerHandlers<T extends KubeObject> {
  added?(object: T): void;
  /** The same object (by uid) in a new state. An object that was replaced under its name is `deleted`, then `added`. */
  updated?(previous: T, object: T): void;
  /** With the last state that is known. */
  deleted?(object: T): void;
  /** The first list is in the store. Called once for each handler, after the `added` of all its objects. */
  synced?(): void;
}

export interface InformerHealth extends ReflectorHealth {
  /** Handlers that threw; the informer went on. */
  handlerErrors: number;
}

export interface InformerOptions<T extends KubeObject> extends ReflectorOptions {
  indexers?: Indexers<T>;
}

/**
 * A copy of part of the cluster in memory that keeps itself up to date, and tells what changes in it. It survives whatever the
 * network and the API server do; what is in the store during an outage is the last state known.
 */
export class Informer<T extends KubeObject> {
  readonly #store: Store<T>;
  readonly #reflector: Reflector<T>;
  readonly #kind: ResourceKind;
  #handlers: readonly InformerHandlers<T>[] = [];
  readonly #waiting = new Set<() => void>();
  #hasSynced = false;
  #handlerErrors = 0;

  constructor(client: KubeClient, kind: ResourceKind, selection: Selection, options: InformerOptions<T> = {}) {
    this.#kind = kind;
    this.#store = new Store(options.indexers);
    this.#reflector = new Reflector<T>(client, kind, selection, {
      replace: objects => this.#replace(objects),
      apply: (type, object) => type === 'DELETED' ? this.#remove(object) : this.#put(object),
    }, options);
  }

  get store(): ReadonlyStore<T> {
    return this.#store;
  }

  /** The store has held the whole selection at least once. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get health(): Readonly<InformerHealth> {
    return { ...this.#reflector.health, handlerErrors: this.#handlerErrors };
  }

  /** Begins to list and watch. Safe twice. */
  start(): void {
    this.#reflector.start();
  }

  /** Ends it: nothing runs on and no handler is called any more. The store keeps what it has. Safe twice. */
  async stop(): Promise<void> {
    await this.#reflector.stop();
  }

  /** Resolves once the store holds the selection; rejects with the signal's reason. Waits for ever where the API server cannot be reached. */
  whenSynced(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasSynced) return resolve();
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        this.#waiting.delete(onSynced);
        reject(signal?.reason as Error);
      };
      const onSynced = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.add(onSynced);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Adds handlers; the answer takes them away. Those that come late are told of everything in the store first. What a handler throws
   * is caught, logged and counted in `health.handlerErrors`.
   */
  on(handlers: InformerHandlers<T>): () => void {
    this.#handlers = [...this.#handlers, handlers]; // a new list: one that is being gone through stays as it is
    for (const object of this.#store.list()) this.#tell(handlers, 'added', object);
    if (this.#hasSynced) this.#tell(handlers, 'synced');
    return () => {
      this.#handlers = this.#handlers.filter(other => other !== handlers);
    };
  }

  #replace(objects: T[]): void {
    const listed = new Set(objects.map(object => keyOf(object)));
    for (const known of this.#store.list()) if (!listed.has(keyOf(known))) this.#remove(known);
    for (const object of objects) this.#put(object);
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    for (const handlers of this.#handlers) this.#tell(handlers, 'synced');
    for (const onSynced of this.#waiting) onSynced();
    this.#waiting.clear();
  }

  #put(object: T): void {
    const known = this.#store.get(keyOf(object));
    if (known && known.metadata.uid === object.metadata.uid) {
      // Told twice: after a reconnect, or by a list that follows a watch.
      if (known.metadata.resourceVersion === object.metadata.resourceVersion) return;
      this.#store.put(object);
      this.#tellAll('updated', known, object);
      return;
    }
    if (known) this.#remove(known);
    this.#store.put(object);
    this.#tellAll('added', object);
  }

  #remove(object: T): void {
    const key = keyOf(object);
    const known = this.#store.get(key);
    // Of an object that has a successor under its name already, or of which we never heard, there is nothing to tell.
    if (!known || known.metadata.uid !== object.metadata.uid) return;
    this.#store.delete(key);
    this.#tellAll('deleted', object);
  }

  #tellAll<E extends keyof InformerHandlers<T>>(event: E, ...objects: Parameters<NonNullable<InformerHandlers<T>[E]>>): void {
    for (const handlers of this.#handlers) this.#tell(handlers, event, ...objects);
  }

  #tell<E extends keyof InformerHandlers<T>>(handlers: InformerHandlers<T>, event: E, ...objects: Parameters<NonNullable<InformerHandlers<T>[E]>>): void {
    try {
      (handlers[event] as ((...objects: unknown[]) => void) | undefined)?.apply(handlers, objects);
    } catch (error) {
      this.#handlerErrors += 1;
      debug('handler threw %o', { kind: this.#kind.plural, event, error });
    }
  }
}
