import { NoCapacityError } from '@mediacluster/sdk';
import { expect, test } from '@jest/globals';

import { CountedWorkers } from './worker-limit.ts';

test('refuses one worker too many, and has room again when one is given back, once', () => {
  const workers = new CountedWorkers(2);
  const first = workers.take();
  workers.take();
  expect(() => workers.take()).toThrow(NoCapacityError);
  expect(() => workers.take()).toThrow('this node has 2 of 2 workers (--max-workers): close one, or add a node');
  first();
  first();
  expect(workers.count).toBe(1);
  expect(() => workers.take()).not.toThrow();
});
