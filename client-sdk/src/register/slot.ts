import type { Mediasoup } from '../manager.ts';

/** Where the preload leaves the mediasoup that the stand-in modules hand out: they may be loaded by another copy of this package. */
const SLOT = Symbol.for('mediacluster.mediasoup');

type Global = { [SLOT]?: Mediasoup };

/** Puts the remote mediasoup in place. Called once, before the app's first line. */
export function fill(mediasoup: Mediasoup): void {
  (globalThis as Global)[SLOT] = mediasoup;
}

/** The remote mediasoup. @throws Error when a stand-in module was loaded without the preload */
export function mediasoupOfThisProcess(): Mediasoup {
  const mediasoup = (globalThis as Global)[SLOT];
  if (!mediasoup) throw new Error('no remote mediasoup in this process: start it with `node --import @mediacluster/sdk/register`');
  return mediasoup;
}
