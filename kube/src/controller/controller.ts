import createDebug from 'debug';
import { type Clock, systemClock } from '../clock.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { type Outcome, type Reconcile, runOnce } from './reconciler.ts';
import { WorkQueue, type WorkQueueMetrics, type WorkQueueOptions } from './workqueue.ts';

const debug = createDebug('mediacluster:kube:controller');

/** What a controller needs of an `Informer`. */
export interface ControllerSource {
  readonly store: { list(): KubeObject[] };
  start(): void;
  whenSynced(signal?: AbortSignal): Promise<void>;
}

/** One run that has ended, for metrics and logs. */
export interface ReconcileRun {
  key: string;
  result: Outcome['result'];
  /** What it threw. */
  error?: Error;
  /** How often this key has failed in a row. */
  failures: number;
  queuedMs: number;
  durationMs: number;
}

export interface ControllerOptions {
  /** For logs. */
  name: string;
  reconcile: Reconcile;
  /** Where it learns what to work on; the first one holds the objects that the keys name. They are started, not stopped. */
  informers: readonly ControllerSource[];
  /** How many keys may be in work at once. Default 1. */
  workers?: number;
  /** How long one reconcile may take before its signal is aborted. Default 60 s. */
  timeoutMs?: number;
  /** How often every object of the first informer is gone over, as a safety net. Default: never. Scattered by a tenth. */
  resyncMs?: number;
  /** Told of each run when it has ended. Must not throw. */
  observe?: (run: ReconcileRun) => void;
  queue?: Omit<WorkQueueOptions, 'clock'>;
  clock?: Clock;
  /** Chance, 0 to 1; `Math.random` by default. */
  random?: () => number;
}

/** A look at a controller. */
export interface ControllerMetrics extends WorkQueueMetrics {
  /** Runs that have ended, by how they did. */
  runs: Readonly<Record<Outcome['result'], number>>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Runs `reconcile` for each key that is enqueued: once the informers hold the cluster, never twice at once for a key, again with
 * back-off when it fails. Started once and stopped once.
 *
 *     informer.on(…) → enqueue(key) → queue → worker → reconcile(key) ─▶ done
 *                                       ▲                            ├─▶ requeueAfterMs
 *                                       └── later, with back-off ◀───┴── threw
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();
  readonly #runs: Record<Outcome['result'], number> = { done: 0, requeued: 0, failed: 0, terminal: 0, stopped: 0 };
  #cancelResync = (): void => {};
  #running: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue({ ...options.queue, clock: this.#clock });
  }

  get metrics(): ControllerMetrics {
    return { ...this.#queue.metrics, runs: { ...this.#runs } };
  }

  /** Asks for a reconcile of this key. May be called before `start()`; does nothing after `stop()`. */
  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Asks for one after `ms`; of several the earliest counts. */
  enqueueAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /** Starts the informers, and the workers once all of these have synced. Safe twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Aborts the reconciles in work, waits for them to end, and starts no other. Leaves the informers alone. Safe twice. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`controller ${this.#options.name} is stopping`));
    this.#queue.shutDown();
    this.#cancelResync();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { informers, name, workers = 1 } = this.#options;
    const { signal } = this.#stopping;
    for (const informer of informers) informer.start();
    try {
      await Promise.all(informers.map(informer => informer.whenSynced(signal)));
    } catch {
      return; // stopped before the cluster could be read
    }
    debug('started %o', { name, workers });
    this.#scheduleResync();
    await Promise.all(Array.from({ length: workers }, () => this.#work(signal)));
  }

  async #work(stopping: AbortSignal): Promise<void> {
    const { reconcile, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    for (let taken = await this.#queue.take(); taken; taken = await this.#queue.take()) {
      const { key, queuedMs } = taken;
      const beganAtMs = this.#clock.nowMs();
      const outcome = await runOnce(reconcile, key, { timeoutMs, clock: this.#clock, stopping });
      this.#settle(key, outcome);
      this.#tell({ key, result: outcome.result, error: 'error' in outcome ? outcome.error : undefined, failures: this.#queue.failures(key), queuedMs, durationMs: this.#clock.nowMs() - beganAtMs });
    }
  }

  #settle(key: string, outcome: Outcome): void {
    if (outcome.result === 'failed') this.#queue.retry(key, outcome.atLeastMs);
    else this.#queue.forget(key);
    if (outcome.result === 'requeued') this.#queue.addAfter(key, outcome.afterMs);
    this.#queue.done(key);
  }

  #tell(run: ReconcileRun): void {
    this.#runs[run.result] += 1;
    debug('reconciled %o', { name: this.#options.name, key: run.key, result: run.result, error: run.error?.message, ms: run.durationMs });
    try {
      this.#options.observe?.(run);
    } catch (error) {
      debug('observe threw %o', { name: this.#options.name, error });
    }
  }

  #scheduleResync(): void {
    const { resyncMs, informers, random = Math.random } = this.#options;
    if (resyncMs === undefined || this.#stopping.signal.aborted) return;
    this.#cancelResync = this.#clock.after(resyncMs * (0.9 + 0.2 * random()), () => {
      for (const object of informers[0]?.store.list() ?? []) this.#queue.add(keyOf(object), 'low');
      this.#scheduleResync();
    });
  }
}
