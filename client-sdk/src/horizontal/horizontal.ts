import type { AppData, LogEventListeners, Router, Worker, WorkerSettings } from 'mediasoup/types';

import { DestroyedError } from '../errors.ts';
import type { ManagerLike, Mediasoup, MediasoupManager, MediasoupModule, NodeInfo } from '../manager.ts';
import { ObjectEmitter } from '../object-emitter.ts';
import { PipeTable } from '../pipe/pipe-table.ts';
import { spread } from '../placement/spread.ts';
import { nodeInfo } from '../node-name.ts';
import { thisNode } from '../this-node.ts';
import { combineStats } from './combine-stats.ts';
import type { CombinedStats } from './combine-stats.ts';
import { assertCompatible, promiseOf } from './compatibility.ts';
import type { Promised } from './compatibility.ts';
import { HorizontalWorker } from './horizontal-worker.ts';
import type { WorkerHome } from './horizontal-worker.ts';
import { log, logListenerErrors } from './log.ts';
import { Member } from './member.ts';
import type { HandedOut } from './member.ts';
import { moduleOf } from './module.ts';
import { Pids } from './pids.ts';
import { placeWorker } from './place-worker.ts';

/** Events of a set. */
export type HorizontalEvents = {
  /** The set has a mediasoup, from its first member on; `undefined` when it is destroyed. */
  mediasoup: [MediasoupModule | undefined];
  /** A member is connected, and none was before. */
  connected: [];
  /** The last connected member is not any more. */
  disconnected: [];
  /** The set as a whole: a member that does not fit was turned away, or no member at all can be reached. */
  error: [Error];
  /** What a member's link says; its others make up for it. */
  memberError: [unknown, ManagerLike];
};

/**
 * Many managers as one: a `Set` of them that is itself a manager. Each worker is placed on the member with the fewest; routers may be
 * piped across members. Members come and go at any time, also while calls run:
 *
 * - a member that is lost: its workers emit `died`, nobody else notices;
 * - a member that leaves as planned, `delete()`, `clear()`, `destroy()`: its workers close quietly, nobody hears `died`.
 *
 * The set does not destroy its members: they belong to whoever made them.
 */
export class MediasoupHorizontal extends ObjectEmitter<HorizontalEvents> implements MediasoupManager, Iterable<ManagerLike> {
  readonly #members = new Map<ManagerLike, Member>();
  readonly #pids = new Pids();
  readonly #pipes = new PipeTable();
  #mediasoup: MediasoupModule | undefined;
  #promised: Promised | undefined;
  #connected = false;
  #destroyed = false;
  #logListeners: LogEventListeners | undefined;

  /** @throws IncompatibleError as `add()` does. */
  constructor(managers: Iterable<ManagerLike> = []) {
    super();
    logListenerErrors(this, 'a set of managers');
    for (const manager of managers) this.add(manager);
  }

  /** mediasoup's API over all members. Absent until the first one is connected, and after `destroy()`. */
  get mediasoup(): MediasoupModule | undefined {
    return this.#mediasoup;
  }

  /** Whether a member is. */
  get connected(): boolean {
    return this.#connected;
  }

  get size(): number {
    return this.#members.size;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /**
   * Adds a manager; one that is there already stays as it is. One that is not connected yet joins when it is; should it turn out
   * then that it does not fit, it is taken out again and `error` tells.
   * @throws IncompatibleError when it does not fit to the others; the set stays as it was.
   */
  add(manager: ManagerLike): this {
    if (this.#destroyed) throw new DestroyedError('this set of managers is destroyed: it takes no member');
    if (this.#members.has(manager)) return this;
    if (manager.mediasoup) this.#assertFits(manager.mediasoup, nameOf(manager));
    const member = new Member(manager, {
      connected: it => this.#onConnected(it),
      disconnected: () => this.#updateConnected(),
      error: (it, error) => this.#onMemberError(it, error),
    });
    this.#members.set(manager, member);
    if (member.connected) this.#onConnected(member);
    return this;
  }

  /** Takes a manager out and closes quietly the workers that the set made on it. */
  delete(manager: ManagerLike): boolean {
    const member = this.#members.get(manager);
    if (!member) return false;
    this.#members.delete(manager);
    member.release();
    for (const { inner } of member.handedOut) inner.close();
    this.#updateConnected();
    return true;
  }

  /** Takes all managers out, as `delete()` does. */
  clear(): void {
    for (const manager of this.#members.keys()) this.delete(manager);
  }

  has(manager: ManagerLike): boolean {
    return this.#members.has(manager);
  }

  forEach(callback: (manager: ManagerLike, again: ManagerLike, set: this) => void, thisArg?: unknown): void {
    for (const manager of this.#members.keys()) callback.call(thisArg, manager, manager, this);
  }

  keys(): MapIterator<ManagerLike> {
    return this.#members.keys();
  }

  values(): MapIterator<ManagerLike> {
    return this.#members.keys();
  }

  * entries(): Generator<[ManagerLike, ManagerLike]> {
    for (const manager of this.#members.keys()) yield [manager, manager];
  }

  [Symbol.iterator](): MapIterator<ManagerLike> {
    return this.#members.keys();
  }

  /** Places nothing new on a member from now on; what is there stays. No member: nothing happens. */
  cordon(manager: ManagerLike): void {
    const member = this.#members.get(manager);
    if (member) member.heldBack = true;
  }

  /** Undoes `cordon()`. */
  uncordon(manager: ManagerLike): void {
    const member = this.#members.get(manager);
    if (member) member.heldBack = false;
  }

  /** The node on which a worker or router of this set lives; `undefined` for objects of others. */
  nodeOf(object: Worker | Router): NodeInfo | undefined {
    return (object as { readonly [nodeInfo]?: NodeInfo })[nodeInfo];
  }

  /** The members' load summed up, with each one's own under `nodes`; a member that cannot tell is left out. */
  async getStats(): Promise<CombinedStats | undefined> {
    const told = await Promise.all([...this.#members.values()].map(async member => {
      const stats = await member.manager.getStats().catch(() => undefined);
      return stats && { name: member.name, stats, pids: new Map([...member.handedOut].map(({ inner, pid }) => [inner.pid, pid])) };
    }));
    return combineStats(told.filter(stats => stats !== undefined));
  }

  /** Closes quietly what the set made, and lets go of its members. Safe to call twice. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.clear();
    if (!this.#mediasoup) return;
    this.#mediasoup = undefined;
    this.safeEmit('mediasoup', undefined);
  }

  /** A member has a mediasoup to call: it joins, or it is back. It may be another process than before, so it is looked at again. */
  #onConnected(member: Member): void {
    try {
      this.#assertFits(member.mediasoup!, member.name);
    } catch (error) {
      this.delete(member.manager);
      this.#tell(error as Error);
      return;
    }
    this.#promised ??= promiseOf(member.mediasoup!);
    this.#passLogListeners(member);
    if (!this.#mediasoup) {
      const mediasoup = this.#mediasoup = this.#open(member.mediasoup!);
      // Later, so that `await once(new MediasoupHorizontal([…]), 'mediasoup')` hears it too.
      queueMicrotask(() => this.#mediasoup === mediasoup && this.safeEmit('mediasoup', mediasoup));
    }
    this.#updateConnected();
  }

  #updateConnected(): void {
    const connected = [...this.#members.values()].some(member => member.connected);
    if (connected === this.#connected) return;
    this.#connected = connected;
    queueMicrotask(() => this.safeEmit(connected ? 'connected' : 'disconnected'));
  }

  #onMemberError(member: Member, error: unknown): void {
    this.safeEmit('memberError', error, member.manager);
    const members = [...this.#members.values()];
    if (members.some(it => it.connected || it.lastError === undefined)) return;
    this.#tell(new AggregateError(members.map(it => it.lastError), `none of ${members.length} members can be reached; the last one says: ${String(error)}`));
  }

  /** Emits `error` if anybody listens: an EventEmitter would throw otherwise, and end the app and all its calls. */
  #tell(error: Error): void {
    log('%O', error);
    if (this.listenerCount('error') > 0) this.safeEmit('error', error);
  }

  #assertFits(mediasoup: Mediasoup, name: string): void {
    if (this.#promised) assertCompatible(this.#promised, promiseOf(mediasoup), name);
  }

  /** What the app has asked of all members, asked of one that comes later; that this one cannot do it does not keep it out. */
  #passLogListeners({ mediasoup, name }: Member): void {
    if (!this.#logListeners) return;
    try {
      mediasoup!.setLogEventListeners(this.#logListeners);
    } catch (error) {
      log('%s does not pass its logs on: %s', name, error);
    }
  }

  #open(first: Mediasoup): MediasoupModule {
    return moduleOf(first, {
      createWorker: settings => this.#createWorker(settings),
      setLogEventListeners: listeners => {
        for (const member of this.#members.values()) member.mediasoup?.setLogEventListeners(listeners);
        this.#logListeners = listeners;
      },
    });
  }

  async #createWorker<A extends AppData = AppData>(settings?: WorkerSettings<A>): Promise<Worker<A>> {
    const members = { members: () => [...this.#members.values()], has: (member: Member) => this.#members.get(member.manager) === member };
    const { member, worker: inner } = await placeWorker(members, spread, settings).catch(error => {
      throw this.#destroyed ? new DestroyedError('this set of managers is destroyed: it makes no workers', { cause: error }) : error;
    });
    const pid = this.#pids.take(inner.pid);
    const handedOut: HandedOut = { pid, inner };
    member.handedOut.add(handedOut);
    // Before the app's own listeners: what they make next finds the place free.
    inner.observer.once('close', () => {
      member.handedOut.delete(handedOut);
      this.#pids.release(pid);
    });
    const worker = new HorizontalWorker(inner, pid, this.#homeOf(member));
    this.#mediasoup!.observer.safeEmit('newworker', worker);
    return worker;
  }

  #homeOf(member: Member): WorkerHome {
    return {
      table: this.#pipes,
      NotFoundError: member.mediasoup!.errors.NotFoundError,
      nodeOf: object => member.nodeOf(object),
      placeOf: router => this.nodeOf(router) ?? thisNode(this.#promised!.version),
    };
  }
}

function nameOf(manager: ManagerLike): string {
  return (manager as { node?: NodeInfo }).node?.name ?? 'a manager';
}
