import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKube } from '../client.ts';
import type { KubeClient } from '../kube-client.ts';
import { kinds } from '../kinds.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { FakeClock, ScriptedServer } from '../testing/index.ts';
import { Informer } from '../watch/informer.ts';
import { Controller, type ControllerOptions, type ControllerSource, type ReconcileRun } from './controller.ts';

const pod = (name: string, resourceVersion = '1'): KubeObject => ({ metadata: { name, namespace: 'x', uid: `uid-${name}`, resourceVersion } });

let clock: FakeClock;
let controller: Controller;
let runs: ReconcileRun[];
let onRun: () => void;

beforeEach(() => {
  clock = new FakeClock();
  runs = [];
  onRun = () => {};
});

afterEach(() => controller.stop());

/** An informer that a test lets sync. */
class Source implements ControllerSource {
  started = 0;
  objects: KubeObject[] = [];
  sync: () => void = () => {};
  readonly store = { list: () => this.objects };
  readonly #synced = new Promise<void>(resolve => { this.sync = resolve; });
  start(): void {
    this.started += 1;
  }
  whenSynced(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#synced.then(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

function make(options: Partial<ControllerOptions>): Controller {
  controller = new Controller({
    name: 'test', clock, informers: [], random: () => 0.5, reconcile: async () => {},
    observe: run => {
      runs.push(run);
      onRun();
    },
    ...options,
  });
  return controller;
}

async function ran(count: number): Promise<string[]> {
  while (runs.length < count) await new Promise<void>(resolve => { onRun = resolve; });
  return runs.map(run => run.key);
}

/** A promise and what settles it. */
function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('starting', () => {
  test('starts the informers once, and works only when all of them have synced', async () => {
    const sources = [new Source(), new Source()];
    make({ informers: sources });
    controller.enqueue('x/a');
    controller.start();
    controller.start();
    expect(sources.map(source => source.started)).toEqual([1, 1]);
    sources[0]?.sync();
    await new Promise(resolve => { setImmediate(resolve); });
    expect(runs).toEqual([]);
    sources[1]?.sync();
    expect(await ran(1)).toEqual(['x/a']);
    expect(controller.metrics.runs.done).toBe(1);
  });

  test('can be stopped before they have', async () => {
    make({ informers: [new Source()] });
    controller.start();
    await controller.stop();
    await controller.stop();
    expect(clock.delaysMs).toEqual([]);
  });

  test('can be stopped before it was started', async () => {
    make({});
    await controller.stop();
    controller.start();
    controller.enqueue('x/a');
    await controller.stop();
    expect(runs).toEqual([]);
  });
});

describe('working', () => {
  test('runs as many keys at once as it has workers, and never one key twice at once', async () => {
    const gates = new Map<string, ReturnType<typeof gate>>();
    const active: string[] = [];
    let most = 0;
    make({
      workers: 2,
      reconcile: async key => {
        expect(active).not.toContain(key);
        active.push(key);
        most = Math.max(most, active.length);
        const mine = gate();
        gates.set(key, mine);
        await mine.opened;
        active.splice(active.indexOf(key), 1);
      },
    });
    for (const key of ['a', 'b', 'c']) controller.enqueue(key);
    controller.start();
    while (active.length < 2) await new Promise(resolve => { setImmediate(resolve); });
    controller.enqueue('a');
    expect(controller.metrics).toMatchObject({ processing: 2, depth: 1 });
    gates.get('a')?.open();
    await ran(1);
    gates.get('b')?.open();
    await ran(2);
    while (active.length < 2) await new Promise(resolve => { setImmediate(resolve); });
    expect(active.toSorted()).toEqual(['a', 'c']);
    for (const { open } of gates.values()) open();
    expect((await ran(4)).toSorted()).toEqual(['a', 'a', 'b', 'c']);
    expect(most).toBe(2);
  });

  test('tries again with growing waits what fails, and forgets it when it works', async () => {
    let failures = 3;
    make({ reconcile: async () => { if (failures-- > 0) throw new Error('not yet'); } });
    controller.enqueue('x/a');
    controller.start();
    for (const [count, waitMs] of [[1, 5], [2, 10], [3, 20]] as const) {
      await ran(count);
      expect(await clock.pass(ms => ms < 1000)).toBe(waitMs);
    }
    await ran(4);
    expect(runs.map(run => [run.result, run.failures, run.error?.message])).toEqual([
      ['failed', 1, 'not yet'], ['failed', 2, 'not yet'], ['failed', 3, 'not yet'], ['done', 0, undefined],
    ]);
    expect(controller.metrics.runs).toMatchObject({ failed: 3, done: 1 });
  });

  test('comes again when it is asked to, and not after what cannot succeed', async () => {
    const answers = [{ requeueAfterMs: 3000 }, undefined];
    make({
      reconcile: async key => {
        if (key === 'bad') throw Object.assign(new Error('spec'), { name: 'TerminalError' });
        return answers.shift();
      },
    });
    controller.enqueueAfter('good', 100);
    controller.enqueue('bad');
    controller.start();
    await ran(1);
    await clock.pass(ms => ms === 100);
    await ran(2);
    await clock.pass(ms => ms === 3000);
    expect(await ran(3)).toEqual(['bad', 'good', 'good']);
    expect(clock.delaysMs).toEqual([]);
    expect(runs.map(run => run.result)).toEqual(['terminal', 'requeued', 'done']);
  });

  test('aborts a run that takes too long', async () => {
    make({ timeoutMs: 5000, reconcile: (_key, { signal }) => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); }) });
    controller.enqueue('x/a');
    controller.start();
    await clock.pass(ms => ms === 5000);
    await ran(1);
    expect(runs[0]).toMatchObject({ result: 'failed', error: { code: 'KUBE_TIMEOUT' }, durationMs: 5000 });
  });

  test('an observer that throws changes nothing', async () => {
    make({ observe: () => { onRun(); throw new Error('observer'); } });
    controller.enqueue('a');
    controller.enqueue('b');
    controller.start();
    while (controller.metrics.runs.done < 2) await new Promise<void>(resolve => { onRun = resolve; });
    expect(controller.metrics).toMatchObject({ processing: 0, depth: 0 });
  });
});

describe('resync', () => {
  test('goes over every object of the first informer now and then, after what has just happened', async () => {
    const own = new Source();
    const other = new Source();
    own.objects = [pod('a'), pod('b')];
    other.objects = [pod('z')];
    own.sync();
    other.sync();
    make({ informers: [own, other], resyncMs: 600_000, random: () => 0 });
    controller.start();
    await clock.pass(ms => ms === 540_000);
    expect(await ran(2)).toEqual(['x/a', 'x/b']);
    await clock.pass(ms => ms === 540_000);
    await ran(4);
    await controller.stop();
    expect(clock.delaysMs).toEqual([]);
  });

  test('without informers there is nothing to go over', async () => {
    make({ resyncMs: 1000 });
    controller.start();
    await clock.pass(ms => ms === 1000);
    expect(controller.metrics.depth).toBe(0);
  });
});

describe('stopping', () => {
  test('aborts what is in work, waits for it, and starts nothing else', async () => {
    const begun = gate();
    const ending = gate();
    make({
      reconcile: async (_key, { signal }) => {
        begun.open();
        await new Promise<void>(resolve => { signal.addEventListener('abort', () => resolve()); });
        await ending.opened;
        throw signal.reason as Error;
      },
    });
    controller.enqueue('a');
    controller.enqueue('b');
    controller.start();
    await begun.opened;
    const stopping = controller.stop();
    const first = await Promise.race([stopping.then(() => 'stopped'), new Promise(resolve => { setImmediate(resolve, 'waiting'); })]);
    expect(first).toBe('waiting');
    ending.open();
    await stopping;
    expect(runs.map(run => [run.key, run.result])).toEqual([['a', 'stopped']]);
    expect(clock.delaysMs).toEqual([]);
  });
});

describe('with an informer over a real connection', () => {
  let server: ScriptedServer;
  let kube: KubeClient;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    kube = connectKube({ server: server.url, clock });
  });

  afterEach(async () => {
    await kube.close();
    await server.stop();
  });

  test('reconciles what the cluster says, and what changes in it', async () => {
    const informer = new Informer<KubeObject>(kube, kinds.pods, {}, { clock });
    const seen: (string | undefined)[] = [];
    make({ informers: [informer], reconcile: async key => { seen.push(informer.store.get(key)?.metadata.resourceVersion); } });
    const enqueue = (object: KubeObject): void => controller.enqueue(keyOf(object));
    informer.on({ added: enqueue, updated: (_, object) => enqueue(object), deleted: enqueue });
    controller.start();
    (await server.next()).list([pod('a', '1')], '5');
    const watch = await server.next();
    await ran(1);
    watch.event('MODIFIED', pod('a', '6'));
    await ran(2);
    watch.event('DELETED', pod('a', '7'));
    expect(await ran(3)).toEqual(['x/a', 'x/a', 'x/a']);
    expect(seen).toEqual(['1', '6', undefined]);
    await controller.stop();
    await informer.stop();
  });
});
