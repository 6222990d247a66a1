import type { ConsumerDump, ConsumerLayers, ConsumerScore, ConsumerStat, ConsumerTraceEventType, ConsumerType, MediaKind, ProducerStat, RtpParameters } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface ConsumerState {
  readonly id: string;
  readonly producerId: string;
  readonly kind: MediaKind;
  readonly type: ConsumerType;
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
  readonly producerPaused: boolean;
  readonly priority: number;
  readonly score: ConsumerScore;
  readonly preferredLayers?: ConsumerLayers;
  readonly currentLayers?: ConsumerLayers;
}

export const consumerClass = {
  state: ['id', 'producerId', 'kind', 'type', 'rtpParameters', 'paused', 'producerPaused', 'priority', 'score', 'preferredLayers', 'currentLayers'],
  events: {
    producerpause: { reads: ['producerPaused'], observer: false },
    producerresume: { reads: ['producerPaused'], observer: false },
    score: { sets: 'score', observer: true },
    layerschange: { sets: 'currentLayers', observer: true },
    trace: { observer: true, rich: true },
    /** Of a DirectTransport: one RTP packet. */
    rtp: { observer: false, bytes: true, media: true },
  },
  endings: ['producerclose'],
} as const satisfies ClassSpec;

export const consumerMethods = {
  'consumer.dump': read<{ consumer: ObjectId }, ConsumerDump>(),
  'consumer.getStats': read<{ consumer: ObjectId }, (ConsumerStat | ProducerStat)[]>(),
  'consumer.pause': request<{ consumer: ObjectId }, void>({ changes: ['paused'] }),
  'consumer.resume': request<{ consumer: ObjectId }, void>({ changes: ['paused'] }),
  'consumer.setPreferredLayers': request<{ consumer: ObjectId; layers: ConsumerLayers }, void>({ changes: ['preferredLayers'] }),
  'consumer.setPriority': request<{ consumer: ObjectId; priority: number }, void>({ changes: ['priority'] }),
  'consumer.unsetPriority': request<{ consumer: ObjectId }, void>({ changes: ['priority'] }),
  'consumer.requestKeyFrame': request<{ consumer: ObjectId }, void>(),
  'consumer.enableTraceEvent': request<{ consumer: ObjectId; types: ConsumerTraceEventType[] }, void>(),
  'consumer.close': notification<{ consumer: ObjectId }>(),
} as const;
