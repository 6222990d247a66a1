import { MessageTooLargeError } from '@mediacluster/rope';
import type { Replica, ReplicaRecord, RopeClient } from '@mediacluster/rope';
import type { MethodParams, MethodResult, Methods, NotificationName, ObjectId, ObjectRecord, RequestName } from '@mediacluster/rope/contract';
import createDebug from 'debug';

import type { NodeInfo } from '../manager.ts';
import { WorkerClosedError } from './local-half.ts';

const log = createDebug('mediacluster:remote');

/** What the mirrors use of a RopeClient. */
export interface Wire extends Pick<RopeClient<Methods>, 'request' | 'notify'> {
  readonly replica: Pick<Replica, 'adopt' | 'forget' | 'get'>;
}

/** Takes an object that an answer has brought into the replica, to which its state is plain data, whatever the contract calls it. */
export function adopt({ replica }: Wire, record: ObjectRecord<object>): ReplicaRecord {
  return replica.adopt(record as ObjectRecord);
}

/**
 * The wire as one worker and everything below it see it: typed by the contract, and ending with the worker, as mediasoup's channel
 * does: what is still unanswered then rejects with `WorkerClosedError`, and so does everything later.
 */
export class WorkerLink {
  /** The node on which the worker lives. */
  readonly node: NodeInfo;
  readonly #wire: Wire;
  readonly #pending = new Set<() => void>();
  #ended = false;

  constructor(wire: Wire, node: NodeInfo) {
    this.#wire = wire;
    this.node = node;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Sends at once, in the order of the calls. `onResult` runs in the same synchronous run in which the answer is taken in, before
   * any later message; what it returns is the result. It does not run once the worker is gone.
   */
  request<Name extends RequestName, T = MethodResult<Name>>(
    method: Name,
    params: MethodParams<Name>,
    onResult?: (result: MethodResult<Name>) => T,
  ): Promise<T> {
    if (this.#ended) return Promise.reject(new WorkerClosedError(`Channel closed, cannot send request [method:${method}]`));
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => reject(new WorkerClosedError(`Channel closed, pending request aborted [method:${method}]`));
      this.#pending.add(abort);
      // Nobody waits for it any more when the worker has gone meanwhile, so the value does not matter.
      const take = onResult && ((result: MethodResult<Name>): T => (this.#ended ? (undefined as T) : onResult(result)));
      const done = <Given>(settle: (given: Given) => void) => (given: Given): void => {
        this.#pending.delete(abort);
        settle(given);
      };
      this.#wire.request<Name, T>(method, params, take && { onResult: take }).then(done<T>(resolve), done<unknown>(reject));
    });
  }

  /** Sends what is synchronous in mediasoup, in the same order as the requests. */
  notify<Name extends NotificationName>(method: Name, params: MethodParams<Name>): void {
    if (!this.#ended) this.#wire.notify(method, params);
  }

  /** As `notify()`, for media and messages: what is too large is logged and not sent, as mediasoup does. */
  post<Name extends NotificationName>(method: Name, params: MethodParams<Name>): void {
    try {
      this.notify(method, params);
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      log('%s: %s', method, error.message);
    }
  }

  /** The app's object with this number, if it is open. */
  mirrorOf(object: ObjectId): unknown {
    return this.#wire.replica.get(object)?.mirror;
  }

  /** Takes an object that an answer has brought into the replica. */
  adopt(record: ObjectRecord<object>): ReplicaRecord {
    return adopt(this.#wire, record);
  }

  /** The object was closed on this side: what the node still says about it, or about what is below it, is dropped. */
  forget(object: ObjectId): void {
    this.#wire.replica.forget(object);
  }

  /** The worker is gone. Safe to call twice. */
  end(): void {
    this.#ended = true;
    for (const abort of this.#pending) abort();
    this.#pending.clear();
  }
}
