import { expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';

import { makeCall } from '../../test/call.ts';
import { mediasoupGetStatsFactory } from './get-stats.ts';

const NOTHING = { routers: 0, transports: 0, producers: 0, consumers: 0, dataProducers: 0, dataConsumers: 0 };

test('counts what is in each worker, until it is closed', async () => {
  const stats = mediasoupGetStatsFactory(mediasoup);
  expect((await stats.getStats()).workers).toBeUndefined();
  const { worker, c, t1, router } = await makeCall(mediasoup);
  const other = await mediasoup.createWorker();
  const counts = async () => (await stats.getStats()).workers;
  expect(await counts()).toEqual({
    [worker.pid]: { routers: 1, transports: 3, producers: 1, consumers: 1, dataProducers: 1, dataConsumers: 1 },
    [other.pid]: NOTHING,
  });
  c.close();
  expect((await counts())![worker.pid]).toMatchObject({ transports: 3, consumers: 0, producers: 1 });
  t1.close();
  expect((await counts())![worker.pid]).toMatchObject({ transports: 2, producers: 0, dataProducers: 0 });
  router.close();
  expect((await counts())![worker.pid]).toEqual(NOTHING);
  worker.close();
  expect(Object.keys((await counts())!)).toEqual([String(other.pid)]);
  other.close();
  stats.close();
});

test('tells the CPU and memory of a worker, and all memory of this process when asked', async () => {
  const stats = mediasoupGetStatsFactory(mediasoup);
  const worker = await mediasoup.createWorker();
  const [brief, full] = [await stats.getStats(), await stats.getStats(true)];
  expect(brief.pidusages![worker.pid]).toMatchObject({ pid: worker.pid, ppid: process.pid });
  expect(Object.keys(brief.process.memoryUsage)).toEqual(['rss']);
  expect(Object.keys(full.process.memoryUsage)).toEqual(Object.keys(process.memoryUsage()));
  worker.close();
  stats.close();
});

test('lets go of mediasoup when it is closed', async () => {
  const stats = mediasoupGetStatsFactory(mediasoup);
  const worker = await mediasoup.createWorker();
  stats.close();
  stats.close();
  expect(mediasoup.observer.listenerCount('newworker')).toBe(0);
  expect((await stats.getStats()).workers).toBeUndefined();
  worker.close();
});

test('leaves a worker out of the usages whose process has just ended', async () => {
  const stats = mediasoupGetStatsFactory(mediasoup);
  const worker = await mediasoup.createWorker();
  const ended = new Promise(resolve => { worker.once('subprocessclose', () => resolve(undefined)); });
  process.kill(worker.pid, 'SIGKILL');
  await ended;
  expect((await stats.getStats()).pidusages).toBeUndefined();
  stats.close();
});
