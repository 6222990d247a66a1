import { ObjectNotFoundError } from '../errors.ts';
import type { ObjectId, ObjectRecord } from '../protocol/message.ts';
import type { Publisher } from '../state/publisher.ts';
import type { NewObject, Registry, RegistryEntry } from '../state/registry.ts';

/** An object to be owned by a session. */
export interface SessionObject extends NewObject {
  /** Tell the client by `rope.created`, because no answer will bring it the record. Default: false. */
  readonly announce?: boolean;
}

/** A session's view on the registry: it sees its own objects only. */
export class SessionObjects {
  readonly #owner: string;
  readonly #registry: Registry;
  readonly #publisher: Publisher;
  /** Which records were handed out here: an answer that is one of them has made an object. */
  readonly #records = new WeakMap<object, ObjectId>();

  constructor(owner: string, registry: Registry, publisher: Publisher) {
    this.#owner = owner;
    this.#registry = registry;
    this.#publisher = publisher;
  }

  /**
   * Takes an object in and returns what the creating request answers. Subscribe to the entity's events in the same
   * synchronous step. Throws an ObjectNotFoundError when the parent was closed meanwhile: close the entity then.
   */
  add({ announce = false, ...object }: SessionObject): ObjectRecord {
    const { parent } = object;
    if (parent !== undefined) this.#own(parent);
    const entry = this.#registry.add(this.#owner, object);
    const record = this.#registry.record(entry);
    this.#records.set(record, entry.object);
    if (announce) this.announce(entry.object);
    return record;
  }

  /** The live object. Throws an ObjectNotFoundError (on the wire: `NotFoundError`) when this session has none of that number and type. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows the class behind a type
  get<Entity>(type: string | readonly string[], object: ObjectId): Entity {
    const entry = this.#own(object);
    if (typeof type === 'string' ? entry.type !== type : !type.includes(entry.type)) {
      throw new ObjectNotFoundError(`object ${object} is a ${entry.type}, not a ${typeof type === 'string' ? type : type.join(' or ')}`);
    }
    return entry.entity as Entity;
  }

  /** Reads these getters and sends those that changed since they were last sent. */
  refresh(object: ObjectId, keys: readonly string[]): void {
    this.#publisher.refresh(object, keys);
  }

  /** Tells of an event, with the getters that changed before it. */
  event(object: ObjectId, event: string, args: readonly unknown[], state?: Record<string, unknown>): void {
    this.#publisher.event(object, event, args, state);
  }

  /** The entity is closed: it leaves with everything below it, and the client hears of the top. Safe to call twice. */
  closed(object: ObjectId, event?: string, args?: readonly unknown[]): void {
    this.#publisher.closed(object, event, args);
  }

  /** The number of one of this session's entities. */
  idOf(entity: unknown): ObjectId | undefined {
    const object = this.#registry.idOf(entity);
    return object !== undefined && this.#registry.get(object)?.owner === this.#owner ? object : undefined;
  }

  /** The object that this answer hands out, if it is the record of one. */
  madeBy(result: unknown): ObjectId | undefined {
    return typeof result === 'object' && result !== null ? this.#records.get(result) : undefined;
  }

  /** The record as it is to be answered: what has changed since `add()` was told to a client that did not know the object yet. */
  current(object: ObjectId, record: unknown): unknown {
    const entry = this.#registry.get(object);
    return entry?.told ? this.#registry.record(entry) : record;
  }

  /** Says again, after the answer, what was said before it and made no sense to the client then. */
  catchUp(object: ObjectId): void {
    const entry = this.#registry.get(object);
    if (!entry) return this.#publisher.gone(this.#owner, object);
    for (const child of entry.children) {
      this.announce(child.object);
      this.catchUp(child.object);
    }
  }

  /** Tells the client of an object by `rope.created`, for want of an answer. */
  announce(object: ObjectId): void {
    const entry = this.#registry.get(object);
    if (entry) this.#publisher.created(entry, this.#registry.record(entry));
  }

  /** Closes an object whose record nobody is waiting for any more. */
  discard(object: ObjectId): void {
    const entry = this.#registry.get(object);
    if (!entry) return;
    entry.close();
    this.#publisher.closed(object);
  }

  #own(object: ObjectId): RegistryEntry {
    const entry = this.#registry.get(object);
    if (!entry || entry.owner !== this.#owner) throw new ObjectNotFoundError(`object ${object} not found: it is closed, or another session's`);
    return entry;
  }
}
