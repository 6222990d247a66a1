import type {
  ActiveSpeakerObserverOptions, AudioLevelObserverOptions, DirectTransportOptions, PipeTransportOptions, PlainTransportOptions, RouterDump,
  RouterRtpCodecCapability, RtpCapabilities, WebRtcTransportOptions,
} from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, Creation, ObjectId, ObjectRecord } from './contract.ts';
import type { DirectTransportState } from './direct-transport.ts';
import type { PipeTransportState } from './pipe-transport.ts';
import type { PlainTransportState } from './plain-transport.ts';
import type { ActiveSpeakerObserverState, AudioLevelObserverState } from './rtp-observer.ts';
import type { WebRtcTransportState } from './web-rtc-transport.ts';

export interface RouterState {
  readonly id: string;
  readonly rtpCapabilities: RtpCapabilities;
}

export const routerClass = { state: ['id', 'rtpCapabilities'], events: {}, endings: [] } as const satisfies ClassSpec;

/** `webRtcServer` is a live object in mediasoup's options; here it is named beside them. */
export type RemoteWebRtcTransportOptions = Omit<WebRtcTransportOptions, 'appData' | 'webRtcServer'>;

export const routerMethods = {
  'router.dump': read<{ router: ObjectId }, RouterDump>(),
  'router.createWebRtcTransport': request<
    { router: ObjectId; options: RemoteWebRtcTransportOptions; webRtcServer?: ObjectId } & Creation,
    ObjectRecord<WebRtcTransportState>
  >(),
  'router.createPlainTransport': request<
    { router: ObjectId; options: Omit<PlainTransportOptions, 'appData'> } & Creation,
    ObjectRecord<PlainTransportState>
  >(),
  'router.createPipeTransport': request<{ router: ObjectId; options: Omit<PipeTransportOptions, 'appData'> } & Creation, ObjectRecord<PipeTransportState>>(),
  'router.createDirectTransport': request<
    { router: ObjectId; options: Omit<DirectTransportOptions, 'appData'> } & Creation,
    ObjectRecord<DirectTransportState>
  >(),
  'router.createActiveSpeakerObserver': request<
    { router: ObjectId; options: Omit<ActiveSpeakerObserverOptions, 'appData'> } & Creation,
    ObjectRecord<ActiveSpeakerObserverState>
  >(),
  'router.createAudioLevelObserver': request<
    { router: ObjectId; options: Omit<AudioLevelObserverOptions, 'appData'> } & Creation,
    ObjectRecord<AudioLevelObserverState>
  >(),
  /** Synchronous in mediasoup, and refused in the app's own process: the node is told what has been accepted. */
  'router.updateMediaCodecs': notification<{ router: ObjectId; mediaCodecs: RouterRtpCodecCapability[] }>(),
  'router.close': notification<{ router: ObjectId }>(),
} as const;
