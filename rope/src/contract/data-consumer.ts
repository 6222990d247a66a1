import type { DataConsumerDump, DataConsumerStat, DataConsumerType, SctpStreamParameters } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface DataConsumerState {
  readonly id: string;
  readonly dataProducerId: string;
  readonly type: DataConsumerType;
  readonly sctpStreamParameters?: SctpStreamParameters;
  readonly label: string;
  readonly protocol: string;
  readonly paused: boolean;
  readonly dataProducerPaused: boolean;
  readonly subchannels: number[];
}

export const dataConsumerClass = {
  state: ['id', 'dataProducerId', 'type', 'sctpStreamParameters', 'label', 'protocol', 'paused', 'dataProducerPaused', 'subchannels'],
  events: {
    dataproducerpause: { reads: ['dataProducerPaused'], observer: false },
    dataproducerresume: { reads: ['dataProducerPaused'], observer: false },
    sctpsendbufferfull: { observer: false },
    bufferedamountlow: { observer: false },
    /** Of a DirectTransport: the message, and its PPID. */
    message: { observer: false, bytes: true },
  },
  endings: ['dataproducerclose'],
} as const satisfies ClassSpec;

export const dataConsumerMethods = {
  'dataConsumer.dump': read<{ dataConsumer: ObjectId }, DataConsumerDump>(),
  'dataConsumer.getStats': read<{ dataConsumer: ObjectId }, DataConsumerStat[]>(),
  'dataConsumer.pause': request<{ dataConsumer: ObjectId }, void>({ changes: ['paused'] }),
  'dataConsumer.resume': request<{ dataConsumer: ObjectId }, void>({ changes: ['paused'] }),
  'dataConsumer.getBufferedAmount': read<{ dataConsumer: ObjectId }, number>(),
  'dataConsumer.setBufferedAmountLowThreshold': request<{ dataConsumer: ObjectId; threshold: number }, void>(),
  'dataConsumer.setSubchannels': request<{ dataConsumer: ObjectId; subchannels: number[] }, void>({ changes: ['subchannels'] }),
  'dataConsumer.addSubchannel': request<{ dataConsumer: ObjectId; subchannel: number }, void>({ changes: ['subchannels'] }),
  'dataConsumer.removeSubchannel': request<{ dataConsumer: ObjectId; subchannel: number }, void>({ changes: ['subchannels'] }),
  /** `data` for bytes, `text` for a string. Answers the buffered amount in bytes. */
  'dataConsumer.send': request<{ dataConsumer: ObjectId; data?: Uint8Array; text?: string; ppid?: number }, number>(),
  'dataConsumer.close': notification<{ dataConsumer: ObjectId }>(),
} as const;
