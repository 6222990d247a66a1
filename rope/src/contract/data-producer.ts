import type { DataProducerDump, DataProducerStat, DataProducerType, SctpStreamParameters } from 'mediasoup/types';

import { notification, read, request } from './contract.ts';
import type { ClassSpec, ObjectId } from './contract.ts';

export interface DataProducerState {
  readonly id: string;
  readonly type: DataProducerType;
  readonly sctpStreamParameters?: SctpStreamParameters;
  readonly label: string;
  readonly protocol: string;
  readonly paused: boolean;
}

export const dataProducerClass = {
  state: ['id', 'type', 'sctpStreamParameters', 'label', 'protocol', 'paused'],
  events: {},
  endings: [],
} as const satisfies ClassSpec;

export const dataProducerMethods = {
  'dataProducer.dump': read<{ dataProducer: ObjectId }, DataProducerDump>(),
  'dataProducer.getStats': read<{ dataProducer: ObjectId }, DataProducerStat[]>(),
  'dataProducer.pause': request<{ dataProducer: ObjectId }, void>({ changes: ['paused'] }),
  'dataProducer.resume': request<{ dataProducer: ObjectId }, void>({ changes: ['paused'] }),
  /** `data` for bytes, `text` for a string; of a DirectTransport. */
  'dataProducer.send': notification<{
    dataProducer: ObjectId; data?: Uint8Array; text?: string; ppid?: number; subchannels?: number[]; requiredSubchannel?: number; ignoredSubchannel?: number;
  }>(),
  'dataProducer.close': notification<{ dataProducer: ObjectId }>(),
} as const;
