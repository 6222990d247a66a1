import type { Handlers, MethodTable } from '../contract/contract.ts';
import { MethodNotFoundError, ProtocolError, TooManyRequestsError } from '../errors.ts';
import { encodeMessage } from '../protocol/codec.ts';
import { encodeError } from '../protocol/error-mapping.ts';
import type { Notification, Request } from '../protocol/message.ts';
import { encodeRich } from '../protocol/rich.ts';
import type { RequestCounter } from './metrics.ts';
import type { ServerSession } from './server-session.ts';
import type { SessionObjects } from './session-objects.ts';
import debug from 'debug';

const log = debug('mediacluster:rope:dispatcher');

/** What a handler is given beside its parameters. */
export interface HandlerContext {
  readonly session: ServerSession;
  readonly objects: SessionObjects;
  /** Aborted when the caller has given up, or its session has ended. What the handler makes then is closed again. */
  readonly signal: AbortSignal;
}

export interface DispatcherOptions<Methods extends MethodTable> {
  readonly methods: Methods;
  readonly handlers: Handlers<Methods, HandlerContext>;
  readonly maxPendingRequests: number;
  readonly sendFullErrors: boolean;
  readonly counter: RequestCounter;
}

type AnyHandler = (params: unknown, context: HandlerContext) => unknown;

/** A request that is being worked on. Its signal is made when somebody looks at it: most never do. */
class Work implements HandlerContext {
  readonly session: ServerSession;
  /** Over which of the session's links the question came. */
  readonly link: number;
  #controller: AbortController | undefined;
  cancelled = false;

  constructor(session: ServerSession) {
    this.session = session;
    this.link = session.links;
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

/** Finds the handler of a method and sends its answer. Handlers are called synchronously, in the order of the messages. */
export class Dispatcher<Methods extends MethodTable> {
  readonly #options: DispatcherOptions<Methods>;
  readonly #handlers: ReadonlyMap<string, AnyHandler>;

  constructor(options: DispatcherOptions<Methods>) {
    this.#options = options;
    this.#handlers = new Map(Object.entries(options.handlers as Record<string, AnyHandler>));
  }

  request(session: ServerSession, { id, method, params }: Request): void {
    const { methods, maxPendingRequests, counter } = this.#options;
    const handler = this.#handler(method, 'request');
    if (!handler) {
      counter.count('unknown', 'refused');
      return this.#fail(session, id, new MethodNotFoundError(`no method ${method.slice(0, 100)} here`));
    }
    if (session.work.has(id)) throw new ProtocolError(`request ${id} is under way already`);
    if (session.work.size >= maxPendingRequests) {
      counter.count(method, 'refused');
      return this.#fail(session, id, new TooManyRequestsError(`${method} was not done: ${session.work.size} calls of this session are under way`));
    }
    const work = new Work(session);
    session.work.set(id, work);
    const rich = (methods[method] as { rich?: boolean }).rich === true;
    let result: unknown;
    try {
      result = handler(params, work);
    } catch (error) {
      return this.#failed(work, id, method, error);
    }
    if (!isThenable(result)) return this.#done(work, id, method, result, rich);
    result.then(value => this.#done(work, id, method, value, rich), (error: unknown) => this.#failed(work, id, method, error));
  }

  notification(session: ServerSession, { method, params }: Notification): void {
    const handler = this.#handler(method, 'notification');
    if (!handler) return log('notification %s is unknown', method.slice(0, 100));
    try {
      const result = handler(params, new Work(session));
      // There is nobody to tell: mostly the object is closed already, which is what the client wanted.
      if (isThenable(result)) result.then(undefined, (error: unknown) => log('%s: %s', method, error));
    } catch (error) {
      log('%s: %s', method, error);
    }
  }

  /** The caller of this request has given up, before or after it was answered. */
  cancel(session: ServerSession, id: number): void {
    session.work.get(id)?.cancel();
    const made = session.takeAnswered(id);
    if (made !== undefined) session.objects.discard(made);
  }

  #handler(method: string, kind: 'request' | 'notification'): AnyHandler | undefined {
    const { methods } = this.#options;
    return Object.hasOwn(methods, method) && methods[method]!.kind === kind ? this.#handlers.get(method) : undefined;
  }

  #done(work: Work, id: number, method: string, result: unknown, rich: boolean): void {
    const { session } = work;
    const made = session.objects.madeBy(result);
    if (work.cancelled) {
      session.work.delete(id);
      this.#options.counter.count(method, 'cancelled');
      if (made !== undefined) session.objects.discard(made);
      return;
    }
    if (work.link !== session.links) {
      // The link that asked is gone, and with it whoever waited; what was made meanwhile is news to the next one.
      session.work.delete(id);
      this.#options.counter.count(method, 'ok');
      if (made !== undefined) session.objects.announce(made);
      return;
    }
    const answer = made === undefined ? result : session.objects.current(made, result);
    let text: string;
    try {
      text = encodeMessage({ id, result: answer === undefined ? null : rich ? encodeRich(answer) : answer }) as string;
    } catch (error) {
      return this.#failed(work, id, method, error); // a BigInt or a circle in a result that is not marked rich
    }
    session.work.delete(id);
    this.#options.counter.count(method, 'ok');
    session.answer(text, id, made);
    if (made !== undefined) session.objects.catchUp(made);
  }

  #failed(work: Work, id: number, method: string, error: unknown): void {
    work.session.work.delete(id);
    this.#options.counter.count(method, work.cancelled ? 'cancelled' : 'error');
    if (!work.cancelled && work.link === work.session.links) this.#fail(work.session, id, error);
  }

  #fail(session: ServerSession, id: number, error: unknown): void {
    session.answer(encodeMessage({ id, error: encodeError(error, { full: this.#options.sendFullErrors }) }) as string, id);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
