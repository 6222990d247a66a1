import { expect, jest, test } from '@jest/globals';

import { StaticDiscovery } from './static.ts';

test('emits its list, each address once, after start() has returned', async () => {
  const emit = jest.fn();
  const discovery = new StaticDiscovery(['ws://a', 'ws://b', 'ws://a']);
  discovery.start(emit);
  expect(emit).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(emit.mock.calls).toEqual([[[{ url: 'ws://a', ready: true }, { url: 'ws://b', ready: true }]]]);
});

test('emits nothing after stop()', async () => {
  const emit = jest.fn();
  const discovery = new StaticDiscovery(['ws://a']);
  discovery.start(emit);
  discovery.stop();
  await Promise.resolve();
  expect(emit).not.toHaveBeenCalled();
});

test('explains an empty list', () => {
  expect(new StaticDiscovery([]).explain()).toEqual({ found: 'no-endpoints', text: 'the list of node URLs is empty' });
});
