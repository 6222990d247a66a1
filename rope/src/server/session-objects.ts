import { guarded } from '../emitter.ts';
import { ObjectNotFoundError, TooManyObjectsError } from '../errors.ts';
import type { ObjectId, ObjectRecord, Scope } from '../protocol/message.ts';
import { maySee } from '../state/publisher.ts';
import type { Publisher } from '../state/publisher.ts';
import type { NewObject, Registry, RegistryEntry } from '../state/registry.ts';

/** An object to be owned by whoever a session belongs to. */
export interface SessionObject extends NewObject {
  /** Tell this session too by `rope.created`, because no answer will bring it the record. Default: false. */
  readonly announce?: boolean;
}

/** What the objects of a session are seen by. */
export interface SessionObjectsOptions {
  /** The session's id. */
  readonly session: string;
  /** Whose objects it makes. */
  readonly owner: string;
  readonly scope: Scope;
  readonly registry: Registry;
  readonly publisher: Publisher;
  /** Objects that one owner may have. */
  readonly maxObjects: number;
}

/** What an app keeps with an object is held in memory and sent to every session: more than this stays with the app. */
const MAX_APP_DATA_CHARS = 65_536;

/** A session's view on the registry: what its scope lets it see. */
export class SessionObjects {
  readonly #options: SessionObjectsOptions;
  readonly #registry: Registry;
  readonly #publisher: Publisher;
  /** Which records were handed out here: an answer that is one of them has made an object. */
  readonly #records = new WeakMap<object, ObjectId>();

  constructor(options: SessionObjectsOptions) {
    this.#options = options;
    this.#registry = options.registry;
    this.#publisher = options.publisher;
  }

  /**
   * Takes an object in, tells the other sessions that see it, and returns what the creating request answers. Subscribe to
   * the entity's events in the same synchronous step. When the parent was closed meanwhile, the entity is closed too, and
   * its client hears of that right after the answer. Throws an ObjectNotFoundError when this session does not see the
   * parent, a TooManyObjectsError when the owner has too many: close the entity then.
   */
  add({ announce = false, appData, ...object }: SessionObject): ObjectRecord {
    const { owner, session, maxObjects } = this.#options;
    const { parent } = object;
    if (parent !== undefined && !this.#registry.get(parent)) return this.#stillborn(object);
    if (parent !== undefined) this.#seen(parent);
    if (this.#registry.count(owner) >= maxObjects) {
      throw new TooManyObjectsError(`this ${object.type} was closed again: its owner has ${maxObjects} objects, which is the limit; close others`);
    }
    const entry = this.#registry.add(owner, { ...object, appData: shareable(appData) });
    const record = this.#registry.firstRecord(entry);
    this.#records.set(record, entry.object);
    this.#publisher.created(entry, record, announce ? undefined : session);
    return record;
  }

  /** The live object. Throws an ObjectNotFoundError (on the wire: `NotFoundError`) when this session sees none of that number and type. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows the class behind a type
  get<Entity>(type: string | readonly string[], object: ObjectId): Entity {
    const entry = this.#seen(object);
    if (typeof type === 'string' ? entry.type !== type : !type.includes(entry.type)) {
      throw new ObjectNotFoundError(`object ${object} is a ${entry.type}, not a ${typeof type === 'string' ? type : type.join(' or ')}`);
    }
    return entry.entity as Entity;
  }

  /** Reads these getters and sends those that changed since they were last sent. */
  refresh(object: ObjectId, keys: readonly string[]): void {
    this.#publisher.refresh(object, keys);
  }

  /** Tells of an event, with the getters that changed before it. `media` may be dropped on its way, oldest first. */
  event(object: ObjectId, event: string, args: readonly unknown[], state?: Record<string, unknown>, { media = false }: { media?: boolean } = {}): void {
    this.#publisher.event(object, event, args, state, media);
  }

  /**
   * The session's app keeps this with the object from here on; all sessions are told. What is too large to
   * share counts as nothing. Throws an ObjectNotFoundError.
   */
  setAppData(object: ObjectId, appData: Record<string, unknown> | undefined): void {
    this.#seen(object);
    this.#publisher.setAppData(object, shareable(appData), this.#options.session);
  }

  /** The entity is closed: it leaves with everything below it, and those who see it hear of the top. Safe to call twice. */
  closed(object: ObjectId, event?: string, args?: readonly unknown[]): void {
    this.#publisher.closed(object, event, args);
  }

  /** The number of an entity that this session sees. */
  idOf(entity: unknown): ObjectId | undefined {
    const object = this.#registry.idOf(entity);
    return object !== undefined && maySee(this.#options, this.#registry.get(object)!) ? object : undefined;
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

  /** After the answer: says again what was said before it and made no sense to this client then. */
  answered(object: ObjectId): void {
    const { session } = this.#options;
    const entry = this.#registry.get(object);
    if (!entry) return this.#publisher.gone(session, object);
    this.#publisher.met(session, object);
    for (const child of entry.children) this.#introduce(child);
  }

  /** Closes an object whose record nobody is waiting for any more. */
  discard(object: ObjectId): void {
    const entry = this.#registry.get(object);
    if (!entry) return;
    guarded(entry.close);
    this.#publisher.closed(object);
  }

  #stillborn(object: NewObject): ObjectRecord {
    const record = this.#registry.stillborn(object);
    this.#records.set(record, record.object);
    object.close();
    return record;
  }

  #introduce(entry: RegistryEntry): void {
    this.#publisher.introduce(this.#options.session, entry);
    for (const child of entry.children) this.#introduce(child);
  }

  #seen(object: ObjectId): RegistryEntry {
    const entry = this.#registry.get(object);
    if (!entry || !maySee(this.#options, entry)) throw new ObjectNotFoundError(`object ${object} not found: it is closed, or another owner's`);
    return entry;
  }
}

/** What can be shared of it; all or nothing. */
function shareable(appData: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (typeof appData !== 'object' || appData === null || Array.isArray(appData)) return undefined;
  return JSON.stringify(appData).length <= MAX_APP_DATA_CHARS ? appData : undefined;
}
