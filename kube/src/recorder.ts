import createDebug from 'debug';
import { Backoff } from './backoff.ts';
import type { KubeClient } from './kube-client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { TokenBucket } from './controller/rate-limit.ts';
import { KubeError } from './errors.ts';
import { kinds } from './kinds.ts';
import { type KubeObject, keyOf } from './object.ts';

const debug = createDebug('mediacluster:kube:events');

/** What happened. `reason` and `action` are words in CamelCase, for machines; `note` is a sentence, for people. */
export interface EventFields {
  type: 'Normal' | 'Warning';
  /** Why: `PodCreated`, `ImagePullBackOff`. */
  reason: string;
  /** What the controller did about it: `CreatePod`. */
  action: string;
  note: string;
}

export interface EventRecorderOptions {
  /** Who speaks: `mediacluster.dev/operator`. */
  reportingController: string;
  /** Which copy of it: the pod's name. */
  reportingInstance: string;
  clock?: Clock;
}

/** client-go's numbers: a series ends after six minutes without a repetition; one object may speak 25 times at once, then every five minutes. */
const SERIES_ENDS_AFTER_MS = 6 * 60_000;
const PER_OBJECT = { burst: 25, perSecond: 1 / 300 };
/** After this many different notes for one reason within a series' time, further ones are told as one. */
const MAX_NOTES = 10;
/** Things that wait to be written when the API server is away; more are dropped. */
const MAX_PENDING = 500;
const MAX_TRIES = 5;
/** The API's own limits. */
const MAX_NOTE = 1024;
const MAX_NAME = 253;

interface Entry {
  regarding: KubeObject;
  fields: EventFields;
  firstAtMs: number;
  lastAtMs: number;
  count: number;
  /** How many of `count` the API server knows. */
  written: number;
  name: string;
  tries: number;
}

/**
 * Tells people what a controller does, as Events on the object it does it to (`kubectl describe`). Repetitions become a series of
 * one Event, and an object that keeps failing is quieted. Events are a courtesy: nothing here throws, waits or fails a reconcile.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Set<Entry>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #closing = new AbortController();
  #writing: Promise<void> | undefined;
  #dropped = 0;
  #made = 0;

  constructor(client: KubeClient, options: EventRecorderOptions) {
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Events that were not written: too many for their object, too many at once, or refused by the server. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Tells what happened to `regarding`. Returns at once, never throws; the Event is written behind. */
  record(regarding: KubeObject, fields: EventFields): void {
    if (this.#closing.signal.aborted) return;
    this.#endSeries();
    const entry = this.#entryFor(regarding, fields);
    entry.count += 1;
    entry.lastAtMs = this.#clock.nowMs();
    if (!this.#pending.has(entry) && (this.#pending.size >= MAX_PENDING || !this.#bucketOf(regarding).tryTake())) {
      this.#dropped += 1; // counted in the series; told with the next repetition that may speak
      return;
    }
    this.#pending.add(entry);
    this.#writing ??= this.#write().finally(() => { this.#writing = undefined; });
  }

  /** Resolves once everything recorded so far is written or given up. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Writes nothing more. Safe twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  #entryFor(regarding: KubeObject, fields: EventFields): Entry {
    const group = [regarding.kind, keyOf(regarding), regarding.metadata.uid, fields.type, fields.reason, fields.action].join('\n');
    const exact = this.#entries.get(`${group}\n${fields.note}`);
    if (exact) return exact;
    const siblings = [...this.#entries.keys()].filter(key => key.startsWith(`${group}\n`)).length;
    const combined = siblings >= MAX_NOTES;
    const key = combined ? `${group}\n` : `${group}\n${fields.note}`;
    const known = this.#entries.get(key);
    if (known) return known;
    const nowMs = this.#clock.nowMs();
    const note = combined ? `(combined from similar events) ${fields.note}` : fields.note;
    const entry: Entry = { regarding, fields: { ...fields, note: note.slice(0, MAX_NOTE) }, firstAtMs: nowMs, lastAtMs: nowMs, count: 0, written: 0, name: this.#nameFor(regarding, nowMs), tries: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #nameFor(regarding: KubeObject, nowMs: number): string {
    this.#made += 1;
    const suffix = `.${nowMs.toString(16)}${this.#made.toString(16).padStart(4, '0')}`;
    return regarding.metadata.name.slice(0, MAX_NAME - suffix.length) + suffix;
  }

  #bucketOf(regarding: KubeObject): TokenBucket {
    const key = `${regarding.kind}\n${keyOf(regarding)}`;
    const known = this.#buckets.get(key);
    if (known) return known;
    const bucket = new TokenBucket(PER_OBJECT, this.#clock);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #endSeries(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, entry] of this.#entries) if (nowMs - entry.lastAtMs > SERIES_ENDS_AFTER_MS && !this.#pending.has(entry)) this.#entries.delete(key);
    for (const [key, bucket] of this.#buckets) if (bucket.isFull()) this.#buckets.delete(key);
  }

  async #write(): Promise<void> {
    const backoff = new Backoff({ minMs: 500, maxMs: 10_000 });
    for (const entry of this.#pending) { // a Set hands out what is added meanwhile, too
      if (this.#closing.signal.aborted) return;
      const { count } = entry;
      try {
        await this.#writeOne(entry, count);
        entry.written = count;
        entry.tries = 0;
        this.#pending.delete(entry);
        if (entry.count > count) this.#pending.add(entry);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#pending.delete(entry);
        entry.tries += 1;
        debug('not written %o', { event: entry.name, reason: entry.fields.reason, tries: entry.tries, error });
        if (!(error instanceof KubeError && error.retryable) || entry.tries >= MAX_TRIES) {
          entry.tries = 0;
          this.#dropped += 1;
          continue;
        }
        this.#pending.add(entry);
        await sleep(this.#clock, backoff.nextMs(error.retryAfterMs), this.#closing.signal);
      }
    }
  }

  async #writeOne(entry: Entry, count: number): Promise<void> {
    const { signal } = this.#closing;
    if (entry.written > 0) {
      try {
        await this.#client.mergePatch(kinds.events, entry.name, namespaceOf(entry.regarding), { series: seriesOf(entry.lastAtMs, count) }, { signal });
        return;
      } catch (error) {
        if (!(error instanceof KubeError && error.notFound)) throw error;
        // The cluster keeps Events for an hour only: this one begins anew.
        entry.name = this.#nameFor(entry.regarding, this.#clock.nowMs());
      }
    }
    try {
      await this.#client.create(kinds.events, this.#objectOf(entry, count), { signal });
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error; // an earlier try has come through
    }
  }

  #objectOf({ regarding, fields, name, firstAtMs, lastAtMs }: Entry, count: number): KubeObject {
    const { apiVersion, kind, metadata } = regarding;
    return {
      metadata: { name, namespace: namespaceOf(regarding) },
      eventTime: microTime(firstAtMs),
      ...(count > 1 ? { series: seriesOf(lastAtMs, count) } : {}),
      reportingController: this.#options.reportingController,
      reportingInstance: this.#options.reportingInstance,
      regarding: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
      ...fields,
    } as KubeObject;
  }
}

function seriesOf(lastAtMs: number, count: number): object {
  return { count, lastObservedTime: microTime(lastAtMs) };
}

/** Events about what has no namespace stand in `default`, as the API asks. */
function namespaceOf(regarding: KubeObject): string {
  return regarding.metadata.namespace ?? 'default';
}

/** Kubernetes' MicroTime: six digits after the second, which a `Date` does not have. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
