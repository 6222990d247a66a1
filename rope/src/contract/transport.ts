import type { ConsumerOptions, DataConsumerOptions, DataProducerOptions, ProducerOptions } from 'mediasoup/types';

import { notification, request } from './contract.ts';
import type { ObjectId, ObjectRecord } from './contract.ts';
import type { ConsumerState } from './consumer.ts';
import type { DataConsumerState } from './data-consumer.ts';
import type { DataProducerState } from './data-producer.ts';
import type { ProducerState } from './producer.ts';

/** What every kind of transport can do. `connect` and results that differ by kind are typed where they are used. */
export const transportMethods = {
  'transport.dump': request<{ transport: ObjectId }, unknown>(),
  'transport.getStats': request<{ transport: ObjectId }, unknown[]>(),
  'transport.connect': request<{ transport: ObjectId; options: unknown }, void>({ changes: ['dtlsParameters', 'tuple'] }),
  'transport.setMaxIncomingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.setMaxOutgoingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.setMinOutgoingBitrate': request<{ transport: ObjectId; bitrate: number }, void>(),
  'transport.produce': request<{ transport: ObjectId; options: Omit<ProducerOptions, 'appData'> }, ObjectRecord<ProducerState>>(),
  'transport.consume': request<{ transport: ObjectId; options: Omit<ConsumerOptions, 'appData'> }, ObjectRecord<ConsumerState>>(),
  'transport.produceData': request<{ transport: ObjectId; options: Omit<DataProducerOptions, 'appData'> }, ObjectRecord<DataProducerState>>(),
  'transport.consumeData': request<{ transport: ObjectId; options: Omit<DataConsumerOptions, 'appData'> }, ObjectRecord<DataConsumerState>>(),
  'transport.close': notification<{ transport: ObjectId }>(),
} as const;
