import * as mediasoup from 'mediasoup';

import { LocalManager } from '@mediacluster/sdk';

/** The mediasoup of this process, whose workers are its children. */
export function local(): LocalManager {
  return new LocalManager(mediasoup);
}
