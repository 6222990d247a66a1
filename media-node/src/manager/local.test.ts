import { once } from 'node:events';

import { afterEach, expect, test } from '@jest/globals';
import type { LocalManager } from '@mediacluster/sdk';

import { local } from './local.ts';

const managers: LocalManager[] = [];
afterEach(() => {
  for (const manager of managers.splice(0)) manager.destroy();
});

const start = (): LocalManager => {
  const manager = local();
  managers.push(manager);
  return manager;
};

const listening = () => (['SIGINT', 'SIGTERM'] as const).map(signal => process.listenerCount(signal));

test('the process keeps nothing of a worker that has died, and nothing of one that was closed', async () => {
  const [{ mediasoup }] = [start(), start()];
  const before = listening();
  const [killed, closed] = await Promise.all([mediasoup!.createWorker(), mediasoup!.createWorker()]);
  expect(listening()).toEqual(before.map(count => count + 2));
  const died = once(killed, 'died');
  process.kill(killed.pid, 'SIGKILL');
  await died;
  expect(listening()).toEqual(before.map(count => count + 1));
  const ended = once(closed, 'subprocessclose');
  closed.close();
  await ended;
  expect(listening()).toEqual(before);
});
