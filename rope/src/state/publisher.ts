import { encodeMessage } from '../protocol/codec.ts';
import type { Encoded } from '../protocol/codec.ts';
import type { ObjectId, ObjectRecord, RopeNotifications, Scope } from '../protocol/message.ts';
import type { Registry, RegistryEntry } from './registry.ts';

/** At most so many objects in one message of a snapshot, so that neither side stops for long (measured: 100 take 1.5 ms). */
const OBJECTS_PER_PART = 100;
/** A part that has reached this is closed, so that an app reads it within 5 ms; one more object, of which an app's data may be 64 KiB, may follow. */
const CHARS_PER_PART = 48 * 1_024;

/** Somebody who is told of changes: a session. */
export interface Subscriber {
  readonly id: string;
  /** Whose objects are its own. */
  readonly owner: string;
  readonly scope: Scope;
  /** Whether more of a snapshot may be sent now. `proceed()` is to be called when it becomes true. */
  readonly hasRoom: boolean;
  /** The message is the same object for all who are told, and never written into. `media` may be dropped under pressure. */
  send(message: Encoded, media: boolean): void;
}

/** Calls back in a macrotask of its own. */
type Later = (callback: () => void) => void;

/** How far a subscriber is. */
interface Subscription {
  readonly subscriber: Subscriber;
  /** What is left of its snapshot; absent when it has all. */
  rest: Iterator<RegistryEntry> | undefined;
  /** Of the objects up to this number it has what it may see. Of those above, only what it has `met`. */
  upTo: ObjectId;
  /** Objects that it knows ahead of its snapshot: it has made them, or was told when they were made. */
  readonly met: Set<ObjectId>;
  /** The next part is on its way. */
  scheduled: boolean;
}

/**
 * Turns what happens in the registry into messages for those who may see it. Each is written once, whoever gets it.
 *
 * A snapshot goes out in parts, one in a macrotask, while the world goes on. What has not gone out yet is not spoken of: it
 * will be sent as it is by then.
 */
export class Publisher {
  readonly #registry: Registry;
  readonly #later: Later;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Those who see everything. */
  readonly #all = new Set<Subscription>();
  /** Those who see what is their owner's, by owner. */
  readonly #own = new Map<string, Set<Subscription>>();

  constructor(registry: Registry, later: Later) {
    this.#registry = registry;
    this.#later = later;
  }

  /** Sends everything that the subscriber may see: the first part now, others in macrotasks to come. From here on it hears of changes. */
  snapshot(subscriber: Subscriber): void {
    this.mute(subscriber);
    const { id, scope, owner } = subscriber;
    const rest = scope === 'own' ? this.#registry.of(owner) : this.#registry.entries();
    const subscription: Subscription = { subscriber, rest, upTo: 0, met: new Set(), scheduled: false };
    this.#subscriptions.set(id, subscription);
    if (scope === 'own') this.#own.set(owner, (this.#own.get(owner) ?? new Set()).add(subscription));
    else this.#all.add(subscription);
    this.#sendPart(subscription);
  }

  /** Goes on with a snapshot that had to wait for room. */
  proceed({ id }: Subscriber): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription) this.#sendLater(subscription);
  }

  /** Whether it has been sent all that it may see. */
  isComplete({ id }: Subscriber): boolean {
    return this.#subscriptions.get(id)?.upTo === Infinity;
  }

  /** It is told nothing, until it gets a snapshot (again). */
  mute({ id, owner }: Subscriber): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return;
    subscription.rest = undefined;
    this.#subscriptions.delete(id);
    this.#all.delete(subscription);
    const own = this.#own.get(owner);
    own?.delete(subscription);
    if (own?.size === 0) this.#own.delete(owner);
  }

  /** An object was made. Everybody is told but the session `except`, which gets it in an answer. */
  created(entry: RegistryEntry, record: ObjectRecord, except?: string): void {
    const skipped = except === undefined ? undefined : this.#subscriptions.get(except);
    const tells = (subscription: Subscription) => subscription !== skipped && this.#meets(subscription, entry);
    this.#tell(entry, 'rope.created', record, tells);
  }

  /** One session has got an object in an answer. */
  met(id: string, object: ObjectId): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription && !knows(subscription, object)) subscription.met.add(object);
  }

  /** Tells one session alone of an object, in case that it does not know it. */
  introduce(id: string, entry: RegistryEntry): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription || !maySee(subscription.subscriber, entry)) return;
    this.met(id, entry.object);
    subscription.subscriber.send(encode('rope.created', this.#registry.record(entry)), false);
  }

  /** Reads these getters and sends those that changed. */
  refresh(object: ObjectId, keys: readonly string[]): void {
    const state = this.#registry.changes(object, keys);
    if (state) this.#patch({ object, state });
  }

  /** What an app keeps with it is another from here on; `by` is that app's session. */
  setAppData(object: ObjectId, appData: Record<string, unknown> | undefined, by?: string): void {
    if (!this.#registry.setAppData(object, appData)) return;
    // A patch without `appData` is about the state alone, so nothing is told as an empty object.
    const patch = { object, state: {}, appData: appData ?? {} };
    const own = by === undefined ? undefined : this.#subscriptions.get(by);
    this.#patch(patch, own);
    if (own && knows(own, object)) own.subscriber.send(encode('rope.patch', { ...patch, own: true }), false);
  }

  /** Bytes as first argument travel as they are. `media` may be dropped under pressure. */
  event(object: ObjectId, event: string, args: readonly unknown[], state?: Record<string, unknown>, media = false): void {
    const entry = this.#registry.get(object);
    if (!entry) return;
    const told = state && { state: this.#registry.sent(object, state) };
    const [data] = args;
    const params = data instanceof Uint8Array ? { object, event, args: args.slice(1), ...told, data } : { object, event, args, ...told };
    this.#tell(entry, 'rope.event', params, undefined, media);
  }

  /** Removes it with everything below it, and tells of the top. Does nothing when it is gone already. */
  closed(object: ObjectId, event?: string, args?: readonly unknown[]): void {
    const [top] = this.#registry.remove(object);
    // Also to those who have not been sent it: they may know it from before their snapshot.
    if (top) this.#tell(top, 'rope.closed', { object, ...(event !== undefined && { event }), ...(args && { args }) }, () => true);
  }

  /** As `closed()`, for one session, of an object that has left the registry before it heard of it. */
  gone(id: string, object: ObjectId): void {
    this.#subscriptions.get(id)?.subscriber.send(encode('rope.closed', { object }), false);
  }

  #patch(params: RopeNotifications['rope.patch'], except?: Subscription): void {
    const tells = (subscription: Subscription, object: ObjectId) => subscription !== except && knows(subscription, object);
    this.#tell(this.#registry.get(params.object)!, 'rope.patch', params, except ? tells : knows);
  }

  #tell<Name extends keyof RopeNotifications>(
    entry: RegistryEntry, method: Name, params: RopeNotifications[Name], tells: (subscription: Subscription, object: ObjectId) => boolean = knows, media = false,
  ): void {
    const own = entry.apart ? this.#own.get(entry.owner) : undefined;
    if (this.#all.size === 0 && !own) return; // nobody looks, so nothing is written
    const message = encode(method, params);
    for (const subscription of this.#all) if (tells(subscription, entry.object)) subscription.subscriber.send(message, media);
    if (own) for (const subscription of own) if (tells(subscription, entry.object)) subscription.subscriber.send(message, media);
  }

  /** Whether it can be told of a new object now; else its snapshot will bring it, after what stands above it. */
  #meets(subscription: Subscription, { object, parent }: RegistryEntry): boolean {
    if (subscription.rest === undefined) return true;
    if (parent !== undefined && !knows(subscription, parent)) return false;
    subscription.met.add(object);
    return true;
  }

  #sendPart(subscription: Subscription): void {
    const { subscriber, rest } = subscription;
    const texts: string[] = [];
    let chars = 0;
    while (texts.length < OBJECTS_PER_PART && chars < CHARS_PER_PART) {
      const { done, value: entry } = rest!.next();
      if (done) {
        subscription.rest = undefined;
        subscription.upTo = Infinity;
        subscription.met.clear();
        break;
      }
      if (!maySee(subscriber, entry)) continue;
      const text = JSON.stringify(this.#registry.record(entry));
      texts.push(text);
      chars += text.length;
      subscription.upTo = entry.object;
    }
    const last = subscription.rest === undefined;
    subscriber.send(`{"method":"rope.snapshot","params":{"objects":[${texts.join(',')}],"last":${last}}}`, false);
    this.#sendLater(subscription);
  }

  #sendLater(subscription: Subscription): void {
    if (subscription.scheduled || subscription.rest === undefined || !subscription.subscriber.hasRoom) return;
    subscription.scheduled = true;
    this.#later(() => {
      subscription.scheduled = false;
      if (subscription.rest) this.#sendPart(subscription);
    });
  }
}

/** Whether a session of this scope and owner may see it. */
export function maySee({ scope, owner }: Pick<Subscriber, 'scope' | 'owner'>, entry: RegistryEntry): boolean {
  return scope !== 'own' || (entry.apart && entry.owner === owner);
}

function knows({ upTo, met }: Subscription, object: ObjectId): boolean {
  return object <= upTo || met.has(object);
}

function encode<Name extends keyof RopeNotifications>(method: Name, params: RopeNotifications[Name]): Encoded {
  return encodeMessage({ method, params: params as unknown as Record<string, unknown> });
}
