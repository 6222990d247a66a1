import type { WebRtcServerDump } from 'mediasoup/types';

import { notification, read } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface WebRtcServerState {
  readonly id: string;
}

export const webRtcServerClass = { state: ['id'], events: {}, endings: [] } as const satisfies ClassSpec;

export const webRtcServerMethods = {
  'webRtcServer.dump': read<{ webRtcServer: ObjectId }, WebRtcServerDump>(),
  'webRtcServer.close': notification<{ webRtcServer: ObjectId }>(),
} as const;
