import type { ConsumerState } from '@mediacluster/rope/contract';
import type { AppData, Consumer, ConsumerDump, ConsumerEvents, ConsumerLayers, ConsumerObserverEvents, ConsumerScore, ConsumerStat, ConsumerTraceEventType, ConsumerType, MediaKind, ProducerStat, RtpParameters } from 'mediasoup/types';

import { checkTraceTypes, clone } from './checks.ts';
import { family, objectId, request, state } from './internals.ts';
import { RemoteSink } from './transport-child.ts';

/** A Consumer in a media node. */
export class RemoteConsumer<Data extends AppData = AppData>
  extends RemoteSink<ConsumerEvents, ConsumerObserverEvents, ConsumerState, Data, ConsumerDump, ConsumerStat | ProducerStat> implements Consumer<Data> {
  static override readonly name: string = 'ConsumerImpl';

  [family](): 'consumer' {
    return 'consumer';
  }

  get producerId(): string {
    return this[state].producerId;
  }

  get kind(): MediaKind {
    return this[state].kind;
  }

  get rtpParameters(): RtpParameters {
    return clone(this[state].rtpParameters);
  }

  get type(): ConsumerType {
    return this[state].type;
  }

  get producerPaused(): boolean {
    return this[state].producerPaused;
  }

  get priority(): number {
    return this[state].priority;
  }

  get score(): ConsumerScore {
    return clone(this[state].score);
  }

  get preferredLayers(): ConsumerLayers | undefined {
    return clone(this[state].preferredLayers);
  }

  get currentLayers(): ConsumerLayers | undefined {
    return clone(this[state].currentLayers);
  }

  async setPreferredLayers({ spatialLayer, temporalLayer }: ConsumerLayers): Promise<void> {
    if (typeof spatialLayer !== 'number') throw new TypeError('spatialLayer must be a number');
    if (temporalLayer !== undefined && temporalLayer !== null && typeof temporalLayer !== 'number') {
      throw new TypeError('if given, temporalLayer must be a number');
    }
    return this[request]('consumer.setPreferredLayers', { consumer: this[objectId], layers: { spatialLayer, temporalLayer } });
  }

  async setPriority(priority: number): Promise<void> {
    if (typeof priority !== 'number' || priority < 0) throw new TypeError('priority must be a positive number');
    return this[request]('consumer.setPriority', { consumer: this[objectId], priority });
  }

  unsetPriority(): Promise<void> {
    return this[request]('consumer.unsetPriority', { consumer: this[objectId] });
  }

  requestKeyFrame(): Promise<void> {
    return this[request]('consumer.requestKeyFrame', { consumer: this[objectId] });
  }

  async enableTraceEvent(types: ConsumerTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    return this[request]('consumer.enableTraceEvent', { consumer: this[objectId], types });
  }
}
