import type { DtlsParameters, DtlsState, IceCandidate, IceParameters, IceState, SctpNegotiatedCapabilities, SctpParameters, SctpState, TransportTuple } from 'mediasoup/types';

import { request } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface WebRtcTransportState {
  readonly id: string;
  readonly type: 'webrtc';
  readonly iceRole: 'controlled';
  readonly iceParameters: IceParameters;
  readonly iceCandidates: IceCandidate[];
  readonly iceState: IceState;
  readonly iceSelectedTuple?: TransportTuple;
  readonly dtlsParameters: DtlsParameters;
  readonly dtlsState: DtlsState;
  readonly dtlsRemoteCert?: string;
  readonly sctpParameters?: SctpParameters;
  readonly sctpState?: SctpState;
  readonly sctpNegotiatedCapabilities?: SctpNegotiatedCapabilities;
  /** The WebRtcServer of the app's that it listens on. */
  readonly webRtcServer?: ObjectId;
}

export const webRtcTransportClass = {
  state: [
    'id', 'type', 'iceRole', 'iceParameters', 'iceCandidates', 'iceState', 'iceSelectedTuple', 'dtlsParameters', 'dtlsState',
    'dtlsRemoteCert', 'sctpParameters', 'sctpState', 'sctpNegotiatedCapabilities', 'webRtcServer',
  ],
  events: {
    icestatechange: { sets: 'iceState', observer: true },
    iceselectedtuplechange: { sets: 'iceSelectedTuple', observer: true },
    dtlsstatechange: { sets: 'dtlsState', reads: ['dtlsRemoteCert'], observer: true },
    // The negotiated capabilities arrive without an event of their own; they are known by the time SCTP is connected.
    sctpstatechange: { sets: 'sctpState', reads: ['sctpNegotiatedCapabilities'], observer: true },
    trace: { observer: true, rich: true },
  },
  endings: ['listenserverclose'],
} as const satisfies ClassSpec;

export const webRtcTransportMethods = {
  'webRtcTransport.restartIce': request<{ transport: ObjectId }, IceParameters>({ changes: ['iceParameters'] }),
} as const;
