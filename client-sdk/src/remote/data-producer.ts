import type { DataProducerState } from '@mediacluster/rope/contract';
import type { AppData, DataProducer, DataProducerDump, DataProducerEvents, DataProducerObserverEvents, DataProducerStat, DataProducerType, SctpStreamParameters } from 'mediasoup/types';

import { clone, contentOf } from './checks.ts';
import { family, objectId, post, state } from './internals.ts';
import { RemoteSource } from './transport-child.ts';

/** A DataProducer in a media node. */
export class RemoteDataProducer<Data extends AppData = AppData>
  extends RemoteSource<DataProducerEvents, DataProducerObserverEvents, DataProducerState, Data, DataProducerDump, DataProducerStat>
  implements DataProducer<Data> {
  static override readonly name: string = 'DataProducerImpl';

  [family](): 'dataProducer' {
    return 'dataProducer';
  }

  get type(): DataProducerType {
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

  /** A message, which is copied. Does something on a DirectTransport alone. */
  send(message: string | Buffer, ppid?: number, subchannels?: number[], requiredSubchannel?: number, ignoredSubchannel?: number): void {
    const content = contentOf(message);
    this[post]('DATAPRODUCER_SEND', 'dataProducer.send', {
      dataProducer: this[objectId], ...content, ppid, subchannels, requiredSubchannel, ignoredSubchannel,
    });
  }
}
