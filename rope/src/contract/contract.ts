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
  readonly [types]?: [Params, Result];
}

/** A method without an answer: what is synchronous in mediasoup. */
export interface NotificationSpec<Params extends object> {
  readonly kind: 'notification';
  readonly [types]?: [Params];
}

export type MethodSpec = RequestSpec<never, unknown> | NotificationSpec<never>;
// `any`, because parameters of methods are only ever narrowed from here, by ParamsOf and ResultOf.
// oxlint-disable-next-line typescript/no-explicit-any
export type MethodTable = Readonly<Record<string, RequestSpec<any, any> | NotificationSpec<any>>>;

/** Describes a method with an answer. Default: changes nothing, plain JSON. */
export function request<Params extends object, Result>(
  { changes = [], rich = false }: { changes?: readonly string[]; rich?: boolean } = {},
): RequestSpec<Params, Result> {
  return { kind: 'request', changes, rich };
}

/** Describes a method without an answer. */
export function notification<Params extends object>(): NotificationSpec<Params> {
  return { kind: 'notification' };
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
  /** Whether mediasoup emits it on `observer` too. */
  readonly observer: boolean;
}

/** What is replicated of a class. */
export interface ClassSpec {
  /** Every getter that travels in a record, besides those that are derived (`closed`, `appData`, `observer`). */
  readonly state: readonly string[];
  readonly events: Readonly<Record<string, EventSpec>>;
  /** Events that end the object (`rope.closed` carries them): `died`, `producerclose`, `listenserverclose` … */
  readonly endings: readonly string[];
}

export type { ObjectId, ObjectRecord };
