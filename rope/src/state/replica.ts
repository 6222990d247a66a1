import { guarded } from '../emitter.ts';
import type { ObjectId, ObjectRecord } from '../protocol/message.ts';
import { sameJson } from './equal.ts';

/** One object as this side knows it. */
export interface ReplicaRecord {
  readonly object: ObjectId;
  readonly type: string;
  readonly parent?: ObjectId;
  state: Record<string, unknown>;
  /** The JSON form of what the app that made it keeps with it. */
  appData?: Record<string, unknown>;
  /** A place for the host's own object. */
  mirror?: unknown;
}

/** Why the objects of a node are gone without a word. */
export type LossReason = 'epoch' | 'refused' | 'unlisted' | 'lease' | 'queue';

/**
 * What the replica tells, always after `record.state` is up to date. None of these may throw; what is thrown becomes
 * an uncaught exception and the replica goes on.
 */
export interface ReplicaHost {
  /** By a snapshot or `rope.created`; not for `adopt()`. */
  created(record: ReplicaRecord): void;
  /** `previous` holds the former values of the keys that changed; under `appData`, the former one of those. */
  patched(record: ReplicaRecord, previous: Record<string, unknown>): void;
  event(record: ReplicaRecord, event: string, args: unknown[], previous: Record<string, unknown>): void;
  /** The top of a cascade; its children can still be reached by `replica.children()`, and are dropped after the call. */
  closed(record: ReplicaRecord, event?: string, args?: unknown[]): void;
  /** The node is gone: what ran on it has died. */
  lost(roots: ReplicaRecord[], reason: LossReason): void;
  /** A planned leave: the node said goodbye, or this side closed. */
  left(roots: ReplicaRecord[], reason: string): void;
}

interface Node extends ReplicaRecord {
  /** Made with the first child: most objects have none. */
  children?: Map<ObjectId, Node>;
  /** Children that were forgotten here and may still live there. */
  forgotten?: Set<ObjectId>;
  /** How often this side has put other `appData` there without the server having said yes yet. */
  keeping?: number;
  /** The snapshot that has last confirmed it. */
  confirmed: number;
}

/**
 * The server's objects as plain data in memory: a snapshot and what came since. Words about an object that is not
 * (or no longer) here are dropped, so that each close is told exactly once.
 */
export class Replica {
  readonly #host: ReplicaHost;
  readonly #nodes = new Map<ObjectId, Node>();
  readonly #roots = new Map<ObjectId, Node>();
  /** Closed on this side, not yet confirmed by the server: a snapshot must not bring them back. */
  readonly #tombstones = new Map<ObjectId, { readonly parent: Node | undefined; confirmed: number }>();
  #snapshot = 0;
  #inSnapshot = false;

  constructor(host: ReplicaHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(object: ObjectId): ReplicaRecord | undefined {
    return this.#nodes.get(object);
  }

  /** In the order of their creation. */
  *children(object: ObjectId): IterableIterator<ReplicaRecord> {
    yield* this.#nodes.get(object)?.children?.values() ?? [];
  }

  /** The objects without a parent, in the order of their creation. */
  roots(): ReplicaRecord[] {
    return [...this.#roots.values()];
  }

  /**
   * Takes in an object that this side has asked for itself; call it in the request's `onResult`. When its parent was
   * closed meanwhile, the record is returned but not kept. Safe to call twice.
   */
  adopt(record: ObjectRecord): ReplicaRecord {
    return this.#nodes.get(record.object) ?? this.#add(record) ?? this.#node(record);
  }

  /**
   * The app has closed it on this side: it leaves with everything below it, and later words about it are dropped. Safe
   * to call twice.
   */
  forget(object: ObjectId): void {
    const node = this.#nodes.get(object);
    if (!node) return;
    this.#drop(node);
    const parent = node.parent === undefined ? undefined : this.#nodes.get(node.parent);
    this.#tombstones.set(object, { parent, confirmed: this.#snapshot });
    if (parent) (parent.forgotten ??= new Set()).add(object);
  }

  /**
   * This side keeps other data with it, and is about to tell the server: until that says yes, what others keep there is older
   * news. Nothing is told of it here.
   */
  keep(object: ObjectId, appData: Record<string, unknown>): void {
    const node = this.#nodes.get(object);
    if (!node) return;
    node.appData = appData;
    node.keeping = (node.keeping ?? 0) + 1;
  }

  /** The next part of a snapshot is the first of a new one: what the former link did not finish is void. */
  expectSnapshot(): void {
    this.#inSnapshot = false;
  }

  /** A part of the state at connect. What is not in any part is gone when the last one has been applied. */
  applySnapshot(objects: readonly ObjectRecord[], last: boolean): void {
    if (!this.#inSnapshot) this.#snapshot += 1;
    this.#inSnapshot = !last;
    for (const record of objects) {
      const node = this.#nodes.get(record.object);
      if (node) this.#refresh(node, record);
      else this.created(record);
    }
    if (last) this.#dropUnconfirmed();
  }

  /** An object that this side has not asked for. */
  created(record: ObjectRecord): void {
    if (this.#nodes.has(record.object)) return;
    const node = this.#add(record);
    if (node) guarded(() => this.#host.created(node));
  }

  /** `own`: it is the server's yes to what this side keeps there. */
  patch(object: ObjectId, state: Record<string, unknown>, appData?: Record<string, unknown>, own = false): void {
    const node = this.#nodes.get(object);
    if (!node) return;
    const stale = appData === undefined || node.keeping;
    if (own && node.keeping) node.keeping -= 1;
    this.#patch(node, state, stale ? node.appData : appData);
  }

  event(object: ObjectId, event: string, args: readonly unknown[], state?: Record<string, unknown>): void {
    const node = this.#nodes.get(object);
    if (!node) return;
    const values = args.map(fromWire); // not in the host's name: a server that sends no list breaks the protocol
    const previous = state ? assign(node, state) : {};
    guarded(() => this.#host.event(node, event, values, previous));
  }

  /** An object was closed over there, and everything below it. */
  closed(object: ObjectId, event?: string, args?: readonly unknown[]): void {
    this.#unbury(object);
    const node = this.#nodes.get(object);
    if (!node) return;
    const values = args?.map(fromWire);
    guarded(() => this.#host.closed(node, event, values));
    this.#drop(node);
  }

  /** The node is gone; everything leaves. */
  lost(reason: LossReason): void {
    this.#clear(roots => this.#host.lost(roots, reason));
  }

  /** The node or this side leaves as planned; everything leaves. */
  left(reason: string): void {
    this.#clear(roots => this.#host.left(roots, reason));
  }

  #node({ object, type, parent, state, appData }: ObjectRecord): Node {
    for (const key in state) if (state[key] === null) state[key] = undefined;
    return { object, type, ...(parent !== undefined && { parent }), state, ...(appData && { appData }), mirror: undefined, confirmed: this.#snapshot };
  }

  #add(record: ObjectRecord): Node | undefined {
    const tombstone = this.#tombstones.get(record.object);
    if (tombstone) {
      tombstone.confirmed = this.#snapshot;
      return undefined;
    }
    const { parent } = record;
    const above = parent === undefined ? undefined : this.#nodes.get(parent);
    if (parent !== undefined && !above) return undefined; // below something that was closed on this side
    const node = this.#node(record);
    this.#nodes.set(node.object, node);
    const siblings = above ? (above.children ??= new Map()) : this.#roots;
    siblings.set(node.object, node);
    return node;
  }

  #refresh(node: Node, { state, appData }: ObjectRecord): void {
    node.confirmed = this.#snapshot;
    if (node.keeping) node.keeping = 0; // the yes may be among what was lost
    // A snapshot is the whole state: a getter that it lacks has become undefined.
    const gone = Object.keys(node.state).filter(key => !Object.hasOwn(state, key));
    this.#patch(node, gone.length === 0 ? state : { ...Object.fromEntries(gone.map(key => [key, null])), ...state }, appData);
  }

  #patch(node: Node, state: Record<string, unknown>, appData: Record<string, unknown> | undefined): void {
    const previous = assign(node, state);
    if (!sameJson(node.appData ?? {}, appData ?? {})) {
      previous.appData = node.appData;
      if (appData) node.appData = appData;
      else delete node.appData;
    }
    if (Object.keys(previous).length > 0) guarded(() => this.#host.patched(node, previous));
  }

  #drop(node: Node): void {
    const siblings = node.parent === undefined ? this.#roots : this.#nodes.get(node.parent)?.children;
    siblings?.delete(node.object);
    for (const below of subtree(node)) {
      this.#nodes.delete(below.object);
      // Their parent is on its way out too; the server will not speak of them again.
      for (const object of below.forgotten ?? []) this.#tombstones.delete(object);
    }
  }

  #unbury(object: ObjectId): void {
    this.#tombstones.get(object)?.parent?.forgotten?.delete(object);
    this.#tombstones.delete(object);
  }

  #dropUnconfirmed(): void {
    for (const [object, { confirmed }] of this.#tombstones) if (confirmed !== this.#snapshot) this.#unbury(object);
    const missing = [...this.#nodes.values()].filter(node => node.confirmed !== this.#snapshot);
    // Parents come before children in the map, so the top of each missing subtree comes first and takes the rest along.
    for (const { object } of missing) this.closed(object);
  }

  #clear(tell: (roots: ReplicaRecord[]) => void): void {
    this.#inSnapshot = false;
    const roots = this.roots();
    if (roots.length > 0) guarded(() => tell(roots));
    this.#nodes.clear();
    this.#roots.clear();
    this.#tombstones.clear();
  }
}

function* subtree(node: Node): IterableIterator<Node> {
  yield node;
  for (const child of node.children?.values() ?? []) yield* subtree(child);
}

/** Writes the changed keys and returns their former values. */
function assign(node: Node, state: Record<string, unknown>): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  for (const [key, wire] of Object.entries(state)) {
    if (key === '__proto__') continue; // would set the prototype instead of a field
    const value = fromWire(wire);
    if (sameJson(node.state[key], value)) continue;
    previous[key] = node.state[key];
    node.state[key] = value;
  }
  return previous;
}

/** JSON has no undefined; a null in the place of a whole getter or argument stands for it. */
function fromWire(value: unknown): unknown {
  return value === null ? undefined : value;
}
