import createDebug from 'debug';
import { Backoff } from '../backoff.ts';
import type { KubeClient, Selection } from '../kube-client.ts';
import { type Clock, sleep, systemClock } from '../clock.ts';
import { asError, eventError, KubeError, TOO_LARGE } from '../errors.ts';
import type { ResourceKind } from '../kinds.ts';
import type { KubeObject, WatchEvent } from '../object.ts';

const debug = createDebug('mediacluster:kube:watch');

/** Where a reflector puts what it learns. Called in the order in which things happened, never after `stop()` has resolved. */
export interface Sink<T extends KubeObject> {
  /** The whole state, in place of what was known. */
  replace(objects: T[]): void;
  /** One change to it. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

/** How a reflector is doing. */
export interface ReflectorHealth {
  /** When the server was last heard of by event, bookmark or list; `undefined` before the first list. */
  lastEventAtMs: number | undefined;
  /** Lists after the first one. */
  relists: number;
  /** Watches after the first one, those that the server ended in good order included. */
  reconnects: number;
  /** What failed last; `undefined` again once a list or watch has worked. */
  lastError: Error | undefined;
}

export interface ReflectorOptions {
  clock?: Clock;
  /** Objects per page of a list. Default 500, as client-go. */
  pageSize?: number;
  /** A watch without a byte for this long is taken for dead. Default 75 s; longer, up to five minutes, for a kind of which nothing at all is heard. */
  silenceMs?: number;
  /** Chance, 0 to 1; `Math.random` by default. */
  random?: () => number;
}

const PAGE_SIZE = 500;
/** The server's bookmark a minute keeps watches alive, so they may be long; scattered, so that they do not all end together. */
const WATCH_SECONDS = { min: 300, max: 600 };
/** A bookmark a minute, and some slack. */
const SILENCE_MS = 75_000;
/** As long as the shortest watch. */
const LONGEST_SILENCE_MS = 300_000;
/** client-go's: 800 ms, growing to 30 s. */
const BACKOFF = { minMs: 800, maxMs: 30_000 };
/** A watch that lasted this long was a good one: what comes after it starts from the shortest wait. */
const GOOD_WATCH_MS = 10_000;

/**
 * Keeps a sink equal to the cluster:
 *
 *     list (pages) → replace ─▶ watch → apply, apply … ─▶ ended: watch on from the last resourceVersion
 *       ▲                         └─▶ broke: wait, watch on from the last resourceVersion
 *       └── resourceVersion too old (410), or too new (504, or silence from the start) ◀┘
 *
 * One loop does it all, so there is never more than one list or watch. It gives up only when it is stopped.
 */
export class Reflector<T extends KubeObject> {
  readonly health: ReflectorHealth = { lastEventAtMs: undefined, relists: 0, reconnects: 0, lastError: undefined };
  readonly #client: KubeClient;
  readonly #kind: ResourceKind;
  readonly #selection: Selection;
  readonly #sink: Sink<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  #resourceVersion: string | undefined;
  #running: { controller: AbortController; ended: Promise<void> } | undefined;
  #silenceMs: number;
  #lists = 0;
  #watches = 0;

  constructor(client: KubeClient, kind: ResourceKind, selection: Selection, sink: Sink<T>, options: ReflectorOptions = {}) {
    this.#client = client;
    this.#kind = kind;
    this.#selection = selection;
    this.#sink = sink;
    this.#options = options;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({ ...BACKOFF, random: this.#random });
  }

  /** Begins. Does nothing while it runs; once `stop()` has resolved it begins anew, with a list. */
  start(): void {
    if (this.#running) return;
    const controller = new AbortController();
    this.#running = { controller, ended: this.#loop(controller.signal) };
  }

  /** Ends it. When the promise resolves nothing of it runs any more and the sink is not called again. Safe twice. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.controller.abort();
    await running.ended;
    if (this.#running === running) this.#running = undefined;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    this.#resourceVersion = undefined;
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        else await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#afterFailure(error, signal);
      }
    }
  }

  async #afterFailure(error: unknown, signal: AbortSignal): Promise<void> {
    const failure = asError(error);
    this.health.lastError = failure;
    // Too old for this server; or too new: it is behind the one that we left. Only a list brings us to where it is.
    if (failure instanceof KubeError && (failure.gone || failure.reason === TOO_LARGE)) {
      this.#resourceVersion = undefined;
      this.#backoff.reset(); // it is up again: what we waited for while it was not need not be waited for once more
    }
    const waitMs = this.#backoff.nextMs(failure instanceof KubeError ? failure.retryAfterMs : undefined);
    debug('failed %o', { kind: this.#kind.plural, error: failure.message, relist: this.#resourceVersion === undefined, waitMs: Math.round(waitMs) });
    await sleep(this.#clock, waitMs, signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    if (this.#lists > 0) this.health.relists += 1;
    this.#lists += 1;
    const { objects, resourceVersion } = await this.#allPages(signal);
    signal.throwIfAborted();
    this.#heard();
    this.#sink.replace(objects);
    this.#resourceVersion = resourceVersion;
    debug('listed %o', { kind: this.#kind.plural, objects: objects.length, resourceVersion });
  }

  /**
   * The newest state, not the server's cache at some earlier moment (`resourceVersion=0`): a restarted controller must not see what
   * it had already changed. Since Kubernetes 1.31 the server answers this from its cache too, once that is up to date.
   */
  async #allPages(signal: AbortSignal): Promise<{ objects: T[]; resourceVersion: string }> {
    const { pageSize: limit = PAGE_SIZE } = this.#options;
    const objects: T[] = [];
    let continueToken: string | undefined;
    for (;;) {
      let page;
      try {
        page = await this.#client.list<T>(this.#kind, { ...this.#selection, limit, continueToken, signal });
      } catch (error) {
        if (!(continueToken && error instanceof KubeError && error.gone)) throw error;
        // The pages' state has been compacted away while we read them: all at once, then, as client-go does.
        const all = await this.#client.list<T>(this.#kind, { ...this.#selection, signal });
        return { objects: all.items, resourceVersion: all.resourceVersion };
      }
      objects.push(...page.items);
      if (!page.continueToken) return { objects, resourceVersion: page.resourceVersion };
      continueToken = page.continueToken;
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    if (this.#watches > 0) this.health.reconnects += 1;
    this.#watches += 1;
    const { min, max } = WATCH_SECONDS;
    const timeoutSeconds = Math.round(min + this.#random() * (max - min));
    const beganAtMs = this.#clock.nowMs();
    let events = 0;
    const watch = this.#client.watch<T>(this.#kind, { ...this.#selection, resourceVersion, timeoutSeconds, silenceMs: this.#silenceMs, signal });
    try {
      for await (const event of watch) {
        if (signal.aborted) return;
        this.#take(event);
        events += 1;
      }
    } catch (error) {
      if (events === 0 && error instanceof KubeError && error.code === 'KUBE_TIMEOUT') this.#neverHeard();
      throw error;
    }
    if (signal.aborted) return;
    this.health.lastError = undefined;
    if (events > 0 || this.#clock.nowMs() - beganAtMs >= GOOD_WATCH_MS) return;
    throw new KubeError('KUBE_CONNECTION_LOST', `watch ${this.#kind.plural}: ended at once, without an event`, { retryable: true });
  }

  /**
   * A watch without even a bookmark. A server that was restored from a backup waits like this for a resourceVersion that is yet to
   * come: only a list helps. But quiet custom resources are like this too where etcd reports its progress seldom (measured: none within two
   * minutes), and need not be disturbed every minute.
   */
  #neverHeard(): void {
    this.#resourceVersion = undefined;
    this.#silenceMs = Math.min(this.#silenceMs * 2, LONGEST_SILENCE_MS);
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') throw eventError(event.object, `watch ${this.#kind.plural}`);
    this.#heard();
    this.#silenceMs = this.#options.silenceMs ?? SILENCE_MS;
    if (event.type !== 'BOOKMARK') this.#sink.apply(event.type, event.object);
    // After the sink has it, so that a failure there makes the event come again.
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  #heard(): void {
    this.health.lastEventAtMs = this.#clock.nowMs();
    this.health.lastError = undefined;
    this.#backoff.reset();
  }
}
