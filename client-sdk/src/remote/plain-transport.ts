import type { PlainTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, PlainTransport, PlainTransportDump, PlainTransportEvents, PlainTransportObserverEvents, PlainTransportStat, SrtpParameters, TransportTuple,
} from 'mediasoup/types';

import { clone } from './checks.ts';
import { objectId, request, state } from './internals.ts';
import { RemoteSctpTransport } from './sctp-transport.ts';

/** A PlainTransport in a media node. */
export class RemotePlainTransport<Data extends AppData = AppData>
  extends RemoteSctpTransport<PlainTransportEvents, PlainTransportObserverEvents, PlainTransportState, Data> implements PlainTransport<Data> {
  static override readonly name: string = 'PlainTransportImpl';

  get type(): 'plain' {
    return 'plain';
  }

  get tuple(): TransportTuple {
    return clone(this[state].tuple);
  }

  get rtcpTuple(): TransportTuple | undefined {
    return clone(this[state].rtcpTuple);
  }

  get srtpParameters(): SrtpParameters | undefined {
    return clone(this[state].srtpParameters);
  }

  dump(): Promise<PlainTransportDump> {
    return this[request]<'transport.dump', PlainTransportDump>('transport.dump', { transport: this[objectId] });
  }

  getStats(): Promise<PlainTransportStat[]> {
    return this[request]<'transport.getStats', PlainTransportStat[]>('transport.getStats', { transport: this[objectId] });
  }

  async connect(
    { ip, port, rtcpPort, srtpParameters }: { ip?: string; port?: number; rtcpPort?: number; srtpParameters?: SrtpParameters },
  ): Promise<void> {
    return this[request]('transport.connect', { transport: this[objectId], options: { ip, port, rtcpPort, srtpParameters } });
  }
}
