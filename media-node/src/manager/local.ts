import * as mediasoup from 'mediasoup';

import { LocalManager } from '@mediacluster/sdk';

let forgetsDead = false;

/** The mediasoup of this process, whose workers are its children. */
export function local(): LocalManager {
  if (!forgetsDead) forgetDead();
  forgetsDead = true;
  return new LocalManager(mediasoup);
}

/**
 * mediasoup 3.27 takes a worker's listeners off the process when the worker is closed, but not when it has died: each crash
 * would keep its worker, its channel and the rest of its subprocess in memory for good (some 9 KiB).
 */
function forgetDead(): void {
  mediasoup.observer.on('newworker', worker => {
    const { onSignal } = worker as unknown as { readonly onSignal: NodeJS.SignalsListener };
    worker.once('died', () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, onSignal);
    });
  });
}
