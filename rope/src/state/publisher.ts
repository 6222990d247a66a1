import type { ObjectId, ObjectRecord, RopeNotifications } from '../protocol/message.ts';
import type { Registry, RegistryEntry } from './registry.ts';

/** At most so many objects in one message of a snapshot, so that neither side stops for long (measured: 100 take 1.5 ms). */
const OBJECTS_PER_SNAPSHOT = 100;

/** Somebody who is told of changes. */
export interface Subscriber {
  readonly id: string;
  notify<Name extends keyof RopeNotifications>(method: Name, params: RopeNotifications[Name]): void;
}

/** Turns what happens in the registry into notifications for those who may see it: in protocol 1 the owner alone. */
export class Publisher {
  readonly #registry: Registry;
  readonly #subscribers = new Map<string, Subscriber>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.set(subscriber.id, subscriber);
  }

  unsubscribe(id: string): void {
    this.#subscribers.delete(id);
  }

  /** Everything that the subscriber may see. */
  snapshot(subscriber: Subscriber): void {
    let objects: ObjectRecord[] = [];
    for (const entry of this.#registry.all(subscriber.id)) {
      if (objects.length === OBJECTS_PER_SNAPSHOT) {
        subscriber.notify('rope.snapshot', { objects, last: false });
        objects = [];
      }
      objects.push(this.#registry.record(entry));
    }
    subscriber.notify('rope.snapshot', { objects, last: true });
  }

  /** An object that nobody gets in an answer. */
  created(entry: RegistryEntry, record: ObjectRecord): void {
    this.#tell(entry, 'rope.created', record);
  }

  /** Reads these getters and sends those that changed. */
  refresh(object: ObjectId, keys: readonly string[]): void {
    const entry = this.#registry.get(object);
    const state = this.#registry.changes(object, keys);
    if (entry && state) this.#tell(entry, 'rope.patch', { object, state });
  }

  event(object: ObjectId, event: string, args: readonly unknown[], state?: Record<string, unknown>): void {
    const entry = this.#registry.get(object);
    if (entry) this.#tell(entry, 'rope.event', { object, event, args, ...(state && { state: this.#registry.sent(object, state) }) });
  }

  /** Removes it with everything below it, and tells of the top. Does nothing when it is gone already. */
  closed(object: ObjectId, event?: string, args?: readonly unknown[]): void {
    const [top] = this.#registry.remove(object);
    if (top) this.#tell(top, 'rope.closed', { object, ...(event !== undefined && { event }), ...(args && { args }) });
  }

  /** As `closed()`, for one that has left the registry before this client heard of it. */
  gone(subscriber: string, object: ObjectId): void {
    this.#subscribers.get(subscriber)?.notify('rope.closed', { object });
  }

  #tell<Name extends keyof RopeNotifications>(entry: RegistryEntry, method: Name, params: RopeNotifications[Name]): void {
    this.#subscribers.get(entry.owner)?.notify(method, params);
  }
}
