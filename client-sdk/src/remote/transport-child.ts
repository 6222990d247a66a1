import type { MethodParams, NotificationName, RequestName } from '@mediacluster/rope/contract';
import type { AppData } from 'mediasoup/types';

import { pauseChange } from './effective-pause.ts';
import { end, endedByNode, endedByParent, family, hasSource, leave, objectId, parent, patched, pushed, request, state, tell, tellObserver } from './internals.ts';
import { RemoteObject } from './remote-object.ts';
import type { EventMap } from './remote-object.ts';

type Family = 'producer' | 'consumer' | 'dataProducer' | 'dataConsumer';
interface Sources {
  [hasSource](isData: boolean, id: string): boolean;
}

interface SinkState {
  readonly producerId?: string;
  readonly dataProducerId?: string;
}

type Previous = Readonly<Record<string, unknown>>;

/** What all that lives on a transport have in common: they can be paused, and they go with it. */
export abstract class TransportChild<
  Events extends EventMap, ObserverEvents extends EventMap, State extends { readonly id: string; readonly paused: boolean }, Data extends AppData, Dump, Stat,
> extends RemoteObject<Events, ObserverEvents, State, Data> {
  abstract [family](): Family;

  get id(): string {
    return this[state].id;
  }

  get paused(): boolean {
    return this[state].paused;
  }

  close(): void {
    if (this.closed) return;
    const method: NotificationName = `${this[family]()}.close`;
    this[leave](method, this.#named<typeof method>());
    this[end]();
  }

  transportClosed(): void {
    this[end]([['transportclose']]);
  }

  [endedByParent](): void {
    this.transportClosed();
  }

  dump(): Promise<Dump> {
    return this.#ask('dump') as Promise<Dump>;
  }

  getStats(): Promise<Stat[]> {
    return this.#ask('getStats') as Promise<Stat[]>;
  }

  pause(): Promise<void> {
    return this.#ask('pause') as Promise<void>;
  }

  resume(): Promise<void> {
    return this.#ask('resume') as Promise<void>;
  }

  #ask(what: 'dump' | 'getStats' | 'pause' | 'resume'): Promise<unknown> {
    const method: RequestName = `${this[family]()}.${what}`;
    return this[request](method, this.#named<typeof method>());
  }

  /** In the contract each of them is named as its family is: `{ producer: 12 }`. */
  #named<Name extends RequestName | NotificationName>(): MethodParams<Name> {
    return { [this[family]()]: this[objectId] } as unknown as MethodParams<Name>;
  }
}

/** A Producer or a DataProducer. */
export abstract class RemoteSource<
  Events extends EventMap, ObserverEvents extends EventMap, State extends { readonly id: string; readonly paused: boolean }, Data extends AppData, Dump, Stat,
> extends TransportChild<Events, ObserverEvents, State, Data, Dump, Stat> {
  override [patched](previous: Previous): void {
    super[patched](previous);
    if ('paused' in previous) this[tellObserver](this.paused ? 'pause' : 'resume');
  }
}

/** A Consumer or a DataConsumer: its observer hears of the effective pause, its own and its source's. */
export abstract class RemoteSink<
  Events extends EventMap, ObserverEvents extends EventMap, State extends { readonly id: string; readonly paused: boolean }, Data extends AppData, Dump, Stat,
> extends TransportChild<Events, ObserverEvents, State, Data, Dump, Stat> {
  abstract override [family](): 'consumer' | 'dataConsumer';

  /** Without an event another session closed it; or it is missing after a reconnect, and if its source is too, that took it along. */
  override [endedByNode](event?: string): void {
    const hasSourceStill = (this[parent] as unknown as Sources)[hasSource](this.#isData, (this[state] as SinkState)[this.#isData ? 'dataProducerId' : 'producerId']!);
    super[endedByNode](event ?? (hasSourceStill ? undefined : this.#isData ? 'dataproducerclose' : 'producerclose'));
  }

  override [pushed](event: string, args: readonly unknown[], previous: Previous): void {
    // `producerpause`, `dataproducerresume` …: told by what changed, so that nobody hears twice of one pause.
    if (event.endsWith('pause') || event.endsWith('resume')) this.#pauseChanged(previous);
    else super[pushed](event, args, previous);
  }

  override [patched](previous: Previous): void {
    super[patched](previous);
    this.#pauseChanged(previous);
  }

  #pauseChanged(previous: Previous): void {
    const key = this.#isData ? 'dataProducerPaused' : 'producerPaused';
    const sourcePaused = (this[state] as Readonly<Record<string, unknown>>)[key] as boolean;
    const { producer, observer } = pauseChange({ own: this.paused, producer: sourcePaused }, { own: previous['paused'], producer: previous[key] });
    if (producer) this[tell](this.#isData ? `dataproducer${producer}` : `producer${producer}`);
    if (observer) this[tellObserver](observer);
  }

  get #isData(): boolean {
    return this[family]() === 'dataConsumer';
  }
}
