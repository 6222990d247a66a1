import type { ActiveSpeakerObserverState, AudioLevelObserverState } from '@mediacluster/rope/contract';
import type {
  ActiveSpeakerObserver, ActiveSpeakerObserverEvents, ActiveSpeakerObserverObserverEvents, AppData, AudioLevelObserver, AudioLevelObserverEvents,
  AudioLevelObserverObserverEvents, RtpObserverEvents, RtpObserverObserverEvents,
} from 'mediasoup/types';

import { end, endedByParent, leave, link, objectId, patched, pushed, request, state, tellObserver } from './internals.ts';
import { NotFoundError } from './local-half.ts';
import { RemoteProducer } from './producer.ts';
import type { Producers } from './producers.ts';
import { RemoteObject } from './remote-object.ts';
import type { MirrorInit } from './remote-object.ts';

type RtpObserverState = ActiveSpeakerObserverState | AudioLevelObserverState;

/** What an RTP observer is made of. */
export interface RtpObserverInit extends MirrorInit {
  /** Those of its router. */
  readonly producers: Producers;
}

/** What both kinds of RTP observers in a media node have in common. */
export abstract class RemoteRtpObserver<
  Events extends RtpObserverEvents, ObserverEvents extends RtpObserverObserverEvents, State extends RtpObserverState, Data extends AppData,
> extends RemoteObject<Events, ObserverEvents, State, Data> {
  readonly #producers: Producers;

  constructor(init: RtpObserverInit) {
    super(init);
    this.#producers = init.producers;
  }

  get id(): string {
    return this[state].id;
  }

  get paused(): boolean {
    return this[state].paused;
  }

  close(): void {
    if (this.closed) return;
    this[leave]('rtpObserver.close', { rtpObserver: this[objectId] });
    this[end]();
  }

  routerClosed(): void {
    this[end]([['routerclose']]);
  }

  [endedByParent](): void {
    this.routerClosed();
  }

  override [patched](previous: Readonly<Record<string, unknown>>): void {
    super[patched](previous);
    if ('paused' in previous) this[tellObserver](this.paused ? 'pause' : 'resume');
  }

  /** `dominantspeaker({ producer })`, `volumes([{ producer, volume }])`, `addproducer(producer)`: with the app's own objects. */
  override [pushed](event: string, args: readonly unknown[], previous: Readonly<Record<string, unknown>>): void {
    if (args.length === 0) return super[pushed](event, args, previous);
    // As mediasoup: what is about producers that are gone is not told.
    const named = this.#named(args[0]);
    if (named !== undefined) super[pushed](event, [named], previous);
  }

  pause(): Promise<void> {
    return this[request]('rtpObserver.pause', { rtpObserver: this[objectId] });
  }

  resume(): Promise<void> {
    return this[request]('rtpObserver.resume', { rtpObserver: this[objectId] });
  }

  async addProducer({ producerId }: { producerId: string }): Promise<void> {
    return this[request]('rtpObserver.addProducer', { rtpObserver: this[objectId], producer: this.#numberOf(producerId) });
  }

  async removeProducer({ producerId }: { producerId: string }): Promise<void> {
    return this[request]('rtpObserver.removeProducer', { rtpObserver: this[objectId], producer: this.#numberOf(producerId) });
  }

  #numberOf(producerId: string): number {
    const producer = this.#producers.producer(producerId);
    if (!producer) throw new NotFoundError(`Producer with id "${producerId}" not found`);
    return producer[objectId];
  }

  #named(argument: unknown): unknown {
    if (Array.isArray(argument)) {
      const entries = argument.map(entry => this.#named(entry)).filter(entry => entry !== undefined);
      return entries.length > 0 ? entries : undefined;
    }
    if (typeof argument === 'number') {
      const mirror = this[link].mirrorOf(argument);
      return mirror instanceof RemoteProducer ? mirror : undefined;
    }
    const producer = this.#named((argument as { producer: number }).producer);
    return producer && { ...argument as object, producer };
  }
}

/** An ActiveSpeakerObserver in a media node. */
export class RemoteActiveSpeakerObserver<Data extends AppData = AppData>
  extends RemoteRtpObserver<ActiveSpeakerObserverEvents, ActiveSpeakerObserverObserverEvents, ActiveSpeakerObserverState, Data>
  implements ActiveSpeakerObserver<Data> {
  static override readonly name: string = 'ActiveSpeakerObserverImpl';

  get type(): 'activespeaker' {
    return 'activespeaker';
  }
}

/** An AudioLevelObserver in a media node. */
export class RemoteAudioLevelObserver<Data extends AppData = AppData>
  extends RemoteRtpObserver<AudioLevelObserverEvents, AudioLevelObserverObserverEvents, AudioLevelObserverState, Data>
  implements AudioLevelObserver<Data> {
  static override readonly name: string = 'AudioLevelObserverImpl';

  get type(): 'audiolevel' {
    return 'audiolevel';
  }
}
