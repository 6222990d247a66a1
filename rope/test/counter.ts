/** A small contract to talk about: counters that may stand below each other. */
import { notification, read, request } from '../src/contract/contract.ts';
import type { Handlers, ObjectId, ObjectRecord } from '../src/contract/contract.ts';
import { Emitter } from '../src/emitter.ts';
import type { HandlerContext } from '../src/server/index.ts';
import type { ReplicaHost, ReplicaRecord } from '../src/state/replica.ts';

export const counterMethods = {
  'counter.create': request<{ parent?: ObjectId; value?: number; appData?: Record<string, unknown> }, ObjectRecord>(),
  /** Answered when the gate opens. */
  'counter.createLater': request<{ parent?: ObjectId; value?: number }, ObjectRecord>(),
  'counter.add': request<{ counter: ObjectId; by: number }, number>({ changes: ['value'] }),
  'counter.read': read<{ counter: ObjectId }, number>(),
  /** Answers what it was given. */
  'counter.match': request<{ options: { table: unknown } }, unknown>({ once: ['options.table'] }),
  'counter.fail': request<{ how: 'sync' | 'async'; code?: string }, void>(),
  'counter.never': request<Record<string, never>, void>(),
  'echo': request<{ value?: unknown }, unknown>(),
  'rich': request<Record<string, never>, unknown>({ rich: true }),
  'circle': request<Record<string, never>, unknown>(),
  /** Adds at once, and tells so by an event. */
  'counter.increase': request<{ counter: ObjectId; by: number }, number>(),
  /** Answers how many bytes there were, and tells them again by an event. */
  'counter.bytes': request<{ counter: ObjectId; data: Uint8Array }, number>(),
  'counter.poke': notification<{ counter: ObjectId }>(),
  'counter.pokeLater': notification<{ counter: ObjectId }>(),
  'counter.close': notification<{ counter: ObjectId }>(),
  'counter.keep': notification<{ counter: ObjectId; appData?: Record<string, unknown> }>(),
} as const;
export type CounterMethods = typeof counterMethods;

/** The live object on the server. */
export class Counter extends Emitter<{ close: []; poke: [value: number] }> {
  value: number;
  label: string | undefined;
  closed = false;
  readonly children: Counter[] = [];

  constructor(value = 0) {
    super();
    this.value = value;
  }

  poke(): void {
    this.value += 1;
    this.emit('poke', this.value);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('close'); // the top first: what is below it needs no word of its own
    for (const child of this.children) child.close();
  }
}

/** All counters of a server, and what its tests hold back or look at. */
export class CounterHouse {
  readonly counters = new Map<ObjectId, Counter>();
  /** Opens `counter.createLater`. */
  gate: { readonly promise: Promise<void>; readonly resolve: () => void } = Promise.withResolvers<void>();
  /** Signals of `counter.never`. */
  readonly signals: AbortSignal[] = [];
  readonly calls: string[] = [];

  /** Makes one in the view of a session. */
  make({ objects }: Pick<HandlerContext, 'objects'>, parent: ObjectId | undefined, value = 0, announce = false, appData?: Record<string, unknown>): ObjectRecord {
    const above = parent === undefined ? undefined : objects.get<Counter>('counter', parent);
    const counter = new Counter(value);
    above?.children.push(counter);
    const record = objects.add({
      type: 'counter', parent, entity: counter, announce, appData,
      state: () => ({ value: counter.value, label: counter.label }),
      close: () => counter.close(),
    });
    this.counters.set(record.object, counter);
    counter.on('close', () => {
      this.counters.delete(record.object);
      objects.closed(record.object);
    });
    counter.on('poke', poked => objects.event(record.object, 'poke', [poked], { value: poked }));
    return record;
  }

  readonly handlers: Handlers<CounterMethods, HandlerContext> = {
    'counter.create': ({ parent, value, appData }, context) => this.make(context, parent, value, false, appData),
    'counter.createLater': async ({ parent, value }, context) => {
      await this.gate.promise;
      return this.make(context, parent, value);
    },
    'counter.add': async ({ counter, by }, { objects }) => {
      this.calls.push(`add ${by}`);
      const it = objects.get<Counter>('counter', counter);
      it.value += by;
      await Promise.resolve();
      objects.refresh(counter, ['value']);
      return it.value;
    },
    'counter.read': ({ counter }, { objects }) => objects.get<Counter>('counter', counter).value,
    'counter.match': ({ options: { table } }) => table,
    'counter.fail': ({ how, code }) => {
      const error = Object.assign(new RangeError('as asked'), code === undefined ? {} : { code });
      if (how === 'sync') throw error;
      return Promise.reject(error);
    },
    'counter.never': (_, { signal }) => {
      this.signals.push(signal);
      return new Promise<void>(() => {});
    },
    'echo': ({ value }) => value,
    'rich': () => ({ big: 12n, bytes: Buffer.from('hi') }),
    'circle': () => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      return circle;
    },
    'counter.increase': ({ counter, by }, { objects }) => {
      const it = objects.get<Counter>('counter', counter);
      it.value += by;
      objects.event(counter, 'increase', [by], { value: it.value });
      return it.value;
    },
    'counter.bytes': ({ counter, data }, { objects }) => {
      objects.get<Counter>('counter', counter);
      objects.event(counter, 'bytes', [data, data.length]);
      return data.length;
    },
    'counter.poke': ({ counter }, { objects }) => objects.get<Counter>(['counter', 'other'], counter).poke(),
    // oxlint-disable-next-line typescript/no-misused-promises -- what a handler may do against its type
    'counter.pokeLater': async ({ counter }, { objects }) => {
      await Promise.resolve();
      objects.get<Counter>('counter', counter).poke();
    },
    'counter.close': ({ counter }, { objects }) => objects.get<Counter>('counter', counter).close(),
    'counter.keep': ({ counter, appData }, { objects }) => objects.setAppData(counter, appData),
  };
}

/** A host that writes down what it hears. */
export class RecordingHost implements ReplicaHost {
  readonly heard: unknown[][] = [];
  /** Called at each word, after it was written down. */
  onWord: (word: string, record: ReplicaRecord) => void = () => {};

  #hear(word: string, record: ReplicaRecord, ...rest: unknown[]): void {
    this.heard.push([word, record.object, ...rest]);
    this.onWord(word, record);
  }

  /** What was heard since the last time. */
  take(): unknown[][] {
    return this.heard.splice(0);
  }

  created(record: ReplicaRecord): void {
    this.#hear('created', record, { ...record.state });
  }
  patched(record: ReplicaRecord, previous: Record<string, unknown>): void {
    this.#hear('patched', record, { ...record.state }, previous);
  }
  event(record: ReplicaRecord, event: string, args: unknown[], previous: Record<string, unknown>): void {
    this.#hear(event, record, args, { ...record.state }, previous);
  }
  closed(record: ReplicaRecord, event?: string, args?: unknown[]): void {
    this.#hear('closed', record, ...(event === undefined ? [] : [event, args]));
  }
  lost(roots: ReplicaRecord[], reason: string): void {
    this.heard.push(['lost', roots.map(root => root.object), reason]);
  }
  left(roots: ReplicaRecord[], reason: string): void {
    this.heard.push(['left', roots.map(root => root.object), reason]);
  }
}
