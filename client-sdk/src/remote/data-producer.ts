import type { DataProducerState } from '@mediacluster/rope/contract';
import type { AppData, DataProducer, DataProducerDump, DataProducerEvents, DataProducerObserverEvents, DataProducerStat, DataProducerType, SctpStreamParameters } from 'mediasoup/types';

import { clone, notCarried } from './checks.ts';
import { RemoteObject } from './remote-object.ts';

/** A DataProducer in a media node. */
export class RemoteDataProducer<Data extends AppData = AppData>
  extends RemoteObject<DataProducerEvents, DataProducerObserverEvents, DataProducerState, Data> implements DataProducer<Data> {
  static override readonly name: string = 'DataProducerImpl';

  get id(): string {
    return this.state.id;
  }

  get type(): DataProducerType {
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

  close(): void {
    if (this.closed) return;
    this.leave('dataProducer.close', { dataProducer: this.object });
    this.end();
  }

  transportClosed(): void {
    this.end([['transportclose']]);
  }

  override endedByParent(): void {
    this.transportClosed();
  }

  override patched(previous: Readonly<Record<string, unknown>>): void {
    super.patched(previous);
    if ('paused' in previous) this.tellObserver(this.paused ? 'pause' : 'resume');
  }

  dump(): Promise<DataProducerDump> {
    return this.request('dataProducer.dump', { dataProducer: this.object });
  }

  getStats(): Promise<DataProducerStat[]> {
    return this.request('dataProducer.getStats', { dataProducer: this.object });
  }

  pause(): Promise<void> {
    return this.request('dataProducer.pause', { dataProducer: this.object });
  }

  resume(): Promise<void> {
    return this.request('dataProducer.resume', { dataProducer: this.object });
  }

  send(message: string | Buffer): void {
    if (typeof message !== 'string' && !Buffer.isBuffer(message)) throw new TypeError('message must be a string or a Buffer');
    throw notCarried('dataProducer.send()');
  }
}
