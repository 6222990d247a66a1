import type {
  ActiveSpeakerObserver, ActiveSpeakerObserverOptions, AppData, AudioLevelObserver, AudioLevelObserverOptions, DirectTransport, DirectTransportOptions,
  PipeToRouterOptions, PipeToRouterResult, PipeTransport, PipeTransportOptions, PlainTransport, PlainTransportOptions, Router, RouterDump, RouterEvents,
  RouterObserver, RouterObserverEvents, RouterRtpCodecCapability, RtpCapabilities, WebRtcTransport, WebRtcTransportOptions,
} from 'mediasoup/types';

import type { NodeInfo } from '../manager.ts';
import { nodeInfo } from '../node-name.ts';
import { ObjectEmitter } from '../object-emitter.ts';
import type { Place } from '../pipe/link.ts';
import { pipeToRouter } from '../pipe/pipe-to-router.ts';
import type { Piping } from '../pipe/pipe-to-router.ts';
import { ProducerIndex } from '../pipe/producer-index.ts';
import { logListenerErrors } from './log.ts';

/** What a router needs of the set that handed it out. */
export interface RouterHome {
  readonly table: Piping['table'];
  readonly NotFoundError: Piping['NotFoundError'];
  placeOf(router: Router): Place;
  nodeOf(router: Router): NodeInfo | undefined;
}

/** A router of a member, as an object of its own that outlives nothing but its member's. Its transports are the member's own objects. */
export class HorizontalRouter<RouterAppData extends AppData = AppData> extends ObjectEmitter<RouterEvents> implements Router<RouterAppData> {
  static override readonly name: string = 'RouterImpl';
  readonly #observer: RouterObserver = new ObjectEmitter<RouterObserverEvents>();
  readonly #inner: Router<RouterAppData>;
  readonly #home: RouterHome;
  readonly #producers: ProducerIndex;

  constructor(inner: Router<RouterAppData>, home: RouterHome) {
    super();
    this.#inner = inner;
    this.#home = home;
    // Before any listener of the app: what its handler of `newproducer` pipes must be known.
    this.#producers = new ProducerIndex(inner);
    logListenerErrors(this, `router ${inner.id}`);
    inner.on('workerclose', () => this.safeEmit('workerclose'));
    inner.observer.on('close', () => this.#observer.safeEmit('close'));
    inner.observer.on('newtransport', transport => this.#observer.safeEmit('newtransport', transport));
    inner.observer.on('newrtpobserver', rtpObserver => this.#observer.safeEmit('newrtpobserver', rtpObserver));
  }

  get id(): string {
    return this.#inner.id;
  }

  get observer(): RouterObserver {
    return this.#observer;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  get rtpCapabilities(): RtpCapabilities {
    return this.#inner.rtpCapabilities;
  }

  get appData(): RouterAppData {
    return this.#inner.appData;
  }

  set appData(appData: RouterAppData) {
    this.#inner.appData = appData;
  }

  /** The node on which the router lives. */
  get [nodeInfo](): NodeInfo | undefined {
    return this.#home.nodeOf(this.#inner);
  }

  close(): void {
    this.#inner.close();
  }

  /** mediasoup's own, for its Worker. */
  workerClosed(): void {
    this.#inner.workerClosed();
  }

  dump(): Promise<RouterDump> {
    return this.#inner.dump();
  }

  createWebRtcTransport<A extends AppData = AppData>(options: WebRtcTransportOptions<A>): Promise<WebRtcTransport<A>> {
    return this.#inner.createWebRtcTransport(options);
  }

  createPlainTransport<A extends AppData = AppData>(options: PlainTransportOptions<A>): Promise<PlainTransport<A>> {
    return this.#inner.createPlainTransport(options);
  }

  createPipeTransport<A extends AppData = AppData>(options: PipeTransportOptions<A>): Promise<PipeTransport<A>> {
    return this.#inner.createPipeTransport(options);
  }

  createDirectTransport<A extends AppData = AppData>(options?: DirectTransportOptions<A>): Promise<DirectTransport<A>> {
    return this.#inner.createDirectTransport(options);
  }

  createActiveSpeakerObserver<A extends AppData = AppData>(options?: ActiveSpeakerObserverOptions<A>): Promise<ActiveSpeakerObserver<A>> {
    return this.#inner.createActiveSpeakerObserver(options);
  }

  createAudioLevelObserver<A extends AppData = AppData>(options?: AudioLevelObserverOptions<A>): Promise<AudioLevelObserver<A>> {
    return this.#inner.createAudioLevelObserver(options);
  }

  /** As mediasoup's, to a router on any node. */
  pipeToRouter(options: PipeToRouterOptions): Promise<PipeToRouterResult> {
    return pipeToRouter(this, options, { ...this.#home, placeOf: router => this.#home.placeOf(router), producers: this.#producers });
  }

  canConsume(options: { producerId: string; rtpCapabilities: RtpCapabilities }): boolean {
    return this.#inner.canConsume(options);
  }

  updateMediaCodecs(mediaCodecs: RouterRtpCodecCapability[]): void {
    this.#inner.updateMediaCodecs(mediaCodecs);
  }
}
