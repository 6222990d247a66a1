import type { DirectTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, DirectTransport, DirectTransportDump, DirectTransportEvents, DirectTransportObserverEvents, DirectTransportStat,
} from 'mediasoup/types';

import { objectId, post, request } from './internals.ts';
import { UnsupportedError } from './local-half.ts';
import { RemoteTransport } from './transport.ts';

/** A DirectTransport in a media node. */
export class RemoteDirectTransport<Data extends AppData = AppData>
  extends RemoteTransport<DirectTransportEvents, DirectTransportObserverEvents, DirectTransportState, Data> implements DirectTransport<Data> {
  static override readonly name: string = 'DirectTransportImpl';

  get type(): 'direct' {
    return 'direct';
  }

  dump(): Promise<DirectTransportDump> {
    return this[request]<'transport.dump', DirectTransportDump>('transport.dump', { transport: this[objectId] });
  }

  getStats(): Promise<DirectTransportStat[]> {
    return this[request]<'transport.getStats', DirectTransportStat[]>('transport.getStats', { transport: this[objectId] });
  }

  /** Does nothing, as mediasoup's. */
  async connect(): Promise<void> {}

  override async setMaxIncomingBitrate(_bitrate: number): Promise<void> {
    throw new UnsupportedError('setMaxIncomingBitrate() not implemented in DirectTransport');
  }

  override async setMaxOutgoingBitrate(_bitrate: number): Promise<void> {
    throw new UnsupportedError('setMaxOutgoingBitrate() not implemented in DirectTransport');
  }

  override async setMinOutgoingBitrate(_bitrate: number): Promise<void> {
    throw new UnsupportedError('setMinOutgoingBitrate() not implemented in DirectTransport');
  }

  /** One RTCP packet, which is copied. */
  sendRtcp(rtcpPacket: Buffer): void {
    if (!Buffer.isBuffer(rtcpPacket)) throw new TypeError('rtcpPacket must be a Buffer');
    this[post]('TRANSPORT_SEND_RTCP', 'transport.sendRtcp', { transport: this[objectId], data: Buffer.from(rtcpPacket) });
  }
}
