import type { ProducerState } from '@mediacluster/rope/contract';
import type { AppData, MediaKind, Producer, ProducerDump, ProducerEvents, ProducerObserverEvents, ProducerScore, ProducerStat, ProducerTraceEventType, ProducerType, RtpParameters } from 'mediasoup/types';

import { checkTraceTypes, clone, notCarried } from './checks.ts';
import { RemoteObject } from './remote-object.ts';

/** A Producer in a media node. */
export class RemoteProducer<Data extends AppData = AppData>
  extends RemoteObject<ProducerEvents, ProducerObserverEvents, ProducerState, Data> implements Producer<Data> {
  static override readonly name: string = 'ProducerImpl';

  get id(): string {
    return this.state.id;
  }

  get kind(): MediaKind {
    return this.state.kind;
  }

  get rtpParameters(): RtpParameters {
    return clone(this.state.rtpParameters);
  }

  get type(): ProducerType {
    return this.state.type;
  }

  get consumableRtpParameters(): RtpParameters {
    return clone(this.state.consumableRtpParameters);
  }

  get paused(): boolean {
    return this.state.paused;
  }

  get score(): ProducerScore[] {
    return clone(this.state.score);
  }

  close(): void {
    if (this.closed) return;
    this.leave('producer.close', { producer: this.object });
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

  dump(): Promise<ProducerDump> {
    return this.request('producer.dump', { producer: this.object });
  }

  getStats(): Promise<ProducerStat[]> {
    return this.request('producer.getStats', { producer: this.object });
  }

  pause(): Promise<void> {
    return this.request('producer.pause', { producer: this.object });
  }

  resume(): Promise<void> {
    return this.request('producer.resume', { producer: this.object });
  }

  async enableTraceEvent(types: ProducerTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    throw notCarried('producer.enableTraceEvent()');
  }

  send(rtpPacket: Buffer): void {
    if (!Buffer.isBuffer(rtpPacket)) throw new TypeError('rtpPacket must be a Buffer');
    throw notCarried('producer.send()');
  }
}
