import type { PipeTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, Consumer, PipeConsumerOptions, PipeTransport, PipeTransportDump, PipeTransportEvents, PipeTransportObserverEvents, PipeTransportStat,
  SrtpParameters, TransportTuple,
} from 'mediasoup/types';

import { checkAppData, clone } from './checks.ts';
import { consumeProducer, objectId, request, state } from './internals.ts';
import { RemoteSctpTransport } from './sctp-transport.ts';

/** A PipeTransport in a media node. */
export class RemotePipeTransport<Data extends AppData = AppData>
  extends RemoteSctpTransport<PipeTransportEvents, PipeTransportObserverEvents, PipeTransportState, Data> implements PipeTransport<Data> {
  static override readonly name: string = 'PipeTransportImpl';

  get type(): 'pipe' {
    return 'pipe';
  }

  get tuple(): TransportTuple {
    return clone(this[state].tuple);
  }

  get srtpParameters(): SrtpParameters | undefined {
    return clone(this[state].srtpParameters);
  }

  dump(): Promise<PipeTransportDump> {
    return this[request]<'transport.dump', PipeTransportDump>('transport.dump', { transport: this[objectId] });
  }

  getStats(): Promise<PipeTransportStat[]> {
    return this[request]<'transport.getStats', PipeTransportStat[]>('transport.getStats', { transport: this[objectId] });
  }

  async connect({ ip, port, srtpParameters }: { ip: string; port: number; srtpParameters?: SrtpParameters }): Promise<void> {
    return this[request]('transport.connect', { transport: this[objectId], options: { ip, port, srtpParameters } });
  }

  override async consume<ConsumerData extends AppData = AppData>(options: PipeConsumerOptions<ConsumerData>): Promise<Consumer<ConsumerData>> {
    const { producerId, appData } = options;
    if (!producerId || typeof producerId !== 'string') throw new TypeError('missing producerId');
    checkAppData(appData);
    return this[consumeProducer]({ producerId, appData });
  }
}
