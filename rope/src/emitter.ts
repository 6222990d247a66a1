type Listener<Args extends unknown[]> = (...args: Args) => unknown;
interface Entry {
  readonly listener: (...args: never) => unknown;
  readonly once: boolean;
}

/**
 * A typed emitter with the shape of Node's, so that `events.once()` takes it; it runs in a browser too.
 *
 * Two differences: an `error` without listeners is not thrown, and an exception in a listener does not reach whoever
 * emits. It is thrown again in a task of its own, where it is an uncaught exception as it would be anywhere else, while
 * the other listeners and the session go on.
 */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  #entries: Map<keyof Events, Entry[]> | undefined;

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    return this.#add(name, { listener, once: false });
  }

  /** The listener is called at most once. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    return this.#add(name, { listener, once: true });
  }

  /** Removes one entry of this listener; does nothing when there is none. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const entries = this.#entries?.get(name);
    const index = entries?.findLastIndex(entry => entry.listener === listener) ?? -1;
    // A new array, so that a round of `emit` that is under way sees the list as it was when it began.
    if (index >= 0) this.#entries?.set(name, entries!.toSpliced(index, 1));
    return this;
  }

  addListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    return this.on(name, listener);
  }

  removeListener<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    return this.off(name, listener);
  }

  removeAllListeners(name?: keyof Events): this {
    if (name === undefined) this.#entries = undefined;
    else this.#entries?.delete(name);
    return this;
  }

  listenerCount(name: keyof Events): number {
    return this.#entries?.get(name)?.length ?? 0;
  }

  /** Calls the listeners in the order they came. Returns whether there was one. Never throws. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): boolean {
    const entries = this.#entries?.get(name);
    if (!entries || entries.length === 0) return false;
    for (const entry of entries) {
      const listener = entry.listener as unknown as Listener<Events[Name]>;
      if (entry.once) this.off(name, listener);
      guarded(() => listener.apply(this, args));
    }
    return true;
  }

  #add(name: keyof Events, entry: Entry): this {
    this.#entries ??= new Map();
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), entry]);
    return this;
  }
}

/** Runs foreign code; what it throws is thrown again in a task of its own. */
export function guarded(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
