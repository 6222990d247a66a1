import type { ConsumerState } from '@mediacluster/rope/contract';
import type { AppData, Consumer, ConsumerDump, ConsumerEvents, ConsumerLayers, ConsumerObserverEvents, ConsumerScore, ConsumerStat, ConsumerTraceEventType, ConsumerType, MediaKind, ProducerStat, RtpParameters } from 'mediasoup/types';

import { checkTraceTypes, clone, notCarried } from './checks.ts';
import { pauseChange } from './effective-pause.ts';
import { RemoteObject } from './remote-object.ts';

/** A Consumer in a media node. */
export class RemoteConsumer<Data extends AppData = AppData>
  extends RemoteObject<ConsumerEvents, ConsumerObserverEvents, ConsumerState, Data> implements Consumer<Data> {
  static override readonly name: string = 'ConsumerImpl';

  get id(): string {
    return this.state.id;
  }

  get producerId(): string {
    return this.state.producerId;
  }

  get kind(): MediaKind {
    return this.state.kind;
  }

  get rtpParameters(): RtpParameters {
    return clone(this.state.rtpParameters);
  }

  get type(): ConsumerType {
    return this.state.type;
  }

  get paused(): boolean {
    return this.state.paused;
  }

  get producerPaused(): boolean {
    return this.state.producerPaused;
  }

  get priority(): number {
    return this.state.priority;
  }

  get score(): ConsumerScore {
    return clone(this.state.score);
  }

  get preferredLayers(): ConsumerLayers | undefined {
    return clone(this.state.preferredLayers);
  }

  get currentLayers(): ConsumerLayers | undefined {
    return clone(this.state.currentLayers);
  }

  close(): void {
    if (this.closed) return;
    this.leave('consumer.close', { consumer: this.object });
    this.end();
  }

  transportClosed(): void {
    this.end([['transportclose']]);
  }

  override endedByParent(): void {
    this.transportClosed();
  }

  /** Nobody but its producer ends a consumer while its transport lives, so that is what was missed when it is missing. */
  override endedByNode(event = 'producerclose'): void {
    super.endedByNode(event);
  }

  override pushed(event: string, args: readonly unknown[], previous: Readonly<Record<string, unknown>>): void {
    if (event === 'producerpause' || event === 'producerresume') this.#pauseChanged(previous);
    else super.pushed(event, args, previous);
  }

  override patched(previous: Readonly<Record<string, unknown>>): void {
    super.patched(previous);
    this.#pauseChanged(previous);
  }

  dump(): Promise<ConsumerDump> {
    return this.request('consumer.dump', { consumer: this.object });
  }

  getStats(): Promise<(ConsumerStat | ProducerStat)[]> {
    return this.request('consumer.getStats', { consumer: this.object });
  }

  pause(): Promise<void> {
    return this.request('consumer.pause', { consumer: this.object });
  }

  resume(): Promise<void> {
    return this.request('consumer.resume', { consumer: this.object });
  }

  async setPreferredLayers({ spatialLayer, temporalLayer }: ConsumerLayers): Promise<void> {
    if (typeof spatialLayer !== 'number') throw new TypeError('spatialLayer must be a number');
    if (temporalLayer !== undefined && temporalLayer !== null && typeof temporalLayer !== 'number') {
      throw new TypeError('if given, temporalLayer must be a number');
    }
    return this.request('consumer.setPreferredLayers', { consumer: this.object, layers: { spatialLayer, temporalLayer } });
  }

  async setPriority(priority: number): Promise<void> {
    if (typeof priority !== 'number' || priority < 0) throw new TypeError('priority must be a positive number');
    return this.request('consumer.setPriority', { consumer: this.object, priority });
  }

  unsetPriority(): Promise<void> {
    return this.request('consumer.unsetPriority', { consumer: this.object });
  }

  requestKeyFrame(): Promise<void> {
    return this.request('consumer.requestKeyFrame', { consumer: this.object });
  }

  async enableTraceEvent(types: ConsumerTraceEventType[] = []): Promise<void> {
    checkTraceTypes(types);
    throw notCarried('consumer.enableTraceEvent()');
  }

  #pauseChanged(previous: Readonly<Record<string, unknown>>): void {
    const { paused, producerPaused } = this.state;
    const { producer, observer } = pauseChange({ own: paused, producer: producerPaused }, { own: previous['paused'], producer: previous['producerPaused'] });
    if (producer) this.safeEmit(`producer${producer}`);
    if (observer) this.tellObserver(observer);
  }
}
