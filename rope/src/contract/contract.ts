import type { ObjectId, ObjectRecord } from '../protocol/message.ts';

/**
 * What is said between an app and a media node, as data: one file per class of mediasoup holds its methods, its replicated
 * getters and its events. Client, server and tests read the same tables, so that a new mediasoup version is a difference here.
 */

declare const types: unique symbol;

/** A method with an answer. */
export interface RequestSpec<Params extends object, Result> {
  readonly kind: 'request';
  /** Getters of the target that the call may change: the server sends those that did before it answers. */
  readonly changes: readonly string[];
  /** The answer may hold BigInt, Date or Buffer. */
  readonly rich: boolean;
  /** Changes nothing: a session that only observes may ask for it. */
  readonly reads: boolean;
  /** Parameters that are large and mostly the same, as paths (`options.rtpCapabilities`): sent once in a session, then by number. */
  readonly once: readonly string[];
  readonly [types]?: [Params, Result];
}

/** A method without an answer: what is synchronous in mediasoup. */
export interface NotificationSpec<Params extends object> {
  readonly kind: 'notification';
  /** Media, whose worth is over in a moment: under pressure the oldest are dropped. Others are never lost. */
  readonly media: boolean;
  readonly [types]?: [Params];
}

export type MethodSpec = RequestSpec<never, unknown> | NotificationSpec<never>;
// `any`, because parameters of methods are only ever narrowed from here, by ParamsOf and ResultOf.
// oxlint-disable-next-line typescript/no-explicit-any
export type MethodTable = Readonly<Record<string, RequestSpec<any, any> | NotificationSpec<any>>>;

/** Describes a method with an answer. Default: no getters change, plain JSON, only for those who may change things. */
export function request<Params extends object, Result>(
  { changes = [], rich = false, reads = false, once = [] }: Partial<Pick<RequestSpec<never, never>, 'changes' | 'rich' | 'reads' | 'once'>> = {},
): RequestSpec<Params, Result> {
  return { kind: 'request', changes, rich, reads, once };
}

/** Describes a method with an answer that changes nothing, as `dump()`. */
export function read<Params extends object, Result>({ rich = false }: { rich?: boolean } = {}): RequestSpec<Params, Result> {
  return request({ rich, reads: true });
}

/** Describes a method without an answer. */
export function notification<Params extends object>({ media = false }: { media?: boolean } = {}): NotificationSpec<Params> {
  return { kind: 'notification', media };
}

// oxlint-disable-next-line typescript/no-explicit-any
export type ParamsOf<Spec> = Spec extends RequestSpec<infer P, any> ? P : Spec extends NotificationSpec<infer P> ? P : never;
// oxlint-disable-next-line typescript/no-explicit-any
export type ResultOf<Spec> = Spec extends RequestSpec<any, infer R> ? R : void;
export type RequestNames<Table> = { [K in keyof Table]: Table[K] extends { kind: 'request' } ? K : never }[keyof Table];
export type NotificationNames<Table> = { [K in keyof Table]: Table[K] extends { kind: 'notification' } ? K : never }[keyof Table];

/** One handler for each method of a table: a method without a handler does not compile. */
export type Handlers<Table, Context> = {
  readonly [K in keyof Table]: (
    params: ParamsOf<Table[K]>,
    context: Context,
  ) => Table[K] extends { kind: 'request' } ? ResultOf<Table[K]> | Promise<ResultOf<Table[K]>> : void;
};

/** An event that the worker pushes. */
export interface EventSpec {
  /** The getter that takes the event's first argument as its new value before the event is emitted. */
  readonly sets?: string;
  /** Getters that the server reads and sends along, for events whose arguments do not tell the new state. */
  readonly reads?: readonly string[];
  /** Whether mediasoup emits it on `observer` too, or there alone. */
  readonly observer: boolean | 'only';
  /** Its first argument is bytes: they travel as the message's `data`, in a binary frame, and the other arguments as `args`. */
  readonly bytes?: true;
  /** Media, whose worth is over in a moment: under pressure the oldest are dropped. Others are never lost. */
  readonly media?: true;
  /** Its arguments may hold BigInt, as the sizes in a trace of RTP do. */
  readonly rich?: true;
  /** Objects of mediasoup in its arguments travel as their numbers: `{ producer: 12 }`. */
  readonly names?: 'producer';
}

/** What is replicated of a class. */
export interface ClassSpec {
  /** Every getter that travels in a record, besides those that are derived (`closed`, `appData`, `observer`). */
  readonly state: readonly string[];
  readonly events: Readonly<Record<string, EventSpec>>;
  /** Events that end the object (`rope.closed` carries them): `died`, `producerclose`, `listenserverclose` … */
  readonly endings: readonly string[];
}

/**
 * The JSON form of an object's `appData`, beside the options that create it. In the app it stays the app's own object; other sessions,
 * and the app's next process, see this. Absent when it holds what is no plain data (a socket, a function, a circle) or is large.
 */
export type SharedAppData = Record<string, unknown>;

/** What every creating method takes besides. */
export interface Creation {
  readonly appData?: SharedAppData;
}

export type { ObjectId, ObjectRecord };
