import type { SctpNegotiatedCapabilities, SctpParameters, SctpState, SrtpParameters, TransportTuple } from 'mediasoup/types';

import type { ClassSpec } from './contract.ts';

export interface PlainTransportState {
  readonly id: string;
  readonly type: 'plain';
  readonly tuple: TransportTuple;
  readonly rtcpTuple?: TransportTuple;
  readonly sctpParameters?: SctpParameters;
  readonly sctpState?: SctpState;
  readonly sctpNegotiatedCapabilities?: SctpNegotiatedCapabilities;
  readonly srtpParameters?: SrtpParameters;
}

export const plainTransportClass = {
  state: ['id', 'type', 'tuple', 'rtcpTuple', 'sctpParameters', 'sctpState', 'sctpNegotiatedCapabilities', 'srtpParameters'],
  events: {
    tuple: { sets: 'tuple', observer: true },
    rtcptuple: { sets: 'rtcpTuple', observer: true },
    sctpstatechange: { sets: 'sctpState', reads: ['sctpNegotiatedCapabilities'], observer: true },
    trace: { observer: true, rich: true },
  },
  endings: [],
} as const satisfies ClassSpec;
