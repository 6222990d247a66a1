import type { ReplicaRecord } from '@mediacluster/rope';
import type { NodePayload } from '@mediacluster/rope/contract';
import type { AppData, Observer, ObserverEvents, RouterRtpCapabilities, Worker, WorkerSettings } from 'mediasoup/types';

import type { Mediasoup, MediasoupModule, NodeInfo } from '../manager.ts';
import { setNodeName } from '../node-name.ts';
import { checkAppData, clone, notCarried } from './checks.ts';
import { EnhancedEventEmitter, errors, extras, ortc, parseScalabilityMode } from './local-half.ts';
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
 * mediasoup's module, on a node. Its functions are bound, so `const { createWorker } = mediasoup` works as with the real one. One
 * object for all connections of a client: an app's listeners on `observer` stay.
 */
export class RemoteMediasoup implements MediasoupModule {
  readonly observer: Observer = new EnhancedEventEmitter<ObserverEvents>();
  readonly errors: typeof errors = errors;
  readonly ortc: typeof ortc = ortc;
  readonly extras: typeof extras = extras;
  readonly parseScalabilityMode: typeof parseScalabilityMode = parseScalabilityMode;
  readonly #home: () => MediasoupHome;

  /** @param home asked at each use: a node may come back as another process, with another version */
  constructor(home: () => MediasoupHome) {
    this.#home = home;
  }

  /** Itself: what `import mediasoup from 'mediasoup'` gives. */
  get default(): Mediasoup {
    return this;
  }

  /** The node's. */
  get version(): string {
    return this.#home().payload.mediasoupVersion;
  }

  /** A path on the node. */
  get workerBin(): string {
    return this.#home().payload.workerBin;
  }

  /** The node's. */
  readonly getSupportedRtpCapabilities = (): RouterRtpCapabilities => clone(this.#home().payload.supportedRtpCapabilities);

  readonly createWorker = async <Data extends AppData = AppData>({ appData, ...settings }: WorkerSettings<Data> = {}): Promise<Worker<Data>> => {
    checkAppData(appData);
    const { wire } = this.#home();
    return wire.request('mediasoup.createWorker', { settings }, {
      onResult: result => this.#addWorker(adopt(wire, result), appData),
    });
  };

  readonly setLogEventListeners = (): void => {
    throw notCarried('mediasoup.setLogEventListeners()');
  };

  /** A worker has appeared that the app did not ask for in this session. For `remote/` alone. */
  workerAppeared(record: ReplicaRecord): void {
    this.#addWorker(record);
  }

  #addWorker<Data extends AppData>(record: ReplicaRecord, appData?: Data): RemoteWorker<Data> {
    const { wire, node } = this.#home();
    const worker = new RemoteWorker<Data>({ link: new WorkerLink(wire, node), record, appData });
    setNodeName(worker, node.name);
    this.observer.safeEmit('newworker', worker);
    return worker;
  }
}
