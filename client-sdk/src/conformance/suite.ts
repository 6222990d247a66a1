import type { Bench } from './bench.ts';

/**
 * Where mediasoup does something that another manager may decide to do otherwise. Each name is what mediasoup does; a manager that does
 * not says so, with its reason, in `ConformanceOptions.differs`, and the cases then expect the other behaviour.
 */
export const quirks = [
  /** A child whose creation is answered after its parent closed stays open for ever. Otherwise: it is announced and closed at once. */
  'lateChildStaysOpen',
  /** One trace notification of a Consumer is emitted twice. Otherwise: once. */
  'consumerTraceTwice',
  /** A DirectTransport declares `rtcp` for its observer too, and never emits it there. Otherwise: it does. */
  'rtcpNotObserved',
  /** Two `pause()` of an RtpObserver under way at once give two `pause` events. Otherwise: one. */
  'rtpObserverPausesTwice',
  /** A WebRtcServer does not hear that a router closed; its transport is `unhandled` when the server closes. Otherwise: at once. */
  'serverMissesRouterClose',
  /** `canConsume()` still says `true` of a producer that closed with its WebRtcServer. Otherwise: `false`. */
  'canConsumeAfterServerClose',
  /** A pipe between two routers that could not be laid makes every later one fail at once. Otherwise: the next try works. */
  'failedPipeStays',
  /** `subprocessclose` comes when the process has ended. Otherwise: it may come before `close()` returns. */
  'subprocessCloseLater',
  /** An open Worker listens to SIGINT and SIGTERM of the process. Otherwise: it leaves them to the app. */
  'processSignals',
  /** A `workerBin` is started. Otherwise: the call is refused. */
  'workerBin',
] as const;

/** One of `quirks`. */
export type Quirk = (typeof quirks)[number];

/** What a manager or its surroundings must have for a case to mean anything. */
export type Ability =
  /** `worker.pid` is a process of this machine, which may be signalled. */
  | 'signalWorker'
  /** `ConformanceOptions.connectPeer` was given. */
  | 'peer';

/** One statement about mediasoup's behaviour, as a sentence, and what shows it. */
export interface Case {
  readonly title: string;
  readonly needs: readonly Ability[];
  /** Rejects when the manager behaves otherwise. */
  run(bench: Bench): Promise<void>;
}

/** Cases about one topic; they share a worker where they can. */
export interface Suite {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** What a case does; what it hands back does not matter. */
export type Run = (bench: Bench) => unknown;

/** A suite from sentences and functions; `[abilities, run]` where a case needs some. */
export function suite(title: string, cases: Readonly<Record<string, Run | readonly [readonly Ability[], Run]>>): Suite {
  return {
    title,
    cases: Object.entries(cases).map(([name, given]) => {
      const [needs, run] = typeof given === 'function' ? [[], given] : given;
      return { title: name, needs, run: async bench => void await run(bench) };
    }),
  };
}

/** One case for each entry of a table: the title is made of the entry's key. */
export function each<Entry>(table: Readonly<Record<string, Entry>>, title: (key: string) => string, run: (bench: Bench, entry: Entry, key: string) => unknown): Record<string, Run> {
  return Object.fromEntries(Object.entries(table).map(([key, entry]) => [title(key), (bench: Bench) => run(bench, entry, key)]));
}
