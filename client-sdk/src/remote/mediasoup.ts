import type { ReplicaRecord } from '@mediacluster/rope';
import type { LogLine, NodePayload } from '@mediacluster/rope/contract';
import type { AppData, LogEventListeners, Observer, ObserverEvents, Worker, WorkerSettings } from 'mediasoup/types';

import type { Mediasoup, MediasoupModule, NodeInfo } from '../manager.ts';
import { setNodeName } from '../node-name.ts';
import { sharedAppData } from './app-data.ts';
import { checkAppData, clone } from './checks.ts';
import { giveAppData } from './internals.ts';
import { EnhancedEventEmitter, errors, extras, ortc, parseScalabilityMode } from './local-half.ts';
import { LogListeners } from './log-listeners.ts';
import type { Made } from './remote-object.ts';
import { WorkerLink, adopt } from './worker-link.ts';
import type { Wire } from './worker-link.ts';
import { RemoteWorker } from './worker.ts';

/** What the module object needs of the client that it belongs to. */
export interface MediasoupHome {
  readonly wire: Wire;
  readonly node: NodeInfo;
  readonly payload: NodePayload;
}

/**
 * mediasoup on a node. What the app gets is `module`: one object for all connections of a client, so that its listeners stay.
 */
export class RemoteMediasoup {
  /** With mediasoup's own members; its functions are bound, so `const { createWorker } = mediasoup` works as with the real one. */
  readonly module: MediasoupModule;
  readonly #observer: Observer = new EnhancedEventEmitter<ObserverEvents>();
  readonly #logListeners: LogListeners = new LogListeners();
  readonly #home: () => MediasoupHome;

  /** @param home asked at each use: a node may come back as another process, with another version */
  constructor(home: () => MediasoupHome) {
    this.#home = home;
    this.module = this.#makeModule();
  }

  /** A worker has appeared that the app did not ask for in this session. */
  workerAppeared(record: ReplicaRecord): void {
    this.#addWorker(record);
  }

  /** The node knows nothing of what an earlier session asked for. */
  sessionBegan(): void {
    if (this.#logListeners.any) this.#home().wire.notify('mediasoup.setLogLevels', this.#logListeners.levels);
  }

  /** The node has sent one of mediasoup's log lines. */
  logged(line: LogLine): void {
    this.#logListeners.tell(line);
  }

  async #createWorker<Data extends AppData>({ appData, ...settings }: WorkerSettings<Data>): Promise<Worker<Data>> {
    checkAppData(appData);
    const { wire } = this.#home();
    const shared = appData === undefined ? {} : { appData: sharedAppData(appData) };
    return wire.request('mediasoup.createWorker', { settings, ...shared }, {
      onResult: result => {
        const record = adopt(wire, result);
        const known = record.mirror as RemoteWorker<Data> | undefined; // a snapshot has brought it already
        known?.[giveAppData](appData ?? {});
        return known ?? this.#addWorker(record, { appData });
      },
    });
  }

  #setLogEventListeners(listeners: LogEventListeners | undefined): void {
    this.#logListeners.set(listeners);
    this.#home().wire.notify('mediasoup.setLogLevels', this.#logListeners.levels);
  }

  #addWorker<Data extends AppData>(record: ReplicaRecord, made?: Made): RemoteWorker<Data> {
    const { wire, node } = this.#home();
    const worker = new RemoteWorker<Data>({ link: new WorkerLink(wire, node), record, made });
    setNodeName(worker, node.name);
    this.#observer.safeEmit('newworker', worker);
    return worker;
  }

  #makeModule(): MediasoupModule {
    const payload = (): NodePayload => this.#home().payload;
    const module = {
      errors,
      ortc,
      extras,
      parseScalabilityMode,
      observer: this.#observer,
      /** The node's. */
      get version(): string {
        return payload().mediasoupVersion;
      },
      /** A path on the node. */
      get workerBin(): string {
        return payload().workerBin;
      },
      /** The node's. */
      getSupportedRtpCapabilities: () => clone(payload().supportedRtpCapabilities),
      createWorker: (<Data extends AppData = AppData>(settings: WorkerSettings<Data> = {}) => this.#createWorker(settings)) satisfies Mediasoup['createWorker'],
      setLogEventListeners: (listeners?: LogEventListeners) => this.#setLogEventListeners(listeners),
      /** Itself: what `import mediasoup from 'mediasoup'` gives. */
      get default(): Mediasoup {
        return module;
      },
    };
    // As mediasoup, for compiled code that asks whether it is a module.
    Object.defineProperty(module, '__esModule', { value: true });
    return module;
  }
}
