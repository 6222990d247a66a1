import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { MemoryHarness } from './harness.ts';
import { RawClient } from './raw-client.ts';

let harness: MemoryHarness;
beforeEach(() => { harness = new MemoryHarness(); });
afterEach(() => harness.end());

const create = async (client: RawClient, params: Record<string, unknown> = {}) => ((await client.call(harness, 'counter.create', params)).result as { object: number }).object;
const settled = async (clients: RawClient[]) => {
  await harness.settle();
  return clients.map(client => client.takeNews());
};

describe('what one client makes', () => {
  test('another one with the scope "all" sees at once, with all its fields, and every later change', async () => {
    const a = await RawClient.connected(harness);
    const b = await RawClient.connected(harness, { scope: 'all' });
    const stranger = await RawClient.connected(harness);
    await settled([a, b, stranger]);
    const object = await create(a, { value: 3, appData: { room: 'blue' } });
    const child = await create(a, { parent: object });
    a.notify('counter.poke', { counter: object });
    a.notify('counter.keep', { counter: object, appData: { room: 'red' } });
    const [toA, toB, toStranger] = await settled([a, b, stranger]);
    const poke = ['event', { object, event: 'poke', args: [4], state: { value: 4 } }];
    expect(toB).toEqual([
      ['created', { object, type: 'counter', state: { value: 3, label: null }, appData: { room: 'blue' } }],
      ['created', { object: child, type: 'counter', parent: object, state: { value: 0, label: null } }],
      poke, ['patch', { object, state: {}, appData: { room: 'red' } }],
    ]);
    expect([toA, toStranger]).toEqual([[poke, ['patch', { object, state: {}, appData: { room: 'red' }, own: true }]], []]);
  });

  test('either of two can change and close', async () => {
    const a = await RawClient.connected(harness);
    const b = await RawClient.connected(harness, { scope: 'all' });
    const [first, second] = [await create(a), await create(a)];
    await settled([a, b]);
    expect((await b.call(harness, 'counter.add', { counter: first, by: 5 })).result).toBe(5);
    const below = await create(b, { parent: first });
    b.notify('counter.close', { counter: first });
    a.notify('counter.close', { counter: second });
    const closed = [['closed', { object: first }], ['closed', { object: second }]];
    const [toA, toB] = await settled([a, b]);
    expect([toA, toB!.slice(-2)]).toEqual([[['patch', { object: first, state: { value: 5 } }], ...closed], closed]);
    expect([below > second, harness.server.registry.size]).toEqual([true, 0]);
  });

  test('is freed with it, also below the objects of another, who hears of it', async () => {
    const a = await RawClient.connected(harness, { scope: 'all' });
    const b = await RawClient.connected(harness, { scope: 'all' });
    const top = await create(a);
    const [below, deeper, own] = [await create(b, { parent: top }), 0, await create(b)];
    await create(b, { parent: below });
    await settled([a]);
    b.transport.close(1_000, 'destroy');
    const [heard] = await settled([a]);
    expect(heard).toEqual([['closed', { object: below }], ['closed', { object: own }]]);
    expect([[...harness.server.registry.entries()].map(({ object }) => object), deeper]).toEqual([[top], 0]);
  });

  test('a third one finds in its first snapshot', async () => {
    const a = await RawClient.connected(harness);
    const object = await create(a, { appData: { room: 1 } });
    const b = await RawClient.connected(harness, { scope: 'observe' });
    expect(b.takeNews()).toEqual([['snapshot', { objects: [{ object, type: 'counter', state: { value: 0, label: null }, appData: { room: 1 } }], last: true }]]);
  });

  test('an observer may read and not change', async () => {
    const a = await RawClient.connected(harness);
    const object = await create(a, { value: 7 });
    const b = await RawClient.connected(harness, { scope: 'observe' });
    expect((await b.call(harness, 'counter.read', { counter: object })).result).toBe(7);
    for (const [method, params] of [['counter.add', { counter: object, by: 1 }], ['counter.create', {}]] as const) {
      expect((await b.call(harness, method, params)).error).toEqual({
        code: -32_005, message: `${method} was not done: this session only observes; come in with the scope "own" or "all"`,
        data: { name: 'ForbiddenError', code: 'ROPE_FORBIDDEN', details: { retryable: false } },
      });
    }
    b.notify('counter.close', { counter: object });
    b.notify('counter.poke', { counter: object });
    b.notify('counter.keep', { counter: object, appData: { mine: true } });
    await harness.settle();
    const [entry] = harness.server.registry.entries();
    expect([entry?.state(), entry?.appData, harness.server.metrics.requests.filter(({ outcome }) => outcome === 'refused').length]).toEqual([
      { value: 7, label: undefined }, undefined, 2,
    ]);
  });
});

describe('what is another\'s', () => {
  test.each([
    ['counter.read', (counter: number) => ({ counter })],
    ['counter.add', (counter: number) => ({ counter, by: 1 })],
    ['counter.create', (parent: number) => ({ parent })],
  ])('cannot be had by its number: %s', async (method, params) => {
    const a = await RawClient.connected(harness);
    const object = await create(a);
    const b = await RawClient.connected(harness);
    const { error } = await b.call(harness, method, params(object));
    expect(error).toMatchObject({ code: -32_002, message: `object ${object} not found: it is closed, or another owner's`, data: { name: 'NotFoundError' } });
    b.notify('counter.close', { counter: object });
    b.notify('counter.keep', { counter: object, appData: { mine: true } });
    await harness.settle();
    const entry = harness.server.registry.get(object);
    expect([entry?.state().value, entry?.appData, entry?.children.size]).toEqual([0, undefined, 0]);
    // Whether there ever was such an object is not told either.
    expect((await b.call(harness, method, params(99))).error?.message).toBe('object 99 not found: it is closed, or another owner\'s');
  });

  test('a closed object is as one that never was', async () => {
    const a = await RawClient.connected(harness);
    const object = await create(a);
    a.notify('counter.close', { counter: object });
    a.notify('counter.close', { counter: object });
    expect((await a.call(harness, 'counter.read', { counter: object })).error?.data?.name).toBe('NotFoundError');
    expect((await a.call(harness, 'counter.create', { parent: object })).error?.data?.name).toBe('NotFoundError');
    expect((await a.call(harness, 'echo', { value: 1 })).result).toBe(1);
  });

  test.each([[-1], [0], [1.5], [1e308], ['1'], [null], [{}], [[]], [undefined], ['__proto__'], [true]])('no object has the number %j', async counter => {
    const a = await RawClient.connected(harness);
    await create(a);
    expect((await a.call(harness, 'counter.read', { counter })).error?.data?.name).toBe('NotFoundError');
  });
});
