import type { ReplicaRecord } from '@mediacluster/rope';
import type { WorkerState } from '@mediacluster/rope/contract';
import type {
  AppData, Router, RouterOptions, WebRtcServer, WebRtcServerOptions, Worker, WorkerDump, WorkerEvents, WorkerObserverEvents,
  WorkerResourceUsage, WorkerUpdateableSettings,
} from 'mediasoup/types';

import { checkAppData } from './checks.ts';
import { RemoteObject } from './remote-object.ts';
import { RemoteRouter } from './router.ts';
import { RemoteWebRtcServer } from './web-rtc-server.ts';

/** A Worker in a media node. */
export class RemoteWorker<Data extends AppData = AppData>
  extends RemoteObject<WorkerEvents, WorkerObserverEvents, WorkerState, Data> implements Worker<Data> {
  static override readonly name: string = 'WorkerImpl';
  readonly #routers = new Set<RemoteRouter>();
  readonly #webRtcServers = new Set<RemoteWebRtcServer>();
  #died = false;
  #subprocessClosed = false;

  /** The process id on the node. */
  get pid(): number {
    return this.state.pid;
  }

  get died(): boolean {
    return this.#died;
  }

  get subprocessClosed(): boolean {
    return this.#subprocessClosed;
  }

  close(): void {
    if (this.closed) return;
    this.leave('worker.close', { worker: this.object });
    this.left();
  }

  /** Closes without a `died`: by the app, or with a node that leaves as planned. For `remote/` alone. */
  left(): void {
    if (this.closed) return;
    this.end();
    // The node does not tell when the process has ended; in mediasoup too it does after everything that follows `close()` at once.
    setImmediate(() => {
      this.#subprocessClosed = true;
      this.safeEmit('subprocessclose');
    });
  }

  /** The process crashed, or its node is gone. For `remote/` alone. */
  lost(error: Error): void {
    if (this.closed) return;
    this.#died = true;
    this.#subprocessClosed = true;
    this.end([['died', error], ['subprocessclose']]);
  }

  override endedByNode(_event?: string, [error]: readonly unknown[] = []): void {
    this.lost(asError(error) ?? new Error(`worker is gone from node ${this.link.node.name} [pid:${this.pid}]`));
  }

  override endedByParent(): void {
    this.left();
  }

  dump(): Promise<WorkerDump> {
    return this.request('worker.dump', { worker: this.object });
  }

  getResourceUsage(): Promise<WorkerResourceUsage> {
    return this.request('worker.getResourceUsage', { worker: this.object });
  }

  async updateSettings({ appData: _appData, ...settings }: WorkerUpdateableSettings<Data> & { appData?: Data } = {}): Promise<void> {
    return this.request('worker.updateSettings', { worker: this.object, settings });
  }

  async createWebRtcServer<ServerData extends AppData = AppData>(
    { appData, ...options }: WebRtcServerOptions<ServerData>,
  ): Promise<WebRtcServer<ServerData>> {
    checkAppData(appData);
    return this.create('worker.createWebRtcServer', { worker: this.object, options }, record => this.#addWebRtcServer(record, appData));
  }

  async createRouter<RouterData extends AppData = AppData>({ appData, ...options }: RouterOptions<RouterData> = {}): Promise<Router<RouterData>> {
    checkAppData(appData);
    return this.create('worker.createRouter', { worker: this.object, options }, record => this.#addRouter(record, appData));
  }

  override childAppeared(record: ReplicaRecord): void {
    if (record.type === 'router') this.#addRouter(record);
    else if (record.type === 'webRtcServer') this.#addWebRtcServer(record);
  }

  protected override closeState(): void {
    this.link.end();
  }

  protected override closeChildren(): void {
    for (const router of this.#routers) router.workerClosed();
    for (const webRtcServer of this.#webRtcServers) webRtcServer.workerClosed();
  }

  #addRouter<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteRouter<ChildData> {
    const router: RemoteRouter<ChildData> = new RemoteRouter<ChildData>({
      link: this.link, record, appData, onEnd: () => this.#routers.delete(router),
    });
    this.#routers.add(router);
    this.tellObserver('newrouter', router);
    return router;
  }

  #addWebRtcServer<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemoteWebRtcServer<ChildData> {
    const webRtcServer: RemoteWebRtcServer<ChildData> = new RemoteWebRtcServer<ChildData>({
      link: this.link, record, appData, onEnd: () => this.#webRtcServers.delete(webRtcServer),
    });
    this.#webRtcServers.add(webRtcServer);
    this.tellObserver('newwebrtcserver', webRtcServer);
    return webRtcServer;
  }
}

/** The error of `died`; whoever sent it may have had no better form for it than its message. */
function asError(value: unknown): Error | undefined {
  if (value instanceof Error) return value;
  const message = typeof value === 'object' && value !== null ? (value as { message?: unknown }).message : value;
  return typeof message === 'string' ? new Error(message) : undefined;
}
