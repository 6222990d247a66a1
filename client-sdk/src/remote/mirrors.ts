import type { LossReason, Replica, ReplicaHost, ReplicaRecord } from '@mediacluster/rope';

import { appeared, endedByNode, left, link, lost, patched, pushed } from './internals.ts';
import type { RemoteMediasoup } from './mediasoup.ts';
import { RemoteObject } from './remote-object.ts';
import type { AnyMirror } from './remote-object.ts';
import { RemoteWorker } from './worker.ts';

/**
 * Carries what the replica tells to the app's objects. A record without a mirror is of a class that a newer node has and this SDK does
 * not know; it and what is below it are left alone.
 */
export class Mirrors implements ReplicaHost {
  readonly #mediasoup: RemoteMediasoup;
  readonly #replica: () => Replica;

  /** @param replica the one that tells; it is made after its host */
  constructor(mediasoup: RemoteMediasoup, replica: () => Replica) {
    this.#mediasoup = mediasoup;
    this.#replica = replica;
  }

  created(record: ReplicaRecord): void {
    if (record.parent !== undefined) mirrorOf(this.#replica().get(record.parent))?.[appeared](record);
    else if (record.type === 'worker') this.#mediasoup.workerAppeared(record);
  }

  patched(record: ReplicaRecord, previous: Record<string, unknown>): void {
    mirrorOf(record)?.[patched](previous);
  }

  event(record: ReplicaRecord, event: string, args: unknown[], previous: Record<string, unknown>): void {
    mirrorOf(record)?.[pushed](event, args, previous);
  }

  closed(record: ReplicaRecord, event?: string, args?: unknown[]): void {
    mirrorOf(record)?.[endedByNode](event, args);
  }

  /** The node is gone without a word: its workers have died. */
  lost(roots: ReplicaRecord[], reason: LossReason): void {
    for (const worker of workersOf(roots)) {
      worker[lost](new Error(`node ${worker[link].node.name} is lost [pid:${worker.pid}, reason:${reason}]`));
    }
  }

  /** A planned leave: nobody hears `died`, since the common `worker.on('died', () => process.exit(1))` would end the app. */
  left(roots: ReplicaRecord[]): void {
    for (const worker of workersOf(roots)) worker[left]();
  }
}

/** The app's object of a record, if this SDK knows its class. */
export function mirrorOf(record: ReplicaRecord | undefined): AnyMirror | undefined {
  return record?.mirror instanceof RemoteObject ? record.mirror as AnyMirror : undefined;
}

/** The workers among the objects without a parent. */
export function workersOf(roots: readonly ReplicaRecord[]): RemoteWorker[] {
  return roots.map(({ mirror }) => mirror).filter(mirror => mirror instanceof RemoteWorker);
}
