import type { ClassSpec } from './contract.ts';

export interface DirectTransportState {
  readonly id: string;
  readonly type: 'direct';
}

export const directTransportClass = {
  state: ['id', 'type'],
  events: {
    trace: { observer: true, rich: true },
    /** One RTCP packet. mediasoup declares it for the observer too, and never emits it there. */
    rtcp: { observer: false, bytes: true, media: true },
  },
  endings: [],
} as const satisfies ClassSpec;
