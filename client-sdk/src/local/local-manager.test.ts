import { once } from 'node:events';
import { hostname } from 'node:os';

import { expect, jest, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';

import type { Mediasoup } from '../manager.ts';
import { LocalManager } from './local-manager.ts';

test('is the very mediasoup that was handed in, at once and by its events', async () => {
  const manager = new LocalManager(mediasoup);
  expect([manager.mediasoup, manager.connected]).toEqual([mediasoup, true]);
  const connected = once(manager, 'connected');
  const [told] = await once(manager, 'mediasoup') as [Mediasoup];
  expect(told).toBe(mediasoup);
  await connected;
  manager.destroy();
});

test('tells the load of its workers, from their creation to their end', async () => {
  const manager = new LocalManager(mediasoup);
  expect((await manager.getStats())!.pidusages).toBeUndefined();
  const worker: types.Worker = await manager.mediasoup!.createWorker();
  expect(Object.keys((await manager.getStats())!.pidusages!)).toEqual([String(worker.pid)]);
  worker.close();
  expect((await manager.getStats())!.pidusages).toBeUndefined();
  manager.destroy();
});

test('lets go of mediasoup and closes nothing of it', async () => {
  const manager = new LocalManager(mediasoup);
  const worker = await mediasoup.createWorker();
  const told = jest.fn();
  manager.on('mediasoup', told);
  manager.destroy();
  manager.destroy();
  expect(told.mock.calls).toEqual([[undefined]]);
  expect([manager.mediasoup, manager.connected, await manager.getStats(), worker.closed]).toEqual([undefined, false, undefined, false]);
  expect(mediasoup.observer.listenerCount('newworker')).toBe(0);
  worker.close();
});

test('says nothing any more when it is destroyed at once', async () => {
  const manager = new LocalManager(mediasoup);
  manager.destroy();
  const told = jest.fn();
  manager.on('connected', told);
  await Promise.resolve();
  expect(told).not.toHaveBeenCalled();
});

test('is one node with all others in this process', () => {
  const [one, other] = [new LocalManager(mediasoup), new LocalManager(mediasoup, { pipeAddress: '10.1.2.3' })];
  expect(one.node).toMatchObject({ id: other.node.id, name: hostname(), mediasoupVersion: mediasoup.version });
  expect(other.node.pipeAddress).toBe('10.1.2.3');
  for (const manager of [one, other]) manager.destroy();
});
