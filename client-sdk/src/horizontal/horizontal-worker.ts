import type {
  AppData, Router, RouterOptions, WebRtcServer, WebRtcServerOptions, Worker, WorkerDump, WorkerEvents, WorkerObserver, WorkerObserverEvents,
  WorkerResourceUsage, WorkerUpdateableSettings,
} from 'mediasoup/types';

import type { NodeInfo } from '../manager.ts';
import { nodeInfo, setNodeName } from '../node-name.ts';
import { ObjectEmitter } from '../object-emitter.ts';
import { HorizontalRouter } from './horizontal-router.ts';
import type { RouterHome } from './horizontal-router.ts';
import { logListenerErrors } from './log.ts';

/** What a worker needs of the set that handed it out. */
export interface WorkerHome extends RouterHome {
  nodeOf(object: Worker | Router): NodeInfo | undefined;
}

/** A worker of a member, as an object of its own whose pid is unique in the set. */
export class HorizontalWorker<WorkerAppData extends AppData = AppData> extends ObjectEmitter<WorkerEvents> implements Worker<WorkerAppData> {
  static override readonly name: string = 'WorkerImpl';
  readonly #pid: number;
  readonly #observer: WorkerObserver = new ObjectEmitter<WorkerObserverEvents>();
  readonly #inner: Worker<WorkerAppData>;
  readonly #home: WorkerHome;
  readonly #routers = new WeakMap<Router, HorizontalRouter>();

  constructor(inner: Worker<WorkerAppData>, pid: number, home: WorkerHome) {
    super();
    this.#inner = inner;
    this.#pid = pid;
    this.#home = home;
    logListenerErrors(this, `worker ${pid}`);
    const node = this[nodeInfo];
    if (node) setNodeName(this, node.name);
    inner.on('died', error => this.safeEmit('died', error));
    inner.on('subprocessclose', () => this.safeEmit('subprocessclose'));
    inner.observer.on('close', () => this.#observer.safeEmit('close'));
    inner.observer.on('newwebrtcserver', server => this.#observer.safeEmit('newwebrtcserver', server));
    inner.observer.on('newrouter', router => void this.#routerOf(router));
  }

  get pid(): number {
    return this.#pid;
  }

  get observer(): WorkerObserver {
    return this.#observer;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  get died(): boolean {
    return this.#inner.died;
  }

  get subprocessClosed(): boolean {
    return this.#inner.subprocessClosed;
  }

  get appData(): WorkerAppData {
    return this.#inner.appData;
  }

  set appData(appData: WorkerAppData) {
    this.#inner.appData = appData;
  }

  /** The node on which the worker runs. */
  get [nodeInfo](): NodeInfo | undefined {
    return this.#home.nodeOf(this.#inner);
  }

  close(): void {
    this.#inner.close();
  }

  dump(): Promise<WorkerDump> {
    const dump = this.#inner.dump();
    // Beside the promise, not behind it: answers come in the order of the calls.
    dump.then(told => Object.assign(told, { pid: this.pid }), () => {});
    return dump;
  }

  getResourceUsage(): Promise<WorkerResourceUsage> {
    return this.#inner.getResourceUsage();
  }

  updateSettings(options?: WorkerUpdateableSettings<WorkerAppData>): Promise<void> {
    return this.#inner.updateSettings(options);
  }

  createWebRtcServer<A extends AppData = AppData>(options: WebRtcServerOptions<A>): Promise<WebRtcServer<A>> {
    return this.#inner.createWebRtcServer(options);
  }

  async createRouter<A extends AppData = AppData>(options?: RouterOptions<A>): Promise<Router<A>> {
    return this.#routerOf(await this.#inner.createRouter(options)) as HorizontalRouter<A>;
  }

  /** One proxy for a router: mostly made by `newrouter`, which comes before the call that created it has its answer. */
  #routerOf(inner: Router): HorizontalRouter {
    const known = this.#routers.get(inner);
    if (known) return known;
    const router = new HorizontalRouter(inner, this.#home);
    this.#routers.set(inner, router);
    this.#observer.safeEmit('newrouter', router);
    return router;
  }
}
