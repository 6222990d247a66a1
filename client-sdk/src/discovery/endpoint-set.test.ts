import { expect, test } from '@jest/globals';
import { array, assert, boolean, constantFrom, property, record } from 'fast-check';

import { difference } from './endpoint-set.ts';
import type { Endpoint } from './discovery.ts';

const at = (url: string, ready = true): Endpoint => ({ url, ready });

test('tells who joined, who left and who is ready otherwise than before', () => {
  expect(difference([at('a'), at('b'), at('c')], [at('b', false), at('c'), at('d')])).toEqual({
    joined: [at('d')], changed: [at('b', false)], left: [at('a')],
  });
});

test('tells nothing when only names differ', () => {
  expect(difference([{ ...at('a'), name: 'x' }], [{ ...at('a'), name: 'y' }])).toEqual({ joined: [], changed: [], left: [] });
});

test('leads from any list to any other when it is applied', () => {
  const lists = array(record({ url: constantFrom<string>('a', 'b', 'c', 'd'), ready: boolean() }), { maxLength: 6 });
  assert(property(lists, lists, (before, after) => {
    const known = new Map(before.map(endpoint => [endpoint.url, endpoint.ready]));
    const { joined, changed, left } = difference(before, after);
    for (const { url, ready } of [...joined, ...changed]) known.set(url, ready);
    for (const { url } of left) known.delete(url);
    expect(known).toEqual(new Map(after.map(endpoint => [endpoint.url, endpoint.ready])));
  }));
});
