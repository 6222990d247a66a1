import type { Worker } from 'mediasoup/types';

const names = new WeakMap<Worker, string>();

/** Notes on which node a worker lives. For the rooms that make workers: remote, and horizontal for its proxies. */
export function setNodeName(worker: Worker, name: string): void {
  names.set(worker, name);
}

/** The name of the node on which a worker lives; `undefined` for one that is not of this SDK. */
export function nodeNameOf(worker: Worker): string | undefined {
  return names.get(worker);
}
