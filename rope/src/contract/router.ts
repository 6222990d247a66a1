import type { PipeTransportOptions, RouterDump, RtpCapabilities, WebRtcTransportOptions } from 'mediasoup/types';

import { notification, request } from './contract.ts';
import type { ClassSpec, ObjectId, ObjectRecord } from './contract.ts';
import type { PipeTransportState } from './pipe-transport.ts';
import type { WebRtcTransportState } from './web-rtc-transport.ts';

export interface RouterState {
  readonly id: string;
  readonly rtpCapabilities: RtpCapabilities;
}

export const routerClass = { state: ['id', 'rtpCapabilities'], events: {}, endings: [] } as const satisfies ClassSpec;

/** `webRtcServer` is a live object in mediasoup's options; here it is named beside them. */
export type RemoteWebRtcTransportOptions = Omit<WebRtcTransportOptions, 'appData' | 'webRtcServer'>;

export const routerMethods = {
  'router.dump': request<{ router: ObjectId }, RouterDump>(),
  'router.createWebRtcTransport': request<
    { router: ObjectId; options: RemoteWebRtcTransportOptions; webRtcServer?: ObjectId },
    ObjectRecord<WebRtcTransportState>
  >(),
  'router.createPipeTransport': request<{ router: ObjectId; options: Omit<PipeTransportOptions, 'appData'> }, ObjectRecord<PipeTransportState>>(),
  'router.close': notification<{ router: ObjectId }>(),
} as const;
