import { beforeAll, describe, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';

import { fill, mediasoupOfThisProcess } from './slot.ts';

// What the module system adds: the default, what require() returns, and that it was compiled from an ES module.
const ADDED = new Set(['default', 'module.exports', '__esModule']);
// What a module gives to require(); the compiler has no word for such a name.
const required = (module: object): unknown => (module as Record<string, unknown>)['module.exports'];

test('without the preload there is nothing to hand out, and the error says how to start', () => {
  expect(() => mediasoupOfThisProcess()).toThrow('node --import @mediacluster/sdk/register');
});

describe.each([
  ['mediasoup', () => import('./mediasoup.ts'), () => mediasoup],
  ['mediasoup/errors', () => import('./errors.ts'), () => mediasoup.errors],
  ['mediasoup/extras', () => import('./extras.ts'), () => mediasoup.extras],
  ['mediasoup/ortc', () => import('./ortc.ts'), () => mediasoup.ortc],
])('%s', (_name, load, original) => {
  beforeAll(() => fill(mediasoup));

  test('gives each of its exports by name, all of them as its default, and the same to require()', async () => {
    const standIn = await load();
    const names = Object.keys(original()).filter(name => !ADDED.has(name));
    for (const name of names) expect([name, (standIn as Record<string, unknown>)[name]]).toEqual([name, (original() as Record<string, unknown>)[name]]);
    expect(Object.keys(standIn).toSorted()).toEqual([...names, 'default', 'module.exports'].toSorted());
    expect(required(standIn)).toBe(standIn.default);
  });
});

test('mediasoup/types has nothing at run time', async () => {
  expect(required(await import('./types.ts'))).toEqual({});
});
