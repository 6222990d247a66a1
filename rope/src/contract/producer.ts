import type { MediaKind, ProducerDump, ProducerScore, ProducerStat, ProducerTraceEventType, ProducerType, RtpParameters } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface ProducerState {
  readonly id: string;
  readonly kind: MediaKind;
  readonly type: ProducerType;
  readonly rtpParameters: RtpParameters;
  /** What `router.canConsume()` needs in the app's process. */
  readonly consumableRtpParameters: RtpParameters;
  readonly paused: boolean;
  readonly score: ProducerScore[];
}

export const producerClass = {
  state: ['id', 'kind', 'type', 'rtpParameters', 'consumableRtpParameters', 'paused', 'score'],
  events: {
    score: { sets: 'score', observer: true },
    videoorientationchange: { observer: true },
    trace: { observer: true, rich: true },
  },
  endings: [],
} as const satisfies ClassSpec;

export const producerMethods = {
  'producer.dump': read<{ producer: ObjectId }, ProducerDump>(),
  'producer.getStats': read<{ producer: ObjectId }, ProducerStat[]>(),
  'producer.pause': request<{ producer: ObjectId }, void>({ changes: ['paused'] }),
  'producer.resume': request<{ producer: ObjectId }, void>({ changes: ['paused'] }),
  'producer.enableTraceEvent': request<{ producer: ObjectId; types: ProducerTraceEventType[] }, void>(),
  /** Of a DirectTransport. `data` is one RTP packet. */
  'producer.send': notification<{ producer: ObjectId; data: Uint8Array }>({ media: true }),
  'producer.close': notification<{ producer: ObjectId }>(),
} as const;
