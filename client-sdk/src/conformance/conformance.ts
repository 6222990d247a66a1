import type { Mediasoup } from '../manager.ts';
import { Bench, SharedWorker } from './bench.ts';
import type { Ability, Case, Quirk, Suite } from './suite.ts';
import { suites as everySuite } from './suites.ts';
import type { ConnectPeer } from './web-rtc-peer.ts';

/** What is examined. */
export interface Target {
  readonly mediasoup: Mediasoup;
  /** Called once, after the last case. */
  close?(): unknown;
}

export interface ConformanceOptions {
  /** Called once, before the first case. */
  open(): Target | Promise<Target>;
  /** `worker.pid` is a process of this machine, which the cases may signal. Default: no. */
  readonly signalWorker?: boolean;
  /** The other end of a WebRtcTransport, for the cases that need one. Default: they are skipped. */
  readonly connectPeer?: ConnectPeer;
  /** What the manager does otherwise than mediasoup on purpose, each with the reason. */
  readonly differs?: Readonly<Partial<Record<Quirk, string>>>;
  /** Default: all. */
  readonly suites?: readonly Suite[];
}

/** The functions of a test framework; those of Jest, Vitest and `node:test` fit (there `after` is `afterAll`). */
export interface Framework {
  describe(title: string, define: () => void): unknown;
  test: ((title: string, run: () => Promise<void>) => unknown) & { skip(title: string, run: () => Promise<void>): unknown };
  after(run: () => Promise<void>): unknown;
}

/** How one case went. */
export interface Outcome {
  readonly suite: string;
  readonly title: string;
  /** The first ability that is missing. */
  readonly skipped?: Ability;
  readonly error?: unknown;
}

/**
 * Defines the cases in a test framework: `conformance({ open: () => ({ mediasoup }) }, { describe, test, after: afterAll })`. Those that
 * the manager's surroundings do not allow are skipped, under a title that says what they need.
 */
export function conformance(options: ConformanceOptions, { describe, test, after }: Framework): void {
  const run = new Run(options);
  for (const suite of run.suites) {
    describe(suite.title, () => {
      for (const one of suite.cases) {
        const missing = run.missing(one);
        if (missing) test.skip(`${one.title} (needs ${missing})`, async () => {});
        else test(one.title, () => run.case(one));
      }
      after(() => run.endSuite());
    });
  }
  after(() => run.end());
}

/** Runs the cases without a framework, one after the other, and tells of each how it went. Never rejects because of a case. */
export async function runConformance(options: ConformanceOptions, told: (outcome: Outcome) => void = () => {}): Promise<Outcome[]> {
  const run = new Run(options);
  const outcomes: Outcome[] = [];
  for (const suite of run.suites) {
    for (const one of suite.cases) {
      const skipped = run.missing(one);
      const error = skipped ? undefined : await run.case(one).then(() => undefined, (reason: unknown) => reason);
      outcomes.push({ suite: suite.title, title: one.title, ...(skipped && { skipped }), ...(error !== undefined && { error }) });
      told(outcomes.at(-1)!);
    }
    await run.endSuite();
  }
  await run.end();
  return outcomes;
}

/** One target, opened once, and the worker of the suite that is under way. */
class Run {
  readonly suites: readonly Suite[];
  readonly #options: ConformanceOptions;
  #target: Promise<Target> | undefined;
  #shared: SharedWorker | undefined;

  constructor(options: ConformanceOptions) {
    this.#options = options;
    this.suites = options.suites ?? everySuite;
  }

  missing({ needs }: Case): Ability | undefined {
    const { signalWorker = false, connectPeer } = this.#options;
    return needs.find(ability => (ability === 'signalWorker' ? !signalWorker : !connectPeer));
  }

  async case(one: Case): Promise<void> {
    this.#target ??= Promise.resolve(this.#options.open());
    const { mediasoup } = await this.#target;
    this.#shared ??= new SharedWorker(mediasoup);
    const bench = new Bench({ mediasoup, shared: this.#shared, differs: this.#options.differs, connectPeer: this.#options.connectPeer });
    try {
      await one.run(bench);
    } finally {
      await bench.end();
    }
  }

  async endSuite(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await shared?.close();
  }

  async end(): Promise<void> {
    await (await this.#target)?.close?.();
  }
}
