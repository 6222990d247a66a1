import type { DataConsumerState } from '@mediacluster/rope/contract';
import type { AppData, DataConsumer, DataConsumerDump, DataConsumerEvents, DataConsumerObserverEvents, DataConsumerStat, DataConsumerType, SctpStreamParameters } from 'mediasoup/types';

import { clone, contentOf } from './checks.ts';
import { family, objectId, request, state } from './internals.ts';
import { RemoteSink } from './transport-child.ts';

/** A DataConsumer in a media node. */
export class RemoteDataConsumer<Data extends AppData = AppData>
  extends RemoteSink<DataConsumerEvents, DataConsumerObserverEvents, DataConsumerState, Data, DataConsumerDump, DataConsumerStat>
  implements DataConsumer<Data> {
  static override readonly name: string = 'DataConsumerImpl';

  [family](): 'dataConsumer' {
    return 'dataConsumer';
  }

  get dataProducerId(): string {
    return this[state].dataProducerId;
  }

  get type(): DataConsumerType {
    return this[state].type;
  }

  get sctpStreamParameters(): SctpStreamParameters | undefined {
    return clone(this[state].sctpStreamParameters);
  }

  get label(): string {
    return this[state].label;
  }

  get protocol(): string {
    return this[state].protocol;
  }

  get dataProducerPaused(): boolean {
    return this[state].dataProducerPaused;
  }

  get subchannels(): number[] {
    return clone(this[state].subchannels);
  }

  setBufferedAmountLowThreshold(threshold: number): Promise<void> {
    return this[request]('dataConsumer.setBufferedAmountLowThreshold', { dataConsumer: this[objectId], threshold });
  }

  getBufferedAmount(): Promise<number> {
    return this[request]('dataConsumer.getBufferedAmount', { dataConsumer: this[objectId] });
  }

  /** A message, which is copied. Resolves with the buffered amount in bytes. */
  async send(message: string | Buffer, ppid?: number): Promise<number> {
    const content = contentOf(message);
    return this[request]('dataConsumer.send', { dataConsumer: this[objectId], ...content, ppid });
  }

  setSubchannels(subchannels: number[]): Promise<void> {
    return this[request]('dataConsumer.setSubchannels', { dataConsumer: this[objectId], subchannels });
  }

  addSubchannel(subchannel: number): Promise<void> {
    return this[request]('dataConsumer.addSubchannel', { dataConsumer: this[objectId], subchannel });
  }

  removeSubchannel(subchannel: number): Promise<void> {
    return this[request]('dataConsumer.removeSubchannel', { dataConsumer: this[objectId], subchannel });
  }
}
