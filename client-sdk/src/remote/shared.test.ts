import type { EventEmitter } from 'node:events';

import { beforeEach, describe, expect, test } from '@jest/globals';

import { makeCall } from '../../test/call.ts';
import type { Call } from '../../test/call.ts';
import { EventLog } from '../../test/event-log.ts';
import { ScriptedNode, numberOf, rtpParameters } from '../../test/scripted-node.ts';
import type { NodeInfo } from '../manager.ts';
import { nodeInfo } from '../node-name.ts';
import { WorkerClosedError } from './local-half.ts';

let node: ScriptedNode;
let call: Call;

beforeEach(async () => {
  node = new ScriptedNode();
  call = await makeCall(node.mediasoup);
  node.sent.splice(0);
});

const lastSent = () => node.sent.at(-1)!;

describe('appData', () => {
  class Peer {
    readonly name = 'Ada';
  }

  test('that cannot be shared stays with the app', async () => {
    const appData = { peer: new Peer() };
    const producer = await call.t1.produce({ kind: 'audio', rtpParameters, appData });
    expect(producer.appData).toBe(appData);
    expect(lastSent().params['appData']).toBeUndefined();
  });

  test('of an object that the app has not made is what others share', () => {
    const record = node.record('producer', numberOf(call.t1), {}, { peer: 'Ada' });
    let producer: typeof call.p | undefined;
    call.t1.observer.on('newproducer', made => { producer = made; });
    node.replica.created(record);
    expect(producer!.appData).toEqual({ peer: 'Ada' });
    expect(producer!.appData).toBe(producer!.appData);
    node.replica.patch(record.object, {}, { peer: 'Grace' });
    expect(producer!.appData).toEqual({ peer: 'Grace' });
    node.replica.patch(record.object, { paused: true });
    expect(producer!.appData).toEqual({ peer: 'Grace' });
    const mine = { mine: true };
    producer!.appData = mine;
    node.replica.patch(record.object, {}, { peer: 'nobody' });
    expect(producer!.appData).toBe(mine);
  });

  test('of an object that the app has made is its own, whatever others say', async () => {
    const given = { a: 1 };
    const producer = await call.t1.produce({ kind: 'audio', rtpParameters, appData: given });
    for (const [object, own] of [[producer, given], [call.p, call.p.appData]] as const) {
      node.replica.patch(numberOf(object), {}, { theirs: true });
      expect(object.appData).toBe(own);
    }
    expect(call.p.appData).toEqual({});
  });

  test('that the app sets is told, as far as it can be shared', () => {
    const set = (appData: unknown): unknown => {
      call.p.appData = appData as never;
      expect(call.p.appData).toBe(appData);
      return lastSent();
    };
    const object = numberOf(call.p);
    expect(set({ a: 1 })).toEqual({ method: 'mediasoup.setAppData', params: { object, appData: { a: 1 } } });
    // Others must not go on seeing what was there before.
    expect(set({ peer: new Peer() })).toEqual({ method: 'mediasoup.setAppData', params: { object, appData: {} } });
    expect(set(undefined)).toEqual({ method: 'mediasoup.setAppData', params: { object, appData: {} } });
  });

  test('may be set on a closed object, which is told to nobody', () => {
    call.p.close();
    node.sent.splice(0);
    const mine = {};
    call.p.appData = mine;
    expect(call.p.appData).toBe(mine);
    expect(node.sent).toEqual([]);
  });

  test('is not told as a change when a snapshot repeats what the app itself has set', () => {
    const log = new EventLog().follow('p', call.p);
    call.p.appData = { a: 1 };
    node.snapshot(record => (record.object === numberOf(call.p) ? { ...record, appData: { a: 1 } } : record));
    expect(call.p.appData).toEqual({ a: 1 });
    expect(log.take()).toEqual([]);
  });
});

describe('an answer whose object a snapshot has brought already', () => {
  test('resolves with that object, with the app\'s appData in it, and announces nothing twice', async () => {
    const appData = { mine: true };
    const announced: unknown[] = [];
    call.t1.observer.on('newproducer', producer => announced.push(producer));
    node.answers['transport.produce'] = () => {
      const record = node.record('producer', numberOf(call.t1), {}, { mine: true });
      node.replica.created(record);
      return record;
    };
    const producer = await call.t1.produce({ kind: 'audio', rtpParameters, appData });
    expect(announced).toEqual([producer]);
    expect(announced[0]).toBe(producer);
    expect(producer.appData).toBe(appData);
    const without = await call.t1.produce({ kind: 'audio', rtpParameters });
    expect(without.appData).toEqual({});
  });

  test('also when it is a worker', async () => {
    const appData = { mine: true };
    const announced: unknown[] = [];
    node.mediasoup.observer.on('newworker', worker => announced.push(worker));
    node.answers['mediasoup.createWorker'] = () => {
      const record = node.record('worker');
      node.replica.created(record);
      return record;
    };
    const worker = await node.mediasoup.createWorker({ appData });
    expect(announced).toHaveLength(1);
    expect(announced[0]).toBe(worker);
    expect(worker.appData).toBe(appData);
    expect((await node.mediasoup.createWorker()).appData).toEqual({});
  });

  test('closes with the parent that was closed meanwhile', async () => {
    node.answers['transport.produce'] = () => {
      const record = node.record('producer', numberOf(call.t1));
      node.replica.created(record);
      call.t1.close();
      return record;
    };
    const producer = await call.t1.produce({ kind: 'audio', rtpParameters });
    expect(producer.closed).toBe(true);
  });
});

describe('a parent that closes while a child is made takes it along', () => {
  test.each<[string, (of: Call) => Promise<{ readonly closed: boolean; readonly observer: EventEmitter }>, (of: Call) => void]>([
    ['a router', ({ worker }) => worker.createRouter(), ({ worker }) => node.replica.closed(numberOf(worker))],
    ['a WebRtcServer', ({ worker }) => worker.createWebRtcServer({ listenInfos: [] }), ({ worker }) => node.replica.closed(numberOf(worker))],
    ['a transport', ({ router }) => router.createDirectTransport(), ({ router }) => router.close()],
    ['an RTP observer', ({ router }) => router.createAudioLevelObserver(), ({ router }) => router.close()],
    ['a producer', ({ t1 }) => t1.produce({ kind: 'audio', rtpParameters }), ({ t1 }) => t1.close()],
  ])('%s', async (_what, create, close) => {
    const child = create(call);
    close(call);
    if (call.worker.closed) await expect(child).rejects.toThrow(WorkerClosedError); // as with mediasoup: nothing is answered any more
    else expect((await child).closed).toBe(true);
  });
});

test('a worker and a router say where they live, where an app does not look for it', () => {
  expect([call.worker, call.router].map(object => (object as { [nodeInfo]?: NodeInfo })[nodeInfo]?.name)).toEqual(['media-0', 'media-0']);
});

describe('log lines', () => {
  const line = { namespace: 'mediasoup:Worker', log: 'said' } as const;

  test('are asked for by level, and told to the listeners', () => {
    const told: unknown[][] = [];
    node.mediasoup.setLogEventListeners({ onwarn: (...args) => told.push(['warn', ...args]), onerror: (...args) => told.push(['error', ...args]) });
    expect(lastSent()).toEqual({ method: 'mediasoup.setLogLevels', params: { debug: false, warn: true, error: true } });
    node.remote.logged({ ...line, level: 'debug' });
    node.remote.logged({ ...line, level: 'warn' });
    node.remote.logged({ ...line, level: 'error' });
    node.remote.logged({ ...line, level: 'error', error: { name: 'TypeError', message: 'wrong' } });
    expect(told).toMatchObject([
      ['warn', 'mediasoup:Worker', 'said'], ['error', 'mediasoup:Worker', 'said', undefined], ['error', 'mediasoup:Worker', 'said', { name: 'TypeError', message: 'wrong' }],
    ]);
    expect(String(told[2]![3])).toBe('TypeError: wrong');
    node.mediasoup.setLogEventListeners({ ondebug: (...args) => told.push(['debug', ...args]) });
    node.remote.logged({ ...line, level: 'debug' });
    node.remote.logged({ ...line, level: 'warn' });
    node.remote.logged({ ...line, level: 'error' });
    expect(told.slice(3)).toEqual([['debug', 'mediasoup:Worker', 'said']]);
  });

  test('are asked for again in a new session, and no longer when the app says so', () => {
    node.remote.sessionBegan();
    expect(node.sent).toEqual([]);
    node.mediasoup.setLogEventListeners({ ondebug: () => {} });
    node.sent.splice(0);
    node.remote.sessionBegan();
    expect(node.sent).toEqual([{ method: 'mediasoup.setLogLevels', params: { debug: true, warn: false, error: false } }]);
    node.mediasoup.setLogEventListeners();
    expect(lastSent()).toEqual({ method: 'mediasoup.setLogLevels', params: { debug: false, warn: false, error: false } });
  });

  test('harm nobody when a listener throws', () => {
    node.mediasoup.setLogEventListeners({ onerror: () => { throw new Error('mine'); } });
    expect(() => node.remote.logged({ ...line, level: 'error' })).not.toThrow();
  });
});
