import debug from 'debug';

import type { Clock } from '../clock.ts';
import type { Handlers, MethodTable, RequestSpec } from '../contract/contract.ts';
import { ForbiddenError, MethodNotFoundError, ProtocolError, TooManyRequestsError } from '../errors.ts';
import { encodeMessage } from '../protocol/codec.ts';
import { tidy } from '../protocol/tidy.ts';
import { encodeError } from '../protocol/error-mapping.ts';
import type { Notification, Request } from '../protocol/message.ts';
import { encodeRich } from '../protocol/rich.ts';
import type { Counters } from './metrics.ts';
import { RateLimit } from './rate-limit.ts';
import type { ServerSession } from './server-session.ts';
import type { SessionObjects } from './session-objects.ts';
import { SharedValues } from './shared-values.ts';
import type { Path } from './shared-values.ts';

const log = debug('mediacluster:rope:dispatcher');

/** Deeper than anything that a contract asks for. */
const MAX_DEPTH = 32;

/** What a handler is given beside its parameters. */
export interface HandlerContext {
  readonly session: ServerSession;
  readonly objects: SessionObjects;
  /** Aborted when the caller has given up, or its session has ended. What the handler makes then is closed again. */
  readonly signal: AbortSignal;
}

/** Throws a TypeError that names the field and the remedy, when these are no parameters for the method. */
export type Check = (method: string, params: Record<string, unknown>) => void;

export interface DispatcherOptions<Methods extends MethodTable> {
  readonly methods: Methods;
  readonly handlers: Handlers<Methods, HandlerContext>;
  readonly check: Check | undefined;
  readonly clock: Clock;
  readonly maxPendingRequests: number;
  readonly maxRequestsPerSecond: number;
  readonly sendFullErrors: boolean;
  readonly counters: Counters;
}

type AnyHandler = (params: unknown, context: HandlerContext) => unknown;

/** A method, with what is looked up for each call of it. */
interface Method {
  readonly name: string;
  readonly kind: 'request' | 'notification';
  readonly handler: AnyHandler;
  readonly rich: boolean;
  readonly reads: boolean;
  readonly media: boolean;
  readonly once: readonly Path[];
}

/** A request that is being worked on. Its signal is made when somebody looks at it: most never do. */
class Work implements HandlerContext {
  readonly session: ServerSession;
  readonly id: number;
  readonly spec: Method;
  /** When it came. */
  readonly atMs: number;
  #controller: AbortController | undefined;
  cancelled = false;

  constructor(session: ServerSession, id: number, spec: Method, atMs: number) {
    this.session = session;
    this.id = id;
    this.spec = spec;
    this.atMs = atMs;
  }

  get method(): string {
    return this.spec.name;
  }

  get objects(): SessionObjects {
    return this.session.objects;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.cancelled) this.#controller.abort();
    return this.#controller.signal;
  }

  cancel(): void {
    this.cancelled = true;
    this.#controller?.abort();
  }
}

/** The requests of one session that are being worked on, by id. */
export type WorkInHand = Map<number, Work>;

/** What is kept of a session from one message to the next. */
interface Memory {
  readonly rate: RateLimit;
  readonly values: SharedValues;
}

/**
 * Finds the handler of a method and sends its answer. Handlers are called synchronously, in the order of the messages. A
 * request passes, in this order: known method, values by number, rate, scope, number under way, shape; then its handler.
 */
export class Dispatcher<Methods extends MethodTable> {
  readonly #options: DispatcherOptions<Methods>;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #memories = new WeakMap<ServerSession, Memory>();

  constructor(options: DispatcherOptions<Methods>) {
    this.#options = options;
    this.#methods = new Map(Object.keys(options.methods).map(name => [name, methodOf(name, options)]));
  }

  request(session: ServerSession, { id, method: name, params }: Request): void {
    const { clock, counters } = this.#options;
    if (session.work.has(id)) throw new ProtocolError(`request ${id} is under way already`);
    const method = this.#methods.get(name);
    const work = new Work(session, id, method?.kind === 'request' ? method : UNKNOWN, clock.nowMs());
    const { rate, values } = this.#memoryOf(session);
    const isTidy = tidy(params, MAX_DEPTH); // before large values are put in, which are looked at once
    // Whatever becomes of the call, the client counts on the numbers that it gave.
    values.resolve(params, work.spec.once);
    const refusal = this.#refusal(work, name, rate) ?? this.#wrong(work.spec, params, isTidy);
    if (refusal) {
      counters.count(work.method, 'refused');
      return this.#answerError(work, refusal);
    }
    session.work.set(id, work);
    let result: unknown;
    try {
      result = work.spec.handler(params, work);
    } catch (error) {
      return this.#failed(work, error);
    }
    if (!isThenable(result)) return this.#done(work, result);
    result.then(value => this.#done(work, value), (error: unknown) => this.#failed(work, error));
  }

  notification(session: ServerSession, { method: name, params }: Notification): void {
    const method = this.#methods.get(name);
    if (method?.kind !== 'notification') return log('notification %s is unknown', name.slice(0, 100));
    // There is nobody to refuse it to, so it counts against the requests that follow. Media has bounds of its own.
    if (!method.media) this.#memoryOf(session).rate.spend(this.#options.clock.nowMs());
    try {
      const wrong = session.scope === 'observe' ? new ForbiddenError('this session only observes') : this.#wrong(method, params, tidy(params, MAX_DEPTH));
      if (wrong) throw wrong;
      const result = method.handler(params, new Work(session, 0, method, 0));
      // There is nobody to tell: mostly the object is closed already, which is what the client wanted.
      if (isThenable(result)) result.then(undefined, (error: unknown) => log('%s: %s', name, error));
    } catch (error) {
      log('%s: %s', name, error);
    }
  }

  /** The caller of this request has given up, before or after it was answered. */
  cancel(session: ServerSession, id: number): void {
    session.work.get(id)?.cancel();
    const made = session.takeAnswered(id);
    if (made !== undefined) session.objects.discard(made);
  }

  #memoryOf(session: ServerSession): Memory {
    let memory = this.#memories.get(session);
    if (!memory) {
      const { clock, maxRequestsPerSecond } = this.#options;
      this.#memories.set(session, (memory = { rate: new RateLimit(maxRequestsPerSecond, clock.nowMs()), values: new SharedValues() }));
    }
    return memory;
  }

  /** Why this session may not make the call now. */
  #refusal({ session, spec, method, atMs }: Work, name: string, rate: RateLimit): Error | undefined {
    const { maxPendingRequests, maxRequestsPerSecond } = this.#options;
    if (!rate.take(atMs)) return new TooManyRequestsError(`${method} was not done: this session has made more than ${maxRequestsPerSecond} calls in a second`);
    if (spec === UNKNOWN) return new MethodNotFoundError(`no method ${name.slice(0, 100)} here`);
    if (session.scope === 'observe' && !spec.reads) return new ForbiddenError(`${method} was not done: this session only observes; come in with the scope "own" or "all"`);
    if (session.work.size >= maxPendingRequests) return new TooManyRequestsError(`${method} was not done: ${session.work.size} calls of this session are under way`);
    return undefined;
  }

  /** What is wrong with the parameters. */
  #wrong(method: Method, params: Record<string, unknown>, isTidy: boolean): Error | undefined {
    if (!isTidy) return new TypeError(`the parameters of ${method.name} stand more than ${MAX_DEPTH} deep in one another; send flatter ones`);
    try {
      this.#options.check?.(method.name, params);
    } catch (error) {
      return error as Error;
    }
    return undefined;
  }

  #done(work: Work, result: unknown): void {
    const { session, id, spec } = work;
    const made = session.objects.madeBy(result);
    if (work.cancelled) {
      this.#ended(work, 'cancelled');
      if (made !== undefined) session.objects.discard(made);
      return;
    }
    const answer = made === undefined ? result : session.objects.current(made, result);
    let text: string;
    try {
      text = encodeMessage({ id, result: answer === undefined ? null : spec.rich ? encodeRich(answer) : answer }) as string;
    } catch (error) {
      return this.#failed(work, error); // a BigInt or a circle in a result that is not marked rich
    }
    this.#ended(work, 'ok');
    session.answer(text, id, made);
    if (made !== undefined) session.objects.answered(made);
  }

  #failed(work: Work, error: unknown): void {
    this.#ended(work, work.cancelled ? 'cancelled' : 'error');
    if (!work.cancelled) this.#answerError(work, error);
  }

  #ended({ session, id, method, atMs }: Work, outcome: 'ok' | 'error' | 'cancelled'): void {
    session.work.delete(id);
    const { counters, clock } = this.#options;
    counters.count(method, outcome, clock.nowMs() - atMs);
  }

  #answerError({ session, id }: Work, error: unknown): void {
    session.answer(encodeMessage({ id, error: encodeError(error, { full: this.#options.sendFullErrors }) }), id);
  }
}

/** Stands for every request that names no method, so that its name, which is the client's, is kept nowhere. */
const UNKNOWN: Method = {
  name: 'unknown', kind: 'request', rich: false, reads: true, media: false, once: [],
  handler: /* v8 ignore next -- never called: whoever asks for it is refused first */ () => {},
};

function methodOf<Methods extends MethodTable>(name: string, { methods, handlers }: DispatcherOptions<Methods>): Method {
  const { kind, rich = false, reads = false, once = [], media = false } = methods[name] as Partial<RequestSpec<never, never>> & { kind: Method['kind']; media?: boolean };
  return { name, kind, rich, reads, media, handler: (handlers as Record<string, AnyHandler>)[name]!, once: once.map(path => path.split('.')) };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
