import type { ProducerState } from '@mediacluster/rope/contract';
import type { AppData, MediaKind, Producer, ProducerDump, ProducerEvents, ProducerObserverEvents, ProducerScore, ProducerStat, ProducerTraceEventType, ProducerType, RtpParameters } from 'mediasoup/types';

import { checkTraceTypes, clone } from './checks.ts';
import { family, objectId, post, request, state } from './internals.ts';
import { RemoteSource } from './transport-child.ts';

/** A Producer in a media node. */
export class RemoteProducer<Data extends AppData = AppData>
  extends RemoteSource<ProducerEvents, ProducerObserverEvents, ProducerState, Data, ProducerDump, ProducerStat> implements Producer<Data> {
  static override readonly name: string = 'ProducerImpl';

  [family](): 'producer' {
    return 'producer';
  }

  get kind(): MediaKind {
    return this[state].kind;
  }

  get rtpParameters(): RtpParameters {
    return clone(this[state].rtpParameters);
  }

  get type(): ProducerType {
    return this[state].type;
  }

  get consumableRtpParameters(): RtpParameters {
    return clone(this[state].consumableRtpParameters);
  }

  get score(): ProducerScore[] {
    return clone(this[state].score);
  }

  async enableTraceEvent(types: ProducerTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    return this[request]('producer.enableTraceEvent', { producer: this[objectId], types });
  }

  /** One RTP packet, which is copied. Does something on a DirectTransport alone. */
  send(rtpPacket: Buffer): void {
    if (!Buffer.isBuffer(rtpPacket)) throw new TypeError('rtpPacket must be a Buffer');
    this[post]('PRODUCER_SEND', 'producer.send', { producer: this[objectId], data: Buffer.from(rtpPacket) });
  }
}
