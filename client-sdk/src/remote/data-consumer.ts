import type { DataConsumerState } from '@mediacluster/rope/contract';
import type { AppData, DataConsumer, DataConsumerDump, DataConsumerEvents, DataConsumerObserverEvents, DataConsumerStat, DataConsumerType, SctpStreamParameters } from 'mediasoup/types';

import { clone, notCarried } from './checks.ts';
import { pauseChange } from './effective-pause.ts';
import { RemoteObject } from './remote-object.ts';

/** A DataConsumer in a media node. */
export class RemoteDataConsumer<Data extends AppData = AppData>
  extends RemoteObject<DataConsumerEvents, DataConsumerObserverEvents, DataConsumerState, Data> implements DataConsumer<Data> {
  static override readonly name: string = 'DataConsumerImpl';

  get id(): string {
    return this.state.id;
  }

  get dataProducerId(): string {
    return this.state.dataProducerId;
  }

  get type(): DataConsumerType {
    return this.state.type;
  }

  get sctpStreamParameters(): SctpStreamParameters | undefined {
    return clone(this.state.sctpStreamParameters);
  }

  get label(): string {
    return this.state.label;
  }

  get protocol(): string {
    return this.state.protocol;
  }

  get paused(): boolean {
    return this.state.paused;
  }

  get dataProducerPaused(): boolean {
    return this.state.dataProducerPaused;
  }

  get subchannels(): number[] {
    return clone(this.state.subchannels);
  }

  close(): void {
    if (this.closed) return;
    this.leave('dataConsumer.close', { dataConsumer: this.object });
    this.end();
  }

  transportClosed(): void {
    this.end([['transportclose']]);
  }

  override endedByParent(): void {
    this.transportClosed();
  }

  /** As with a consumer: nobody but its producer ends it while its transport lives. */
  override endedByNode(event = 'dataproducerclose'): void {
    super.endedByNode(event);
  }

  override pushed(event: string, args: readonly unknown[], previous: Readonly<Record<string, unknown>>): void {
    if (event === 'dataproducerpause' || event === 'dataproducerresume') this.#pauseChanged(previous);
    else super.pushed(event, args, previous);
  }

  override patched(previous: Readonly<Record<string, unknown>>): void {
    super.patched(previous);
    this.#pauseChanged(previous);
  }

  dump(): Promise<DataConsumerDump> {
    return this.request('dataConsumer.dump', { dataConsumer: this.object });
  }

  getStats(): Promise<DataConsumerStat[]> {
    return this.request('dataConsumer.getStats', { dataConsumer: this.object });
  }

  pause(): Promise<void> {
    return this.request('dataConsumer.pause', { dataConsumer: this.object });
  }

  resume(): Promise<void> {
    return this.request('dataConsumer.resume', { dataConsumer: this.object });
  }

  setBufferedAmountLowThreshold(threshold: number): Promise<void> {
    return this.request('dataConsumer.setBufferedAmountLowThreshold', { dataConsumer: this.object, threshold });
  }

  getBufferedAmount(): Promise<number> {
    return this.request('dataConsumer.getBufferedAmount', { dataConsumer: this.object });
  }

  async send(message: string | Buffer): Promise<number> {
    if (typeof message !== 'string' && !Buffer.isBuffer(message)) throw new TypeError('message must be a string or a Buffer');
    throw notCarried('dataConsumer.send()');
  }

  setSubchannels(subchannels: number[]): Promise<void> {
    return this.request('dataConsumer.setSubchannels', { dataConsumer: this.object, subchannels });
  }

  addSubchannel(subchannel: number): Promise<void> {
    return this.request('dataConsumer.addSubchannel', { dataConsumer: this.object, subchannel });
  }

  removeSubchannel(subchannel: number): Promise<void> {
    return this.request('dataConsumer.removeSubchannel', { dataConsumer: this.object, subchannel });
  }

  #pauseChanged(previous: Readonly<Record<string, unknown>>): void {
    const { paused, dataProducerPaused } = this.state;
    const { producer, observer } = pauseChange({ own: paused, producer: dataProducerPaused }, { own: previous['paused'], producer: previous['dataProducerPaused'] });
    if (producer) this.safeEmit(`dataproducer${producer}`);
    if (observer) this.tellObserver(observer);
  }
}
