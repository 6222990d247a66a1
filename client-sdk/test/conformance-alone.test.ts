import { describe, expect, test } from '@jest/globals';
import { conformance, quirks, runConformance, suites } from '@mediacluster/sdk/conformance';
import type { Outcome, Suite } from '@mediacluster/sdk/conformance';
import * as mediasoup from 'mediasoup';

const wrong = new Error('not as mediasoup');
const few: Suite[] = [
  {
    title: 'one',
    cases: [
      { title: 'holds', needs: [], run: async bench => expect(bench.mediasoup).toBe(mediasoup) },
      { title: 'does not hold', needs: [], run: () => Promise.reject(wrong) },
      { title: 'needs a process', needs: ['signalWorker'], run: () => Promise.reject(wrong) },
      { title: 'needs an endpoint', needs: ['peer'], run: () => Promise.reject(wrong) },
    ],
  },
  { title: 'two', cases: [{ title: 'takes a worker that the cases share', needs: [], run: async bench => expect(await bench.worker()).toBe(await bench.worker()) }] },
];

describe('the conformance suite without a test framework', () => {
  test('tells of each case how it went, and closes its target once', async () => {
    let [opened, closed] = [0, 0];
    const told: Outcome[] = [];
    const outcomes = await runConformance({
      open: () => {
        opened += 1;
        return { mediasoup, close: () => void (closed += 1) };
      },
      suites: few,
    }, outcome => told.push(outcome));
    expect(outcomes).toEqual([
      { suite: 'one', title: 'holds' },
      { suite: 'one', title: 'does not hold', error: wrong },
      { suite: 'one', title: 'needs a process', skipped: 'signalWorker' },
      { suite: 'one', title: 'needs an endpoint', skipped: 'peer' },
      { suite: 'two', title: 'takes a worker that the cases share' },
    ]);
    expect(told).toEqual(outcomes);
    expect([opened, closed]).toEqual([1, 1]);
  });

  test('needs no ear, and opens nothing where nothing runs', async () => {
    const open = (): never => {
      throw wrong;
    };
    expect(await runConformance({ open, suites: [] })).toEqual([]);
    expect(await runConformance({ open, suites: [few[1]!] })).toEqual([{ suite: 'two', title: few[1]!.cases[0]!.title, error: wrong }]);
  });

  // What a quirk of mediasoup is worth is seen where a manager says it has another way and has not.
  test.each([
    ['rtpObserverPausesTwice', 'pausing', /^two pauses of an RtpObserver/], ['serverMissesRouterClose', 'closing', /^of a router:/], ['consumerTraceTwice', 'scores, layers and traces', /^a consumer's trace$/],
    ['rtcpNotObserved', 'DirectTransport', /^requestKeyFrame/], ['lateChildStaysOpen', 'calls under way', /^produce\(\)/], ['canConsumeAfterServerClose', 'closing', /^of a server and canConsume/],
    ['failedPipeStays', 'pipeToRouter()', /^after one that could not/], ['processSignals', 'the module, workers and routers', /signals/], ['workerBin', 'errors', /binary/],
  ] as const)('holds it against a manager that has %s and says it has not', async (quirk, topic, title) => {
    const some = suites.filter(suite => suite.title === topic).map(suite => ({ ...suite, cases: suite.cases.filter(one => title.test(one.title)) }));
    const options = { open: () => ({ mediasoup }), suites: some };
    expect(await runConformance(options)).toEqual([{ suite: topic, title: expect.stringMatching(title) }]);
    const [outcome] = await runConformance({ ...options, differs: { [quirk]: 'to see that it is noticed' } });
    expect(outcome!.error).toMatchObject({ message: expect.any(String) });
  });

  test('waits for no event longer than it must, and says which one', async () => {
    const silent: Suite = { title: 'silent', cases: [{ title: 'never told', needs: [], run: async bench => void await bench.soon(new Promise(() => {}), 'the end of time', 10) }] };
    const [outcome] = await runConformance({ open: () => ({ mediasoup }), suites: [silent] });
    expect(outcome!.error).toMatchObject({ message: 'the end of time did not come within 10 ms' });
  });
});

describe('the conformance suite in a test framework', () => {
  test('skips what cannot be run under a title that says why', async () => {
    const lines: string[] = [];
    const runs: (() => Promise<void>)[] = [];
    conformance({ open: () => ({ mediasoup }), suites: few }, {
      describe: (title, define) => {
        lines.push(title);
        define();
      },
      test: Object.assign((title: string, run: () => Promise<void>) => void (lines.push(title), runs.push(run)), { skip: (title: string, run: () => Promise<void>) => void (lines.push(`skip ${title}`), runs.push(run)) }),
      after: run => void runs.push(run),
    });
    expect(lines).toEqual([
      'one', 'holds', 'does not hold', 'skip needs a process (needs signalWorker)', 'skip needs an endpoint (needs peer)', 'two', 'takes a worker that the cases share',
    ]);
    const results: boolean[] = [];
    for (const run of runs) results.push(await run().then(() => true, () => false));
    expect(results).toEqual([true, false, true, true, true, true, true, true]);
  });

  test('has cases enough, each under a title of its own', () => {
    const titles = suites.flatMap(({ title, cases }) => cases.map(one => `${title}: ${one.title}`));
    expect(titles.length).toBeGreaterThan(200);
    expect(new Set(titles).size).toBe(titles.length);
    expect(new Set(quirks).size).toBe(quirks.length);
  });
});
