import { expect, test } from '@jest/globals';

import { readTarget } from './target.ts';

test('takes one address, or several', () => {
  expect(readTarget({ MEDIACLUSTER_URL: 'ws://a:1' })).toEqual({ by: 'urls', urls: ['ws://a:1'] });
  expect(readTarget({ MEDIACLUSTER_URL: 'ws://a:1, wss://b:2,' })).toEqual({ by: 'urls', urls: ['ws://a:1', 'wss://b:2'] });
});

test('takes a name, with a namespace or without', () => {
  expect(readTarget({ MEDIACLUSTER_NAME: 'calls' })).toEqual({ by: 'name', name: 'calls' });
  expect(readTarget({ MEDIACLUSTER_NAME: 'calls', MEDIACLUSTER_NAMESPACE: 'media' })).toEqual({ by: 'name', name: 'calls', namespace: 'media' });
});

test.each([
  [{}, 'neither MEDIACLUSTER_URL nor MEDIACLUSTER_NAME'],
  [{ MEDIACLUSTER_URL: '' }, 'neither'],
  [{ MEDIACLUSTER_URL: 'ws://a:1', MEDIACLUSTER_NAME: 'calls' }, 'both set'],
  [{ MEDIACLUSTER_URL: 'ws://a:1,b:2' }, '"b:2"'],
])('refuses %j and names the remedy', (environment, text) => {
  expect(() => readTarget(environment)).toThrow(expect.objectContaining({ code: 'SDK_CONFIG', message: expect.stringContaining(text) as unknown }));
});
