import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Router, Worker } from 'mediasoup/types';

import { DestroyedError, IncompatibleError, NoCapacityError, NodeDrainingError } from '../errors.ts';
import type { Mediasoup } from '../manager.ts';
import { nodeNameOf } from '../node-name.ts';
import { FakeManager } from '../testing/fake-manager.ts';
import { MediasoupHorizontal } from './horizontal.ts';

let a: FakeManager;
let b: FakeManager;
let set: MediasoupHorizontal;

beforeEach(() => {
  a = new FakeManager({ name: 'a' });
  b = new FakeManager({ name: 'b' });
  set = new MediasoupHorizontal([a, b]);
});
afterEach(() => set.destroy());

const createWorker = (): Promise<Worker> => set.mediasoup!.createWorker();
const counts = (): number[] => [a, b].map(({ workers }) => workers.filter(({ closed }) => !closed).length);

describe('as a Set', () => {
  test('holds each manager once, in the order they were added', () => {
    expect(set.add(a)).toBe(set);
    expect([set.size, set.has(a), set.has(new FakeManager())]).toEqual([2, true, false]);
    expect([[...set], [...set.keys()], [...set.values()]]).toEqual([[a, b], [a, b], [a, b]]);
    expect([...set.entries()]).toEqual([[a, a], [b, b]]);
    const seen: unknown[] = [];
    set.forEach(function collect(this: unknown, ...args) {
      seen.push(this, ...args);
    }, 'self');
    expect(seen).toEqual(['self', a, a, set, 'self', b, b, set]);
  });

  test('tells whether there was something to delete', () => {
    expect([set.delete(a), set.delete(a), set.size]).toEqual([true, false, 1]);
    set.clear();
    expect(set.size).toBe(0);
  });
});

describe('as a manager', () => {
  test('tells of its mediasoup after the constructor has returned, as the start-up idiom needs it', async () => {
    set = new MediasoupHorizontal([a]);
    const [mediasoup] = await once(set, 'mediasoup') as [Mediasoup];
    expect(mediasoup).toBe(set.mediasoup);
  });

  test('has a mediasoup from its first connected member on, and keeps it', async () => {
    const late = new FakeManager({ connected: false });
    const waiting = new MediasoupHorizontal([late]);
    expect([waiting.mediasoup, waiting.connected]).toEqual([undefined, false]);
    const told = Promise.all([once(waiting, 'mediasoup'), once(waiting, 'connected')]);
    late.connect();
    await told;
    const { mediasoup } = waiting;
    late.disconnect();
    await once(waiting, 'disconnected');
    expect([waiting.mediasoup, waiting.connected]).toEqual([mediasoup, false]);
    waiting.destroy();
  });

  test('is connected while any member is', async () => {
    const told: string[] = [];
    for (const event of ['connected', 'disconnected'] as const) set.on(event, () => told.push(event));
    a.disconnect();
    expect(set.connected).toBe(true);
    b.disconnect();
    a.connect();
    await new Promise(setImmediate);
    expect(told).toEqual(['disconnected', 'connected']);
  });

  test('does not take a member\'s word for being connected while that has no mediasoup', async () => {
    const late = new FakeManager({ connected: false });
    const waiting = new MediasoupHorizontal([late]);
    late.safeEmit('connected');
    expect([waiting.mediasoup, waiting.connected]).toEqual([undefined, false]);
    late.connect();
    expect([waiting.mediasoup?.version, waiting.connected]).toEqual([late.mediasoup!.version, true]);
    waiting.destroy();
  });

  test('goes on without a member that its owner has destroyed', async () => {
    await createWorker();
    a.destroy();
    await createWorker();
    expect([set.connected, ...counts()]).toEqual([true, 0, 1]);
    b.destroy();
    expect(set.connected).toBe(false);
    await expect(createWorker()).rejects.toThrow('none of 2 members can take a worker: a is not connected; b is not connected');
  });

  test('takes what all members share from the first, also after that has left', () => {
    const { version, getSupportedRtpCapabilities, errors } = set.mediasoup!;
    set.delete(a);
    a.destroy();
    expect(version).toBe('3.27.1');
    expect(getSupportedRtpCapabilities()).toEqual({ codecs: [], headerExtensions: [] });
    expect(getSupportedRtpCapabilities()).not.toBe(getSupportedRtpCapabilities());
    expect(errors.NotFoundError).toBeDefined();
  });

  test('asks all members to pass their logs on, those that come later too', () => {
    const listeners = { onwarn: () => {} };
    set.mediasoup!.setLogEventListeners(listeners);
    const c = new FakeManager();
    set.add(c);
    expect([a, b, c].map(({ logListeners }) => logListeners)).toEqual([listeners, listeners, listeners]);
  });

  test('takes a member that cannot pass its logs on', () => {
    set.mediasoup!.setLogEventListeners({});
    const c = new FakeManager();
    c.mediasoup!.setLogEventListeners = () => {
      throw new Error('not carried');
    };
    expect(set.add(c).has(c)).toBe(true);
  });

  test('finishes: no mediasoup, no members, no workers', async () => {
    const { createWorker } = set.mediasoup!;
    const told: unknown[] = [];
    set.on('mediasoup', mediasoup => told.push(mediasoup));
    set.destroy();
    set.destroy();
    expect(told).toEqual([undefined]);
    expect([set.mediasoup, set.size, set.connected]).toEqual([undefined, 0, false]);
    expect(() => set.add(a)).toThrow(DestroyedError);
    await expect(createWorker()).rejects.toThrow(DestroyedError);
  });

  test('says nothing of a mediasoup when it is destroyed before there was one', () => {
    const empty = new MediasoupHorizontal();
    const told = jest.fn();
    empty.on('mediasoup', told);
    empty.destroy();
    expect(told).not.toHaveBeenCalled();
  });
});

describe('placing workers', () => {
  test('spreads them, also when many are asked for at once', async () => {
    await Promise.all(Array.from({ length: 6 }, createWorker));
    expect(counts()).toEqual([3, 3]);
  });

  test('fills up what has become free', async () => {
    const workers = await Promise.all(Array.from({ length: 4 }, createWorker));
    for (const worker of workers) if (nodeNameOf(worker) === 'b') worker.close();
    await Promise.all([createWorker(), createWorker()]);
    expect(counts()).toEqual([2, 2]);
  });

  test.each([
    ['is draining', () => a.drain()],
    ['is not connected', () => a.disconnect()],
    ['is leaving', () => a.sayGoodbye()],
    ['is not ready', () => set.cordon(a)],
    ['is not connected (refused)', () => { a.disconnect(); a.fail(new Error('refused')); }],
  ])('never on a member that %s', async (reason, happen) => {
    happen();
    await Promise.all([createWorker(), createWorker()]);
    expect(counts()).toEqual([0, 2]);
    set.delete(b);
    await expect(createWorker()).rejects.toThrow(`none of 1 members can take a worker: a ${reason}`);
  });

  test('again on a member that is back', async () => {
    a.disconnect();
    b.drain();
    set.cordon(a);
    a.connect();
    set.uncordon(a);
    await createWorker();
    expect(counts()).toEqual([1, 0]);
  });

  test('ignores a cordon on what is no member', () => {
    expect(() => { set.cordon(new FakeManager()); set.uncordon(new FakeManager()); }).not.toThrow();
  });

  test.each([
    new NoCapacityError('full'), new NodeDrainingError('drains'), Object.assign(new Error('lost'), { code: 'ROPE_CONNECTION_LOST' }),
  ])('tries the next member when one refuses ($message)', async error => {
    a.beforeWorker = async () => { throw error; };
    await createWorker();
    expect(counts()).toEqual([0, 1]);
  });

  test('closes what a member has made all the same when its answer was lost with the link', async () => {
    a.beforeWorker = async () => { throw Object.assign(new Error('lost'), { code: 'ROPE_CONNECTION_LOST' }); };
    await Promise.all([createWorker(), createWorker(), createWorker()]);
    a.beforeWorker = async () => {};
    const orphans = await Promise.all([1, 2, 3, 4].map(() => a.mediasoup!.createWorker()));
    await new Promise(setImmediate);
    // Two calls had asked this member; whoever uses it besides the set keeps what is its own.
    expect(orphans.map(({ closed }) => closed)).toEqual([true, true, false, false]);
    const worker = await createWorker();
    await new Promise(setImmediate);
    expect([nodeNameOf(worker), worker.closed]).toEqual(['a', false]);
  });

  test('tells of each member why it took none', async () => {
    a.beforeWorker = () => Promise.reject(new NoCapacityError('16 of 16 workers are there'));
    b.drain();
    const error = await createWorker().catch(error => error);
    expect(error).toBeInstanceOf(NoCapacityError);
    expect(error).toMatchObject({ code: 'SDK_NO_CAPACITY', retryable: true });
    expect(error.message).toBe('none of 2 members can take a worker: a refused: 16 of 16 workers are there; b is draining');
  });

  test('says so when there is no member at all', async () => {
    const { createWorker } = set.mediasoup!;
    set.clear();
    await expect(createWorker()).rejects.toThrow('no worker can be placed: the set has no members');
  });

  test('does not ask another member when the call is wrong', async () => {
    a.beforeWorker = () => Promise.reject(new TypeError('wrong settings'));
    await expect(createWorker()).rejects.toThrow(TypeError);
    expect(counts()).toEqual([0, 0]);
  });

  test('goes elsewhere, and leaves nothing behind, when the member is taken out meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    a.beforeWorker = () => promise;
    const creating = createWorker();
    set.delete(a);
    resolve();
    expect(nodeNameOf(await creating)).toBe('b');
    expect(counts()).toEqual([0, 1]);
  });

  test('leaves nothing behind when the set is destroyed meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    a.beforeWorker = () => promise;
    const creating = createWorker();
    set.destroy();
    resolve();
    await expect(creating).rejects.toThrow(DestroyedError);
    expect(counts()).toEqual([0, 0]);
  });

  test('uses a member that comes while calls run', async () => {
    set.delete(b);
    await createWorker();
    set.add(b);
    await createWorker();
    expect(counts()).toEqual([1, 1]);
  });
});

describe('workers', () => {
  test('have pids that are unique in the set', async () => {
    const [first, second] = [await createWorker(), await createWorker()];
    expect([first.pid, second.pid]).toEqual([1, 4_194_305]);
    expect((await second.dump()).pid).toBe(second.pid);
  });

  test('are told by the observer before the call has its answer, as the same objects', async () => {
    const told: string[] = [];
    set.mediasoup!.observer.on('newworker', worker => told.push(`worker ${worker.pid}`));
    const worker = await createWorker();
    told.push('answer');
    let seen: Router | undefined;
    worker.observer.on('newrouter', router => { seen = router; });
    const router = await worker.createRouter();
    expect(told).toEqual(['worker 1', 'answer']);
    expect(seen).toBe(router);
  });

  test('keep appData by identity', async () => {
    const appData = { room: 1 };
    const worker = await set.mediasoup!.createWorker({ appData });
    expect(worker.appData).toBe(appData);
    const other = { room: 2 };
    worker.appData = other;
    expect([worker.appData, a.workers[0]!.appData]).toEqual([other, other]);
  });

  test('tell on which node they and their routers live', async () => {
    const worker = await createWorker();
    const router = await worker.createRouter();
    expect([set.nodeOf(worker)?.name, set.nodeOf(router)?.name]).toEqual(['a', 'a']);
    expect(set.nodeOf(a.workers[0] as unknown as Worker)).toBeUndefined();
  });

  test('survive a listener that throws, as in mediasoup', async () => {
    const worker = await createWorker();
    worker.on('subprocessclose', () => { throw new Error('a mistake of the app'); });
    worker.on('died', () => { throw new Error('another'); });
    expect(() => a.lose()).not.toThrow();
    expect(worker.died).toBe(true);
  });
});

describe('a member that goes', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  let told: string[];

  beforeEach(async () => {
    exit.mockClear();
    told = [];
    for (const name of ['a', 'b']) {
      const worker = await createWorker();
      const router = await worker.createRouter();
      worker.on('died', error => { told.push(`${name} worker died: ${error.message}`); process.exit(1); });
      worker.on('subprocessclose', () => told.push(`${name} subprocessclose`));
      worker.observer.on('close', () => told.push(`${name} worker close`));
      router.on('workerclose', () => told.push(`${name} router workerclose ${router.closed}`));
      router.observer.on('close', () => told.push(`${name} router close`));
    }
  });

  test('without a word: its workers die, nobody else notices', () => {
    a.lose('refused');
    expect(told).toEqual(['a router workerclose true', 'a router close', 'a worker died: node a is lost: refused', 'a subprocessclose', 'a worker close']);
    expect(exit).toHaveBeenCalledTimes(1);
    expect(set.has(a)).toBe(true);
  });

  test.each([
    ['as planned', () => a.sayGoodbye()],
    ['by delete()', () => void set.delete(a)],
  ])('%s: quietly, nobody hears died', (_, leave) => {
    leave();
    expect(told).toEqual(['a router workerclose true', 'a router close', 'a worker close']);
    expect(exit).not.toHaveBeenCalled();
  });

  test('with the whole set: quietly too', () => {
    set.destroy();
    expect(told).toEqual(['a router workerclose true', 'a router close', 'a worker close', 'b router workerclose true', 'b router close', 'b worker close']);
    expect(exit).not.toHaveBeenCalled();
  });

  test('is not heard any more once it is out of the set', () => {
    set.delete(a);
    const errors = jest.fn();
    set.on('memberError', errors);
    a.fail(new Error('nobody minds'));
    expect(errors).not.toHaveBeenCalled();
  });
});

describe('a member that does not fit', () => {
  test('is refused, and the set stays as it was', () => {
    const other = new FakeManager({ name: 'c', version: '4.0.0' });
    expect(() => set.add(other)).toThrow(IncompatibleError);
    expect([...set]).toEqual([a, b]);
  });

  test('is taken out when that shows only at its connection', () => {
    const errors: Error[] = [];
    set.on('error', error => errors.push(error));
    const other = new FakeManager({ name: 'c', version: '4.0.0', connected: false });
    set.add(other);
    other.connect();
    expect([...set]).toEqual([a, b]);
    expect(errors).toEqual([expect.objectContaining({ code: 'SDK_INCOMPATIBLE' })]);
  });

  test('throws nothing at an app that does not listen for errors', () => {
    const other = new FakeManager({ version: '4.0.0', connected: false });
    set.add(other);
    expect(() => other.connect()).not.toThrow();
  });
});

describe('errors of links', () => {
  test('are the member\'s, while another one can be reached', () => {
    const [errors, memberErrors] = [jest.fn(), jest.fn()];
    set.on('error', errors);
    set.on('memberError', memberErrors);
    const error = new Error('refused');
    a.disconnect();
    a.fail(error);
    expect(memberErrors).toHaveBeenCalledWith(error, a);
    expect(errors).not.toHaveBeenCalled();
  });

  test('are the set\'s when no member can be reached', () => {
    const errors: Error[] = [];
    set.on('error', error => errors.push(error));
    for (const member of [a, b]) member.disconnect();
    a.fail(new Error('refused'));
    expect(errors).toEqual([]); // the other one may still make it
    b.fail(new Error('timeout'));
    expect(errors).toEqual([expect.objectContaining({ errors: [new Error('refused'), new Error('timeout')] })]);
    expect(errors[0]!.message).toBe('none of 2 members can be reached; the last one says: Error: timeout');
  });
});

describe('members that are no nodes', () => {
  test('may be a bare mediasoup with getStats: it runs in this process', async () => {
    const bare = { mediasoup: a.mediasoup, getStats: async () => undefined };
    set = new MediasoupHorizontal([bare]);
    const worker = await createWorker();
    expect(set.nodeOf(worker)?.mediasoupVersion).toBe('3.27.1');
    expect(set.has(bare)).toBe(true);
    set.cordon(bare);
    await expect(createWorker()).rejects.toThrow(/ is not ready$/);
  });

  test('are called a member while nothing tells where they run', async () => {
    b.drain();
    set.delete(a);
    set.add({ mediasoup: undefined, getStats: async () => undefined });
    await expect(createWorker()).rejects.toThrow('none of 2 members can take a worker: b is draining; a member is not connected');
  });

  test('may be a set: its workers live where that one put them', async () => {
    const outer = new MediasoupHorizontal([set]);
    const worker = await outer.mediasoup!.createWorker();
    expect(outer.nodeOf(worker)?.name).toBe('a');
    set.clear();
    await expect(outer.mediasoup!.createWorker()).rejects.toThrow(/is not connected/);
    outer.destroy();
  });
});
