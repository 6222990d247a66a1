import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { connectKube } from '../client.ts';
import type { KubeClient } from '../kube-client.ts';
import { KubeError } from '../errors.ts';
import { kinds } from '../kinds.ts';
import { keyOf, type KubeObject, type WatchEvent } from '../object.ts';
import { FakeClock, type ScriptedRequest, ScriptedServer } from '../testing/index.ts';
import { Informer } from './informer.ts';

const pod = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({ metadata: { name, namespace: 'x', uid, resourceVersion } });
const isBackoff = (ms: number): boolean => ms < 60_000;

/** Lets everything happen that happens by itself, all waits included. */
async function settle(clock: FakeClock): Promise<void> {
  for (let i = 0; i < 12; i += 1) {
    await new Promise(resolve => { setImmediate(resolve); });
    clock.advance(60_000);
  }
  await new Promise(resolve => { setImmediate(resolve); });
}

describe('over a real connection', () => {
  let server: ScriptedServer;
  let clock: FakeClock;
  let kube: KubeClient;
  let informer: Informer<KubeObject>;
  let told: string[];
  let onTold: () => void;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = new FakeClock();
    kube = connectKube({ server: server.url, clock });
    told = [];
    onTold = () => {};
    informer = new Informer(kube, kinds.pods, {}, { clock, random: () => 0, indexers: { uid: object => [object.metadata.uid ?? ''] } });
    informer.on(logger());
    informer.start();
  });

  afterEach(async () => {
    await informer.stop();
    await kube.close();
    await server.stop();
  });

  function logger(log: string[] = told): Parameters<Informer<KubeObject>['on']>[0] {
    const tell = (what: string): void => {
      log.push(what);
      onTold();
    };
    return {
      added: object => tell(`+${object.metadata.name}@${object.metadata.resourceVersion}`),
      updated: (previous, object) => tell(`${object.metadata.name}@${previous.metadata.resourceVersion}→${object.metadata.resourceVersion}`),
      deleted: object => tell(`-${object.metadata.name}@${object.metadata.resourceVersion}`),
      synced: () => tell('synced'),
    };
  }

  async function toldThings(count: number): Promise<string[]> {
    while (told.length < count) await new Promise<void>(resolve => { onTold = resolve; });
    return told;
  }

  async function listed(...objects: KubeObject[]): Promise<ScriptedRequest> {
    (await server.next()).list(objects, '100');
    const watch = await server.next();
    watch.open();
    return watch;
  }

  test('tells what is there, then that it is complete, then what changes', async () => {
    expect(informer.hasSynced).toBe(false);
    const watch = await listed(pod('a', '1'), pod('b', '2'));
    await informer.whenSynced();
    expect(informer.hasSynced).toBe(true);
    watch.event('MODIFIED', pod('a', '101'));
    watch.event('DELETED', pod('b', '102'));
    watch.event('ADDED', pod('c', '103'));
    expect(await toldThings(6)).toEqual(['+a@1', '+b@2', 'synced', 'a@1→101', '-b@102', '+c@103']);
    expect(informer.store.list().map(object => keyOf(object))).toEqual(['x/a', 'x/c']);
    expect(informer.store.byIndex('uid', 'uid-c')).toEqual([pod('c', '103')]);
    expect(informer.health).toMatchObject({ handlerErrors: 0, relists: 0, reconnects: 0 });
  });

  test('events that come twice are told once', async () => {
    const watch = await listed(pod('a', '1'));
    watch.event('ADDED', pod('a', '1'));
    watch.event('MODIFIED', pod('a', '101'));
    watch.event('MODIFIED', pod('a', '101'));
    watch.event('DELETED', pod('a', '102'));
    watch.event('DELETED', pod('a', '102'));
    watch.event('ADDED', pod('end', '103'));
    expect(await toldThings(5)).toEqual(['+a@1', 'synced', 'a@1→101', '-a@102', '+end@103']);
  });

  test('an object that was deleted and made anew under its name is told as both, by event and by list', async () => {
    const watch = await listed(pod('a', '1', 'first'));
    watch.event('MODIFIED', pod('a', '101', 'second')); // the deletion in between was missed
    watch.event('DELETED', pod('a', '99', 'first')); // and comes late: it is not the second one's
    watch.event('ERROR', { code: 410, reason: 'Expired' });
    await clock.pass(isBackoff);
    (await server.next()).list([pod('a', '200', 'third'), pod('b', '201')], '300');
    expect(await toldThings(7)).toEqual(['+a@1', 'synced', '-a@1', '+a@101', '-a@101', '+a@200', '+b@201']);
    expect(informer.store.byIndex('uid', 'second')).toEqual([]);
  });

  test('a list after an outage tells what changed meanwhile, deletions included', async () => {
    const watch = await listed(pod('a', '1'), pod('b', '2'), pod('c', '3'));
    watch.event('ERROR', { code: 410, reason: 'Expired' });
    await clock.pass(isBackoff);
    (await server.next()).list([pod('a', '1'), pod('c', '203'), pod('d', '204')], '300');
    expect((await toldThings(7)).slice(4)).toEqual(['-b@2', 'c@3→203', '+d@204']);
    expect(informer.health.relists).toBe(1);
  });

  test('keeps its last state while the API server is away', async () => {
    await listed(pod('a', '1'));
    await informer.whenSynced();
    await server.stop();
    await clock.pass(isBackoff);
    await clock.armed(isBackoff);
    expect(informer.store.get('x/a')).toBeDefined();
    expect(informer.hasSynced).toBe(true);
    expect(informer.health.lastError).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });

  test('a handler that throws is counted, and harms neither the others nor what comes after', async () => {
    const other: string[] = [];
    informer.on({ added: () => { throw new Error('handler'); }, synced: () => { throw new Error('handler'); } });
    const leave = informer.on(logger(other));
    const watch = await listed(pod('a', '1'));
    watch.event('ADDED', pod('b', '101'));
    await toldThings(3);
    while (other.length < 3) await new Promise<void>(resolve => { onTold = resolve; });
    expect(other).toEqual(['+a@1', 'synced', '+b@101']);
    expect(informer.health.handlerErrors).toBe(3);
    leave();
    leave();
    watch.event('ADDED', pod('c', '102'));
    await toldThings(4);
    expect(other).toHaveLength(3);
  });

  test('a handler that comes late is told what is there', async () => {
    await listed(pod('a', '1'));
    await informer.whenSynced();
    const late: string[] = [];
    informer.on(logger(late));
    expect(late).toEqual(['+a@1', 'synced']);
  });

  test('whenSynced() can be given up', async () => {
    const controller = new AbortController();
    const waiting = informer.whenSynced(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(informer.whenSynced(controller.signal)).rejects.toThrow('enough');
    const patient = informer.whenSynced(new AbortController().signal);
    await listed();
    await patient;
  });

  test('stop() leaves nothing running', async () => {
    const watch = await listed(pod('a', '1'));
    await informer.whenSynced();
    await informer.stop();
    await watch.closed;
    expect(clock.delaysMs).toEqual([]);
    expect(informer.store.size).toBe(1);
  });
});

describe('whatever happens', () => {
  type Step = { do: 'put' | 'delete' | 'recreate'; name: string } | { do: 'cut' | 'expire' | 'fail' | 'repeat' | 'bookmark' };
  const names = fc.constantFrom('a', 'b', 'c');
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'delete', 'recreate'), name: names }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('cut', 'expire', 'fail', 'repeat', 'bookmark') }) },
  ) as fc.Arbitrary<Step>;

  /** A cluster of three names with its history, as a `KubeClient` that breaks where the steps say so. */
  class Cluster {
    readonly objects = new Map<string, KubeObject>();
    readonly history: { version: number; event: WatchEvent }[] = [];
    version = 0;
    oldest = 0;
    failing = 0;
    repeat = false;
    #wake = (): void => {};
    #cut = false;

    do(step: Step): void {
      if ('name' in step) {
        const known = this.objects.get(step.name);
        if (known && step.do !== 'put') this.#record('DELETED', known.metadata.name, known.metadata.uid as string);
        if (step.do !== 'delete') this.#record(known && step.do === 'put' ? 'MODIFIED' : 'ADDED', step.name, known && step.do === 'put' ? known.metadata.uid as string : `uid-${this.version}`);
      } else if (step.do === 'bookmark') {
        this.version += 1;
        this.history.push({ version: this.version, event: { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.version) } } } });
      } else if (step.do === 'repeat') {
        this.repeat = true;
      } else {
        this.#cut = true;
        if (step.do === 'expire') this.oldest = this.version;
        if (step.do === 'fail') this.failing = 2;
      }
      this.#wake();
    }

    #record(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, uid: string): void {
      this.version += 1;
      const object = pod(name, String(this.version), uid);
      if (type === 'DELETED') this.objects.delete(name);
      else this.objects.set(name, object);
      this.history.push({ version: this.version, event: { type, object } });
    }

    #mayFail(): void {
      if (this.failing === 0) return;
      this.failing -= 1;
      throw new KubeError('KUBE_SERVER', 'in trouble', { status: 500, retryable: true });
    }

    readonly client = {
      list: async () => {
        this.#mayFail();
        return { items: [...this.objects.values()].map(object => structuredClone(object)), resourceVersion: String(this.version) };
      },
      watch: (_kind: unknown, options: { resourceVersion: string; signal: AbortSignal }) => this.#watch(Number(options.resourceVersion), options.signal),
    } as unknown as KubeClient;

    async *#watch(from: number, signal: AbortSignal): AsyncGenerator<WatchEvent> {
      this.#mayFail();
      this.#cut = false;
      if (from < this.oldest) throw new KubeError('KUBE_GONE', 'too old', { status: 410 });
      let at = this.repeat ? Math.max(this.oldest, from - 2) : from;
      this.repeat = false;
      signal.addEventListener('abort', () => this.#wake());
      while (!signal.aborted) {
        if (at < this.oldest) throw new KubeError('KUBE_GONE', 'too old', { status: 410 });
        for (const { version, event } of this.history) {
          if (version <= at) continue;
          at = version;
          yield structuredClone(event);
        }
        if (this.#cut) throw new KubeError('KUBE_CONNECTION_LOST', 'cut', { retryable: true });
        await new Promise<void>(resolve => { this.#wake = resolve; });
      }
    }
  }

  test('the store ends up equal to the cluster, and what was told adds up to it', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), async steps => {
      const clock = new FakeClock();
      const cluster = new Cluster();
      const informer = new Informer<KubeObject>(cluster.client, kinds.pods, {}, { clock });
      const told = new Map<string, KubeObject>();
      informer.on({
        added: object => {
          expect(told.has(keyOf(object))).toBe(false);
          told.set(keyOf(object), object);
        },
        updated: (previous, object) => {
          expect(told.get(keyOf(object))).toBe(previous);
          expect(object.metadata.uid).toBe(previous.metadata.uid);
          told.set(keyOf(object), object);
        },
        deleted: object => expect(told.delete(keyOf(object))).toBe(true),
      });
      informer.start();
      for (const [one, pause] of steps) {
        cluster.do(one);
        if (pause) await new Promise(resolve => { setImmediate(resolve); });
      }
      await settle(clock);
      const expected = new Map([...cluster.objects.values()].map(object => [keyOf(object), object]));
      expect(new Map(informer.store.list().map(object => [keyOf(object), object]))).toEqual(expected);
      expect(told).toEqual(expected);
      expect(informer.health.handlerErrors).toBe(0);
      await informer.stop();
      expect(clock.delaysMs).toEqual([]);
    }), { numRuns: 150 });
  });
});
