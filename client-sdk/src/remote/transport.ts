import type { ReplicaRecord } from '@mediacluster/rope';
import type { PipeTransportState, WebRtcTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, Consumer, ConsumerOptions, DataConsumer, DataConsumerOptions, DataProducer, DataProducerOptions, Producer, ProducerOptions,
  SctpNegotiatedCapabilities, SctpParameters, SctpState, TransportEvents, TransportObserverEvents, TransportTraceEventType,
} from 'mediasoup/types';

import { checkAppData, checkTraceTypes, clone, notCarried } from './checks.ts';
import { RemoteConsumer } from './consumer.ts';
import { RemoteDataConsumer } from './data-consumer.ts';
import { RemoteDataProducer } from './data-producer.ts';
import { NotFoundError, ortc } from './local-half.ts';
import { RemoteProducer } from './producer.ts';
import type { Producers } from './producers.ts';
import { RemoteObject } from './remote-object.ts';
import type { MirrorInit } from './remote-object.ts';

type TransportState = WebRtcTransportState | PipeTransportState;

/** What a transport is made of. */
export interface TransportInit<Data extends AppData> extends MirrorInit<Data> {
  /** Those of its router. */
  readonly producers: Producers;
}

/** What all transports in a media node have in common. */
export abstract class RemoteTransport<
  Events extends TransportEvents, ObserverEvents extends TransportObserverEvents, State extends TransportState, Data extends AppData,
> extends RemoteObject<Events, ObserverEvents, State, Data> {
  readonly #routersProducers: Producers;
  readonly #producers = new Set<RemoteProducer>();
  readonly #consumers = new Set<RemoteConsumer>();
  readonly #dataProducers = new Set<RemoteDataProducer>();
  readonly #dataConsumers = new Set<RemoteDataConsumer>();

  constructor(init: TransportInit<Data>) {
    super(init);
    this.#routersProducers = init.producers;
  }

  get id(): string {
    return this.state.id;
  }

  get sctpParameters(): SctpParameters | undefined {
    return clone(this.state.sctpParameters);
  }

  get sctpState(): SctpState | undefined {
    return this.state.sctpState;
  }

  get sctpNegotiatedCapabilities(): SctpNegotiatedCapabilities | undefined {
    return clone(this.state.sctpNegotiatedCapabilities);
  }

  close(): void {
    if (this.closed) return;
    this.leave('transport.close', { transport: this.object });
    this.end();
  }

  routerClosed(): void {
    this.end([['routerclose']]);
  }

  listenServerClosed(): void {
    this.end([['listenserverclose']]);
  }

  override endedByParent(): void {
    this.routerClosed();
  }

  setMaxIncomingBitrate(bitrate: number): Promise<void> {
    return this.request('transport.setMaxIncomingBitrate', { transport: this.object, bitrate });
  }

  setMaxOutgoingBitrate(bitrate: number): Promise<void> {
    return this.request('transport.setMaxOutgoingBitrate', { transport: this.object, bitrate });
  }

  setMinOutgoingBitrate(bitrate: number): Promise<void> {
    return this.request('transport.setMinOutgoingBitrate', { transport: this.object, bitrate });
  }

  async produce<ProducerData extends AppData = AppData>({ appData, ...options }: ProducerOptions<ProducerData>): Promise<Producer<ProducerData>> {
    checkAppData(appData);
    if (!['audio', 'video'].includes(options.kind)) throw new TypeError(`invalid kind "${options.kind}"`);
    return this.create('transport.produce', { transport: this.object, options }, record => this.#addProducer(record, appData));
  }

  async consume<ConsumerData extends AppData = AppData>(options: ConsumerOptions<ConsumerData>): Promise<Consumer<ConsumerData>> {
    const { producerId, mid, rtpCapabilities, appData } = options;
    if (!producerId || typeof producerId !== 'string') throw new TypeError('missing producerId');
    checkAppData(appData);
    if (mid && typeof mid !== 'string') throw new TypeError('if given, mid must be non empty string');
    ortc.validateAndNormalizeRtpCapabilities(structuredClone(rtpCapabilities));
    return this.consumeProducer(options);
  }

  async produceData<ProducerData extends AppData = AppData>(
    { appData, ...options }: DataProducerOptions<ProducerData> = {},
  ): Promise<DataProducer<ProducerData>> {
    checkAppData(appData);
    return this.create('transport.produceData', { transport: this.object, options }, record => this.#addDataProducer(record, appData));
  }

  async consumeData<ConsumerData extends AppData = AppData>(
    { appData, ...options }: DataConsumerOptions<ConsumerData>,
  ): Promise<DataConsumer<ConsumerData>> {
    const { dataProducerId } = options;
    if (!dataProducerId || typeof dataProducerId !== 'string') throw new TypeError('missing dataProducerId');
    checkAppData(appData);
    if (!this.#routersProducers.dataProducer(dataProducerId)) throw new NotFoundError(`DataProducer with id "${dataProducerId}" not found`);
    return this.create('transport.consumeData', { transport: this.object, options }, record => this.#addDataConsumer(record, appData));
  }

  async enableTraceEvent(types: TransportTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    throw notCarried('transport.enableTraceEvent()');
  }

  override childAppeared(record: ReplicaRecord): void {
    if (record.type === 'producer') this.#addProducer(record);
    else if (record.type === 'consumer') this.#addConsumer(record);
    else if (record.type === 'dataProducer') this.#addDataProducer(record);
    else if (record.type === 'dataConsumer') this.#addDataConsumer(record);
  }

  /** The last part of `consume()`, after the checks that differ by kind of transport. */
  protected async consumeProducer<ConsumerData extends AppData>(
    { appData, ...options }: Partial<ConsumerOptions<ConsumerData>> & Pick<ConsumerOptions, 'producerId'>,
  ): Promise<Consumer<ConsumerData>> {
    if (!this.#routersProducers.producer(options.producerId)) throw new NotFoundError(`Producer with id "${options.producerId}" not found`);
    // A pipe consumer takes no capabilities, which the contract's type of the options asks for.
    const params = { transport: this.object, options: options as Omit<ConsumerOptions, 'appData'> };
    return this.create('transport.consume', params, record => this.#addConsumer(record, appData));
  }

  protected override closeState(): void {
    if (this.state.sctpState) this.setState({ sctpState: 'closed' } as Partial<State>);
  }

  protected override closeChildren(): void {
    for (const children of [this.#producers, this.#consumers, this.#dataProducers, this.#dataConsumers]) {
      for (const child of children) child.transportClosed();
    }
  }

  #addProducer<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteProducer<ChildData> {
    const producer: RemoteProducer<ChildData> = new RemoteProducer<ChildData>({
      link: this.link, record, appData, onEnd: () => (this.#producers.delete(producer), this.#routersProducers.delete(producer)),
    });
    this.#producers.add(producer);
    this.#routersProducers.add(producer);
    this.tellObserver('newproducer', producer);
    return producer;
  }

  #addConsumer<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteConsumer<ChildData> {
    const consumer: RemoteConsumer<ChildData> = new RemoteConsumer<ChildData>({
      link: this.link, record, appData, onEnd: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    this.tellObserver('newconsumer', consumer);
    return consumer;
  }

  #addDataProducer<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteDataProducer<ChildData> {
    const producer: RemoteDataProducer<ChildData> = new RemoteDataProducer<ChildData>({
      link: this.link, record, appData, onEnd: () => (this.#dataProducers.delete(producer), this.#routersProducers.deleteData(producer)),
    });
    this.#dataProducers.add(producer);
    this.#routersProducers.addData(producer);
    this.tellObserver('newdataproducer', producer);
    return producer;
  }

  #addDataConsumer<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteDataConsumer<ChildData> {
    const consumer: RemoteDataConsumer<ChildData> = new RemoteDataConsumer<ChildData>({
      link: this.link, record, appData, onEnd: () => this.#dataConsumers.delete(consumer),
    });
    this.#dataConsumers.add(consumer);
    this.tellObserver('newdataconsumer', consumer);
    return consumer;
  }
}
