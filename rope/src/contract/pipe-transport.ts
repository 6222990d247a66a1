import type { SctpNegotiatedCapabilities, SctpParameters, SctpState, SrtpParameters, TransportTuple } from 'mediasoup/types';

import type { ClassSpec } from './contract.ts';

export interface PipeTransportState {
  readonly id: string;
  readonly type: 'pipe';
  readonly tuple: TransportTuple;
  readonly sctpParameters?: SctpParameters;
  readonly sctpState?: SctpState;
  readonly sctpNegotiatedCapabilities?: SctpNegotiatedCapabilities;
  readonly srtpParameters?: SrtpParameters;
}

export const pipeTransportClass = {
  state: ['id', 'type', 'tuple', 'sctpParameters', 'sctpState', 'sctpNegotiatedCapabilities', 'srtpParameters'],
  events: {
    sctpstatechange: { sets: 'sctpState', reads: ['sctpNegotiatedCapabilities'], observer: true },
    trace: { observer: true, rich: true },
  },
  endings: [],
} as const satisfies ClassSpec;
