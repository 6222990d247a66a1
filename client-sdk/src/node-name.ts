import type { Worker } from 'mediasoup/types';

const names = new WeakMap<Worker, string>();

/** Under this name a worker or router of this SDK says on which node it lives: an app that looks for mediasoup's members finds no other. */
export const nodeInfo: unique symbol = Symbol.for('mediacluster.node');

/** Notes on which node a worker lives. For the rooms that make workers: remote, and horizontal for its proxies. */
export function setNodeName(worker: Worker, name: string): void {
  names.set(worker, name);
}

/** The name of the node on which a worker lives; `undefined` for one that is not of this SDK. */
export function nodeNameOf(worker: Worker): string | undefined {
  return names.get(worker);
}
