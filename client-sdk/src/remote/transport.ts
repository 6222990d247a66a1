import type { ReplicaRecord } from '@mediacluster/rope';
import type { DirectTransportState, PipeTransportState, PlainTransportState, WebRtcTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, Consumer, ConsumerOptions, DataConsumer, DataConsumerOptions, DataProducer, DataProducerOptions, Producer, ProducerOptions,
  TransportEvents, TransportObserverEvents, TransportTraceEventType,
} from 'mediasoup/types';

import { checkAppData, checkId, checkTraceTypes } from './checks.ts';
import { RemoteConsumer } from './consumer.ts';
import { RemoteDataConsumer } from './data-consumer.ts';
import { RemoteDataProducer } from './data-producer.ts';
import { appeared, childEnded, closeChildren, consumeProducer, create, end, endedByParent, hasSource, leave, link, objectId, request, state, tellObserver } from './internals.ts';
import { NotFoundError, ortc } from './local-half.ts';
import { RemoteProducer } from './producer.ts';
import type { Producers } from './producers.ts';
import { RemoteObject } from './remote-object.ts';
import type { AnyChild, AnyMirror, Made, MirrorInit } from './remote-object.ts';

type TransportState = WebRtcTransportState | PlainTransportState | PipeTransportState | DirectTransportState;
type Child = RemoteProducer | RemoteConsumer | RemoteDataProducer | RemoteDataConsumer;

/** What a transport is made of. */
export interface TransportInit extends MirrorInit {
  /** Those of its router. */
  readonly producers: Producers;
}

/** What all transports in a media node have in common. */
export abstract class RemoteTransport<
  Events extends TransportEvents, ObserverEvents extends TransportObserverEvents, State extends TransportState, Data extends AppData,
> extends RemoteObject<Events, ObserverEvents, State, Data> {
  readonly #routersProducers: Producers;
  // In the order in which they are closed.
  readonly #producers = new Map<string, RemoteProducer>();
  readonly #consumers = new Set<RemoteConsumer>();
  readonly #dataProducers = new Map<string, RemoteDataProducer>();
  readonly #dataConsumers = new Set<RemoteDataConsumer>();

  constructor(init: TransportInit) {
    super(init);
    this.#routersProducers = init.producers;
  }

  get id(): string {
    return this[state].id;
  }

  close(): void {
    if (this.closed) return;
    this[leave]('transport.close', { transport: this[objectId] });
    this[end]();
  }

  routerClosed(): void {
    this[end]([['routerclose']]);
  }

  listenServerClosed(): void {
    this[end]([['listenserverclose']]);
  }

  [endedByParent](): void {
    this.routerClosed();
  }

  async setMaxIncomingBitrate(bitrate: number): Promise<void> {
    BigInt(bitrate); // mediasoup's own check
    return this[request]('transport.setMaxIncomingBitrate', { transport: this[objectId], bitrate });
  }

  async setMaxOutgoingBitrate(bitrate: number): Promise<void> {
    BigInt(bitrate);
    return this[request]('transport.setMaxOutgoingBitrate', { transport: this[objectId], bitrate });
  }

  async setMinOutgoingBitrate(bitrate: number): Promise<void> {
    BigInt(bitrate);
    return this[request]('transport.setMinOutgoingBitrate', { transport: this[objectId], bitrate });
  }

  async produce<ProducerData extends AppData = AppData>({ appData, ...options }: ProducerOptions<ProducerData>): Promise<Producer<ProducerData>> {
    checkId(this.#producers, options.id, 'Producer');
    if (!['audio', 'video'].includes(options.kind)) throw new TypeError(`invalid kind "${options.kind}"`);
    checkAppData(appData);
    // The node makes this check; on a closed transport it is not asked, and wrong arguments are told first.
    if (this.closed) ortc.validateAndNormalizeRtpParameters(structuredClone(options.rtpParameters));
    return this[create]('transport.produce', { transport: this[objectId], options }, appData);
  }

  async consume<ConsumerData extends AppData = AppData>(options: ConsumerOptions<ConsumerData>): Promise<Consumer<ConsumerData>> {
    const { producerId, mid, rtpCapabilities, appData } = options;
    if (!producerId || typeof producerId !== 'string') throw new TypeError('missing producerId');
    checkAppData(appData);
    if (mid && typeof mid !== 'string') throw new TypeError('if given, mid must be non empty string');
    // The node makes this check too, which is why it is made here only where the node is not asked.
    if (this.closed || !this.#routersProducers.producer(producerId)) ortc.validateAndNormalizeRtpCapabilities(structuredClone(rtpCapabilities));
    return this[consumeProducer](options);
  }

  async produceData<ProducerData extends AppData = AppData>(
    { appData, ...options }: DataProducerOptions<ProducerData> = {},
  ): Promise<DataProducer<ProducerData>> {
    checkId(this.#dataProducers, options.id, 'DataProducer');
    checkAppData(appData);
    if (this.closed && this[state].type !== 'direct') ortc.validateAndNormalizeSctpStreamParameters(structuredClone(options.sctpStreamParameters!));
    return this[create]('transport.produceData', { transport: this[objectId], options }, appData);
  }

  async consumeData<ConsumerData extends AppData = AppData>(
    { appData, ...options }: DataConsumerOptions<ConsumerData>,
  ): Promise<DataConsumer<ConsumerData>> {
    const { dataProducerId } = options;
    if (!dataProducerId || typeof dataProducerId !== 'string') throw new TypeError('missing dataProducerId');
    checkAppData(appData);
    if (!this.#routersProducers.dataProducer(dataProducerId)) throw new NotFoundError(`DataProducer with id "${dataProducerId}" not found`);
    return this[create]('transport.consumeData', { transport: this[objectId], options }, appData);
  }

  async enableTraceEvent(types: TransportTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    return this[request]('transport.enableTraceEvent', { transport: this[objectId], types });
  }

  override [appeared](record: ReplicaRecord, made?: Made): AnyChild | undefined {
    const init = { link: this[link], record, parent: this as unknown as AnyMirror, made };
    switch (record.type) {
      case 'producer': {
        const producer = new RemoteProducer(init);
        this.#producers.set(producer.id, producer);
        this.#routersProducers.add(producer);
        return this.#tellNew('newproducer', producer);
      }
      case 'consumer': {
        const consumer = new RemoteConsumer(init);
        this.#consumers.add(consumer);
        return this.#tellNew('newconsumer', consumer);
      }
      case 'dataProducer': {
        const producer = new RemoteDataProducer(init);
        this.#dataProducers.set(producer.id, producer);
        this.#routersProducers.addData(producer);
        return this.#tellNew('newdataproducer', producer);
      }
      case 'dataConsumer': {
        const consumer = new RemoteDataConsumer(init);
        this.#dataConsumers.add(consumer);
        return this.#tellNew('newdataconsumer', consumer);
      }
      default:
        return undefined;
    }
  }

  [hasSource](isData: boolean, id: string): boolean {
    return (isData ? this.#routersProducers.dataProducer(id) : this.#routersProducers.producer(id)) !== undefined;
  }

  override [childEnded](child: unknown): void {
    if (child instanceof RemoteConsumer) this.#consumers.delete(child);
    else if (child instanceof RemoteDataConsumer) this.#dataConsumers.delete(child);
    else if (child instanceof RemoteProducer) {
      this.#producers.delete(child.id);
      this.#routersProducers.delete(child);
    } else if (child instanceof RemoteDataProducer) {
      this.#dataProducers.delete(child.id);
      this.#routersProducers.deleteData(child);
    }
  }

  override [closeChildren](): void {
    for (const children of [this.#producers, this.#consumers, this.#dataProducers, this.#dataConsumers]) {
      for (const child of children.values()) child.transportClosed();
    }
  }

  /** After the checks that differ by kind of transport. */
  async [consumeProducer]<ConsumerData extends AppData>(
    { appData, ...options }: Partial<ConsumerOptions<ConsumerData>> & Pick<ConsumerOptions, 'producerId'>,
  ): Promise<Consumer<ConsumerData>> {
    if (!this.#routersProducers.producer(options.producerId)) throw new NotFoundError(`Producer with id "${options.producerId}" not found`);
    return this[create]('transport.consume', { transport: this[objectId], options }, appData);
  }

  #tellNew(event: string, child: Child): AnyChild {
    this[tellObserver](event, child);
    return child;
  }
}
