import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { MediasoupHorizontal } from '../horizontal/horizontal.ts';
import { nodeNameOf } from '../node-name.ts';
import { FakeManager } from '../testing/fake-manager.ts';
import type { Discovery, Endpoint } from './discovery.ts';
import { follow } from './follow.ts';
import type { Following } from './follow.ts';

let emit: (endpoints: readonly Endpoint[]) => void;
let stopped: boolean;
let made: FakeManager[];
let set: MediasoupHorizontal;
let following: Following;

const discovery: Discovery = {
  start: listener => { emit = listener; },
  stop: () => { stopped = true; },
  explain: () => ({ found: 'no-endpoints', text: '' }),
};
const list = (...urls: string[]): void => emit(urls.map(url => ({ url: url.replace('?', ''), ready: !url.endsWith('?') })));
const members = (): string[] => [...set].map(manager => (manager as FakeManager).node.name);
/** Where the next worker goes; `undefined`: nowhere. */
const placed = async (): Promise<string | undefined> => set.mediasoup?.createWorker().then(nodeNameOf, () => undefined);

beforeEach(() => {
  stopped = false;
  made = [];
  set = new MediasoupHorizontal();
  following = follow(discovery, set, ({ url }) => {
    const manager = new FakeManager({ name: url, connected: false });
    made.push(manager);
    return manager;
  });
});
afterEach(() => {
  following.stop();
  set.destroy();
});

const nodeOf = (url: string): FakeManager => made.findLast(({ node }) => node.name === url)!;
const listAndConnect = (...urls: string[]): void => {
  list(...urls);
  for (const url of urls) nodeOf(url).connect();
};

test('uses a node that joins', async () => {
  expect(following.endpoints).toBeUndefined();
  listAndConnect('a');
  expect(await placed()).toBe('a');
  listAndConnect('a', 'b');
  expect(made).toHaveLength(2);
  expect(await placed()).toBe('b');
  expect(following.endpoints).toEqual([{ url: 'a', ready: true }, { url: 'b', ready: true }]);
});

test('leaves a node alone until it is ready for the first time', () => {
  list('a?');
  expect(made).toEqual([]);
  list('a');
  expect(members()).toEqual(['a']);
  expect(() => list()).not.toThrow();
});

test('forgets an endpoint that was never ready', () => {
  list('a?');
  list();
  expect(made).toEqual([]);
});

test('keeps what an unready node has and places nothing new there', async () => {
  listAndConnect('a');
  const worker = await set.mediasoup!.createWorker();
  list('a?');
  expect(await placed()).toBeUndefined();
  expect(worker.closed).toBe(false);
  list('a');
  expect(await placed()).toBe('a');
});

describe('a node that is no longer listed', () => {
  test('keeps its calls while its connection stands, and gets nothing new', async () => {
    listAndConnect('a', 'b');
    const worker = await set.mediasoup!.createWorker();
    list('b');
    expect([members(), worker.closed]).toEqual([['a', 'b'], false]);
    expect([await placed(), await placed()]).toEqual(['b', 'b']);
  });

  test('is dropped when it says goodbye, before or after', () => {
    listAndConnect('a', 'b');
    list('b');
    nodeOf('a').sayGoodbye();
    expect([members(), nodeOf('a').destroyed]).toEqual([['b'], true]);
    nodeOf('b').sayGoodbye();
    expect(members()).toEqual(['b']);
    list();
    expect([members(), nodeOf('b').destroyed]).toEqual([[], true]);
  });

  test.each([
    ['breaks later', () => { list(); nodeOf('a').disconnect(); }],
    ['was broken', () => { nodeOf('a').disconnect(); list(); }],
  ])('is lost at once when its link %s: its workers die', async (_, happen) => {
    listAndConnect('a');
    const worker = await set.mediasoup!.createWorker();
    const died: Error[] = [];
    worker.on('died', error => died.push(error));
    happen();
    expect(died.map(String)).toEqual(['Error: node a is lost: unlisted']);
    expect([members(), nodeOf('a').destroyed]).toEqual([[], true]);
  });

  test('is dropped at once when it was never connected', () => {
    list('a');
    list();
    expect([members(), nodeOf('a').destroyed]).toEqual([[], true]);
  });

  test('is used again when it is listed again', async () => {
    listAndConnect('a');
    list();
    list('a');
    expect(nodeOf('a').unlistedTold).toBe(false);
    expect(await placed()).toBe('a');
    nodeOf('a').disconnect();
    expect([members(), made.length]).toEqual([['a'], 1]);
  });
});

test('keeps a listed node whose link breaks, or that is lost, for the time when it is back', async () => {
  listAndConnect('a');
  nodeOf('a').lose();
  expect([members(), await placed()]).toEqual([['a'], undefined]);
  nodeOf('a').connect();
  expect(await placed()).toBe('a');
});

test('asks again whether a node fits when another process answers at its address', async () => {
  listAndConnect('a', 'b');
  set.delete(nodeOf('b')); // as the set does itself when a connection shows that a member does not fit
  nodeOf('b').connect();
  expect(members()).toEqual(['a', 'b']);
});

test('leaves a node outside that does not fit, and goes on', () => {
  following.stop();
  following = follow(discovery, set, ({ url }) => new FakeManager({ name: url, version: url }));
  list('3.27.1', '4.0.0', '3.30.0');
  expect(members()).toEqual(['3.27.1', '3.30.0']);
});

test('ends with the discovery and the managers that it made', () => {
  listAndConnect('a', 'b');
  following.stop();
  following.stop();
  expect([stopped, members(), made.map(({ destroyed }) => destroyed)]).toEqual([true, [], [true, true]]);
});
