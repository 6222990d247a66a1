import { decodeRich } from '@mediacluster/rope';
import type { ReplicaRecord } from '@mediacluster/rope';
import { classes } from '@mediacluster/rope/contract';
import type { ClassName, ClassSpec, Creation, MethodParams, MethodResult, NotificationName, ObjectId, ObjectRecord, RequestName } from '@mediacluster/rope/contract';
import type { AppData } from 'mediasoup/types';

import { sharedAppData } from './app-data.ts';
import {
  appeared, childEnded, closeChildren, closeState, create, end, endedByNode, endedByParent, giveAppData, leave, link, objectId, parent, patched, post, pushed,
  request, setState, state, tell, tellObserver,
} from './internals.ts';
import { LightEmitter, emitSafely } from './light-emitter.ts';
import { EnhancedEventEmitter, NotFoundError, WorkerClosedError } from './local-half.ts';
import { shareParts } from './share.ts';
import type { WorkerLink } from './worker-link.ts';

/** What a mirror is made of. */
export interface MirrorInit {
  readonly link: WorkerLink;
  readonly record: ReplicaRecord;
  /** Absent for a worker. */
  readonly parent?: AnyMirror;
  /** What the app gave when it created the object; absent for one that the app did not create in this session. */
  readonly made?: Made;
}

/** What an app gives when it creates an object. */
export interface Made {
  /** The app's own object, if it gave one. */
  readonly appData: object | undefined;
}

/** A mirror of any class. */
export type AnyMirror = RemoteObject<EventMap, EventMap, object, AppData>;

/** One that has another above it, which may take it along while it is made; a worker's cannot: nothing is answered any more. */
export type AnyChild = AnyMirror & { [endedByParent]?(): void };

/** An event and its arguments. */
export type Told = readonly [event: string, ...args: unknown[]];

/** Nobody has looked at `appData` yet: an empty one is not worth its memory. */
const UNASKED: unique symbol = Symbol('unasked');

/** As mediasoup's emitter asks for. */
export type EventMap = Record<string, unknown[]>;

/**
 * The app's side of an object that lives in a media node. Getters read the replica, calls are requests, and `close()` takes effect
 * here at once, children included, while the node is told behind it.
 *
 *     open ─▶ closed      by close(): children, observer°close
 *                         by a parent, the node or a loss: children, the object's own event, observer°close
 *
 * An app has tens of thousands of them, so each holds as little as it can: emitters and an `appData` are made when they are asked for.
 */
export abstract class RemoteObject<
  Events extends EventMap, ObserverEvents extends EventMap, State extends object, Data extends AppData,
> extends LightEmitter<Events> {
  readonly #link: WorkerLink;
  readonly #record: ReplicaRecord;
  readonly #parent: AnyMirror | undefined;
  #observer: EnhancedEventEmitter<ObserverEvents> | undefined;
  #appData: Data | typeof UNASKED;
  /** Whether `appData` is the app's own object; what others share does not replace it. */
  #ownAppData: boolean;
  #closed = false;

  constructor({ link: wire, record, parent: above, made }: MirrorInit) {
    super();
    this.#link = wire;
    this.#record = record;
    this.#parent = above;
    this.#appData = (made?.appData ?? UNASKED) as Data;
    this.#ownAppData = made !== undefined;
    record.mirror = this;
    shareParts(record.state);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get appData(): Data {
    // As mediasoup: whoever did not pass one gets an empty one.
    if (this.#appData === UNASKED) this.#appData = ((this.#ownAppData ? undefined : this.#record.appData) ?? {}) as Data;
    return this.#appData;
  }

  set appData(appData: Data) {
    this[giveAppData](appData);
    if (this.#closed) return;
    // An empty one in place of what cannot be shared: others must not go on seeing what was there before.
    const shared = sharedAppData(appData) ?? {};
    this.#record.appData = shared; // the node tells the others alone
    this.#link.notify('mediasoup.setAppData', { object: this[objectId], appData: shared });
  }

  get observer(): EnhancedEventEmitter<ObserverEvents> {
    return this.#observer ??= new EnhancedEventEmitter<ObserverEvents>();
  }

  override safeEmit(event: string, ...args: unknown[]): boolean {
    return emitSafely(this, event, args);
  }

  get [objectId](): ObjectId {
    return this.#record.object;
  }

  get [link](): WorkerLink {
    return this.#link;
  }

  get [parent](): AnyMirror | undefined {
    return this.#parent;
  }

  get [state](): Readonly<State> {
    return this.#record.state as Readonly<State>;
  }

  [setState](changes: Partial<State>): void {
    Object.assign(this.#record.state, changes);
  }

  [giveAppData](appData: unknown): void {
    this.#appData = appData as Data;
    this.#ownAppData = true;
  }

  /** With it come the getters that its arguments do not tell. */
  [pushed](event: string, args: readonly unknown[], _previous: Readonly<Record<string, unknown>>): void {
    const spec = this.#spec.events[event];
    if (!spec) return; // of a newer node
    if (spec.sets) this.#record.state[spec.sets] = args[0];
    if (spec.rich) args = args.map(decodeRich);
    // A copy, as mediasoup's: the bytes lie in a frame with others, and the app may write into what it is given.
    if (spec.bytes) args = [Buffer.from(args[0] as Uint8Array), ...args.slice(1)];
    if (spec.observer !== 'only') this[tell](event, ...args);
    if (spec.observer) this[tellObserver](event, ...args);
  }

  /** What was missed is told now. */
  [patched](previous: Readonly<Record<string, unknown>>): void {
    if ('appData' in previous && !this.#ownAppData) this.#appData = UNASKED;
    const { events } = this.#spec;
    for (const event in events) {
      const { sets } = events[event]!;
      if (sets && sets in previous) this[pushed](event, [this.#record.state[sets]], previous);
    }
  }

  [endedByNode](event?: string, args: readonly unknown[] = []): void {
    this[end](event === undefined ? [] : [[event, ...args]]);
  }

  /** @returns `undefined` for an object of a class that this SDK does not know */
  [appeared](_record: ReplicaRecord, _made?: Made): AnyChild | undefined {
    return undefined;
  }

  [childEnded](_child: AnyMirror): void {}

  [closeState](): void {}

  [closeChildren](): void {}

  /** Once. */
  [end](events: readonly Told[] = [], beforeObserver?: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parent?.[childEnded](this);
    this[closeState]();
    this[closeChildren]();
    for (const [event, ...args] of events) this[tell](event, ...args);
    beforeObserver?.();
    this[tellObserver]('close');
  }

  /** It takes effect here without waiting. */
  [leave]<Name extends NotificationName>(method: Name, params: MethodParams<Name>): void {
    this.#link.notify(method, params);
    this.#link.forget(this[objectId]);
  }

  /** Refused as the worker would when the object is closed, but without the round trip. */
  [request]<Name extends RequestName, T = MethodResult<Name>>(
    method: Name, params: MethodParams<Name>, onResult?: (result: MethodResult<Name>) => T,
  ): Promise<T> {
    if (this.#closed && !this.#link.ended) {
      return Promise.reject(new NotFoundError(`Channel request handler with ID ${this.#name} not found [method:${method}]`));
    }
    return this.#link.request(method, params, onResult);
  }

  /**
   * The child is built in the run in which the answer is taken in: it has its `appData`, and the observers have heard of it, before
   * the promise resolves. When a snapshot has brought it already, that one is the result. When this object was closed meanwhile, the
   * child is closed too.
   */
  [create]<Child>(method: RequestName, params: object, appData: object | undefined): Promise<Child> {
    const shared: Creation = appData === undefined ? {} : { appData: sharedAppData(appData) };
    return this[request](method, { ...params, ...shared } as MethodParams<RequestName>, result => {
      const record = this.#link.adopt(result as ObjectRecord<object>); // the contract's result of every creating method
      let child = record.mirror as AnyChild | undefined;
      if (child) child[giveAppData](appData ?? {});
      else child = this[appeared](record, { appData })!;
      if (this.#closed) child[endedByParent]?.();
      return child as Child;
    });
  }

  /**
   * As mediasoup: on a closed object nothing happens, and once the worker is gone it throws.
   *
   * @param event mediasoup's name of it, for the error
   */
  [post]<Name extends NotificationName>(event: string, method: Name, params: MethodParams<Name>): void {
    if (this.#link.ended) throw new WorkerClosedError(`Channel closed, cannot send notification [event:${event}]`);
    if (!this.#closed) this.#link.post(method, params);
  }

  /** A listener that throws harms nobody. */
  [tell](event: string, ...args: unknown[]): void {
    emitSafely(this, event, args);
  }

  [tellObserver](event: string, ...args: unknown[]): void {
    if (this.#observer) emitSafely(this.#observer, event, args);
  }

  get #spec(): ClassSpec {
    return classes[this.#record.type as ClassName];
  }

  /** A Worker has no id. */
  get #name(): string {
    const { id = this[objectId] } = this.#record.state as { id?: string };
    return String(id);
  }
}
