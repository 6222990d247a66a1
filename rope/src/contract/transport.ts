import type { ConsumerOptions, DataConsumerOptions, DataProducerOptions, ProducerOptions, TransportTraceEventType } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { Creation, ObjectId, ObjectRecord } from './contract.ts';
import type { ConsumerState } from './consumer.ts';
import type { DataConsumerState } from './data-consumer.ts';
import type { DataProducerState } from './data-producer.ts';
import type { ProducerState } from './producer.ts';

/** What every kind of transport can do. `connect` and results that differ by kind are typed where they are used. */
export const transportMethods = {
  'transport.dump': read<{ transport: ObjectId }, unknown>(),
  'transport.getStats': read<{ transport: ObjectId }, unknown[]>(),
  'transport.connect': request<{ transport: ObjectId; options: unknown }, void>({
    changes: ['dtlsParameters', 'tuple', 'rtcpTuple', 'srtpParameters'],
  }),
  'transport.setMaxIncomingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.setMaxOutgoingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.setMinOutgoingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.produce': request<{ transport: ObjectId; options: Omit<ProducerOptions, 'appData'> } & Creation, ObjectRecord<ProducerState>>(),
  'transport.consume': request<{ transport: ObjectId; options: Omit<ConsumerOptions, 'appData'> } & Creation, ObjectRecord<ConsumerState>>({
    once: ['options.rtpCapabilities'],
  }),
  'transport.produceData': request<{ transport: ObjectId; options: Omit<DataProducerOptions, 'appData'> } & Creation, ObjectRecord<DataProducerState>>(),
  'transport.consumeData': request<{ transport: ObjectId; options: Omit<DataConsumerOptions, 'appData'> } & Creation, ObjectRecord<DataConsumerState>>(),
  'transport.enableTraceEvent': request<{ transport: ObjectId; types: TransportTraceEventType[] }, void>(),
  /** Of a DirectTransport. `data` is one RTCP packet. */
  'transport.sendRtcp': notification<{ transport: ObjectId; data: Uint8Array }>({ media: true }),
  'transport.close': notification<{ transport: ObjectId }>(),
} as const;
