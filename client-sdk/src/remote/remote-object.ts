import type { EventEmitter } from 'node:events';

import type { ReplicaRecord } from '@mediacluster/rope';
import { classes } from '@mediacluster/rope/contract';
import type { ClassName, ClassSpec, MethodParams, MethodResult, NotificationName, ObjectId, ObjectRecord, RequestName } from '@mediacluster/rope/contract';
import createDebug from 'debug';
import type { AppData } from 'mediasoup/types';

import { EnhancedEventEmitter, NotFoundError } from './local-half.ts';
import type { WorkerLink } from './worker-link.ts';

const log = createDebug('mediacluster:remote');

/** What a mirror is made of. */
export interface MirrorInit<Data extends AppData> {
  readonly link: WorkerLink;
  readonly record: ReplicaRecord;
  /** The app's own object; absent for one that the app did not create. */
  readonly appData?: Data;
  /** Called once, when the object is closed and before anybody is told: the parent strikes it off its lists. */
  readonly onEnd?: () => void;
}

/** An event and its arguments. */
export type Told = readonly [event: string, ...args: unknown[]];

type EventMap = Record<string, unknown[]>;

/**
 * The app's side of an object that lives in a media node. Getters read the replica, calls are requests, and `close()` takes effect
 * here at once, children included, while the node is told behind it.
 *
 *     open ─▶ closed      by close(): children, observer°close
 *                         by a parent, the node or a loss: children, the object's own event, observer°close
 */
export abstract class RemoteObject<
  Events extends EventMap, ObserverEvents extends EventMap, State extends object, Data extends AppData,
> extends EnhancedEventEmitter<Events> {
  readonly #link: WorkerLink;
  readonly #record: ReplicaRecord;
  readonly #onEnd: (() => void) | undefined;
  readonly #observer = new EnhancedEventEmitter<ObserverEvents>();
  #appData: Data;
  #closed = false;

  constructor({ link, record, appData, onEnd }: MirrorInit<Data>) {
    super();
    this.#link = link;
    this.#record = record;
    this.#onEnd = onEnd;
    this.#appData = appData ?? ({} as Data); // as mediasoup: whoever did not pass one gets an empty one
    record.mirror = this;
    (this as EventEmitter).on('listenererror', (event: string, error: unknown) => log('a listener of %s threw: %o', event, error));
  }

  get closed(): boolean {
    return this.#closed;
  }

  get appData(): Data {
    return this.#appData;
  }

  set appData(appData: Data) {
    this.#appData = appData;
  }

  get observer(): EnhancedEventEmitter<ObserverEvents> {
    return this.#observer;
  }

  /** The node's number for this object. For `remote/` alone. */
  get object(): ObjectId {
    return this.#record.object;
  }

  /** For `remote/` alone. */
  get link(): WorkerLink {
    return this.#link;
  }

  /** The node pushed an event, and with it the getters that its arguments do not tell. For `remote/` alone. */
  pushed(event: string, args: readonly unknown[], _previous: Readonly<Record<string, unknown>>): void {
    const spec = this.#spec.events[event];
    if (!spec) return; // of a newer node
    if (spec.sets) this.#record.state[spec.sets] = args[0];
    this.tell(event, ...args);
    if (spec.observer) this.tellObserver(event, ...args);
  }

  /** Getters changed, with an answer or while the link was broken: what was missed is told now. For `remote/` alone. */
  patched(previous: Readonly<Record<string, unknown>>): void {
    for (const [event, { sets }] of Object.entries(this.#spec.events)) {
      if (sets && sets in previous) this.pushed(event, [this.#record.state[sets]], previous);
    }
  }

  /** The node says that the object is closed, or it was missing after a reconnect. For `remote/` alone. */
  endedByNode(event?: string, args: readonly unknown[] = []): void {
    this.end(event === undefined ? [] : [[event, ...args]]);
  }

  /** The parent took it along. For `remote/` alone. */
  abstract endedByParent(): void;

  /** An object below this one has appeared that the app did not ask for in this session. For `remote/` alone. */
  childAppeared(_record: ReplicaRecord): void {}

  /** The replica's state. The contract's class table says which getters it has. */
  protected get state(): Readonly<State> {
    return this.#record.state as Readonly<State>;
  }

  protected setState(changes: Partial<State>): void {
    Object.assign(this.#record.state, changes);
  }

  /** What mediasoup changes in its getters when the object closes. */
  protected closeState(): void {}

  /** Tells the children, in creation order. */
  protected closeChildren(): void {}

  /** Closes on this side: state and children first, then the object's own events, then the observer's. Once. */
  protected end(events: readonly Told[] = [], beforeObserver?: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onEnd?.();
    this.closeState();
    this.closeChildren();
    for (const told of events) this.tell(...told);
    beforeObserver?.();
    this.tellObserver('close');
  }

  /** Tells the node that the app has closed the object, which takes effect here without waiting. */
  protected leave<Name extends NotificationName>(method: Name, params: MethodParams<Name>): void {
    this.#link.notify(method, params);
    this.#link.forget(this.object);
  }

  /** A call on this object; refused as the worker would when the object is closed, but without the round trip. */
  protected request<Name extends RequestName, T = MethodResult<Name>>(
    method: Name, params: MethodParams<Name>, onResult?: (result: MethodResult<Name>) => T,
  ): Promise<T> {
    if (this.#closed && !this.#link.ended) {
      return Promise.reject(new NotFoundError(`Channel request handler with ID ${this.#name} not found [method:${method}]`));
    }
    return this.#link.request(method, params, onResult);
  }

  /**
   * A call that creates a child. It is built in the run in which the answer is taken in: it has its `appData`, and the observers have
   * heard of it, before the promise resolves. When this object was closed meanwhile, the child is closed too.
   */
  protected create<Name extends RequestName, Child extends Endable>(
    method: Name, params: MethodParams<Name>, build: (record: ReplicaRecord) => Child,
  ): Promise<Child> {
    return this.request(method, params, result => {
      const child = build(this.#link.adopt(result as ObjectRecord<object>)); // the contract's result of every creating method
      if (this.#closed) child.endedByParent();
      return child;
    });
  }

  /** Emits on the object; a listener that throws harms nobody. */
  protected tell(event: string, ...args: unknown[]): void {
    (this as unknown as Untyped).safeEmit(event, ...args);
  }

  /** Emits on the observer. */
  protected tellObserver(event: string, ...args: unknown[]): void {
    (this.#observer as unknown as Untyped).safeEmit(event, ...args);
  }

  get #spec(): ClassSpec {
    return classes[this.#record.type as ClassName];
  }

  /** A Worker has no id. */
  get #name(): string {
    const { id = this.object } = this.#record.state as { id?: string };
    return String(id);
  }
}

interface Endable {
  endedByParent(): void;
}

/** mediasoup's emitter cannot check an event's name while the events are a type parameter. */
interface Untyped {
  safeEmit(event: string, ...args: unknown[]): boolean;
}
