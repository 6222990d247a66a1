import { once } from 'node:events';

import { expect, test } from '@jest/globals';

import type { ObjectRecord } from '../src/protocol/message.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { SocketHarness } from './harness.ts';

const CALLS = Number(process.env.ROPE_CUTS ?? 1_000) * 4;

/** The same numbers in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let number = seed; ; number = (number * 48_271) % 2_147_483_647) yield number;
}

test(`${CALLS} calls over sockets that break at any byte happen once each, in order, and so do their events`, async () => {
  const harness = await SocketHarness.start();
  const random = numbers(20_261);
  // From within the upgrade to some dozens of frames.
  const proxy = await CuttingProxy.start(Number(new URL(harness.url).port), () => 1 + random.next().value % 12_000);
  // A refused connection would mean that the node is gone.
  const caller = await harness.connected({ url: proxy.url, backoff: { initialMs: 1, maxMs: 5 }, requestTimeoutMs: 120_000 });
  const { client, host } = caller;
  const { object } = await client.request('counter.create', {}, { onResult: (record: ObjectRecord) => client.replica.adopt(record) });
  const results: number[] = [];
  const told: number[] = [];
  for (let call = 1; call <= CALLS;) {
    const batch: Promise<unknown>[] = [];
    for (const until = Math.min(CALLS, call + random.next().value % 40); call <= until; call += 1) {
      const number = call;
      if (number % 3 === 0) batch.push(client.request('counter.bytes', { counter: object, data: Buffer.alloc(number % 500, number) }).then(length => results.push(length)));
      else batch.push(client.request('counter.increase', { counter: object, by: number }).then(value => results.push(value)));
    }
    await Promise.all(batch);
  }
  await harness.settle();
  let sum = 0;
  const expected = Array.from({ length: CALLS }, (_, index) => ((index + 1) % 3 === 0 ? (index + 1) % 500 : (sum += index + 1)));
  expect(results).toEqual(expected);
  for (const [word, , args, state] of host.take() as [string, number, [number | Uint8Array, number], { value: number }][]) {
    if (word === 'bytes') told.push((args[0] as Uint8Array).length);
    else told.push(state.value);
  }
  expect(told).toEqual(expected);
  expect(harness.house.counters.get(object)!.value).toBe(sum);
  expect(client.metrics.resumes).toMatchObject({ new: 1, snapshot: 0 });
  expect(proxy.cuts).toBeGreaterThan(CALLS / 40);
  const destroyed = once(harness.server as never, 'sessionEnd');
  client.destroy();
  await destroyed;
  proxy.close();
  await harness.end();
}, 60_000 + CALLS * 20);
