import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mediacluster/rope/testing';

import type { Discovery, Endpoint } from './discovery/discovery.ts';
import { ClusterUnreachableError, DestroyedError } from './errors.ts';
import { MediaCluster } from './media-cluster.ts';
import { RemoteMediasoupClient } from './remote/remote-client.ts';
import { FakeManager } from './testing/fake-manager.ts';

let clock: FakeClock;
let nodes: Map<string, FakeManager>;
let emit: (endpoints: readonly Endpoint[]) => void;
let stopped: boolean;
let cluster: MediaCluster;

const discovery: Discovery = {
  start: listener => { emit = listener; },
  stop: () => { stopped = true; },
  explain: () => ({ found: 'no-service', text: 'there is no such Service' }),
};

beforeEach(() => {
  clock = new FakeClock();
  nodes = new Map();
  stopped = false;
  cluster = new MediaCluster({ discovery, clock, connectNode: ({ url }) => {
    const node = new FakeManager({ name: url, connected: false });
    nodes.set(url, node);
    return node;
  } });
});
afterEach(() => cluster.destroy());

async function unreachable(happen: () => void): Promise<ClusterUnreachableError> {
  const connecting = cluster.connect().catch(error => error);
  happen();
  await clock.advance(30_000);
  const error = await connecting;
  expect(error).toBeInstanceOf(ClusterUnreachableError);
  return error;
}

describe('connect()', () => {
  test('resolves to the cluster with its mediasoup when one node is connected', async () => {
    const connecting = cluster.connect();
    emit([{ url: 'ws://a', ready: true }, { url: 'ws://b', ready: true }]);
    nodes.get('ws://b')!.connect();
    const { mediasoup } = await connecting;
    expect(mediasoup).toBe(cluster.mediasoup);
    expect([cluster.size, clock.timers]).toEqual([2, 0]);
    expect((await cluster.connect()).mediasoup).toBe(mediasoup);
    expect(nodes.size).toBe(2);
  });

  test('knows the nodes\' addresses from a plain list', async () => {
    const connected: string[] = [];
    const listed = new MediaCluster({ urls: new Set(['ws://a', 'ws://b']), connectNode: ({ url }) => {
      connected.push(url);
      return new FakeManager();
    } });
    await listed.connect();
    expect(connected).toEqual(['ws://a', 'ws://b']);
    listed.destroy();
  });

  test.each([
    ['there is no list', () => {}, 'no-service', 'no media node after 30 s: there is no such Service'],
    ['the list is empty', () => emit([]), 'no-service', 'no media node after 30 s: there is no such Service'],
    ['nobody is ready', () => emit([{ url: 'ws://a', name: 'calls-0', ready: false }]), 'no-ready-endpoints', 'no media node after 30 s: 1 found, none of them ready: calls-0 (ws://a)'],
    ['nobody answers', () => emit([{ url: 'ws://a', ready: true }]), 'unreachable', 'no media node after 30 s: ws://a cannot be reached: none has answered'],
  ])('rejects when %s in time, and says so', async (_, happen, found, message) => {
    expect(await unreachable(happen)).toMatchObject({ found, message, retryable: true, causes: [] });
  });

  test('names what each link said last', async () => {
    const error = await unreachable(() => {
      emit([{ url: 'ws://a', ready: true }, { url: 'ws://b', ready: true }]);
      for (const [url, node] of nodes) node.fail(new Error(`${url} refused`));
    });
    expect(error.message).toBe('no media node after 30 s: ws://a, ws://b cannot be reached: Error: ws://a refused; Error: ws://b refused');
    expect(error.causes).toHaveLength(2);
  });

  test('may be called again after it has rejected', async () => {
    await unreachable(() => emit([{ url: 'ws://a', ready: true }]));
    const connecting = cluster.connect();
    nodes.get('ws://a')!.connect();
    await connecting;
    expect(nodes.size).toBe(1);
  });

  test('rejects when the cluster is destroyed meanwhile, and afterwards', async () => {
    const connecting = cluster.connect();
    cluster.destroy();
    await expect(connecting).rejects.toThrow(DestroyedError);
    await expect(cluster.connect()).rejects.toThrow(DestroyedError);
    expect(clock.timers).toBe(0);
  });
});

test('destroy() leaves the nodes quietly and ends the discovery; twice is once', async () => {
  const connecting = cluster.connect();
  emit([{ url: 'ws://a', ready: true }]);
  nodes.get('ws://a')!.connect();
  const worker = await (await connecting).mediasoup.createWorker();
  const died: unknown[] = [];
  worker.on('died', error => died.push(error));
  cluster.destroy();
  cluster.destroy();
  expect([worker.closed, died, stopped, nodes.get('ws://a')!.destroyed, cluster.mediasoup]).toEqual([true, [], true, true, undefined]);
});

test('speaks with a node over the wire unless it is told otherwise', async () => {
  const remote = new MediaCluster({ urls: ['ws://127.0.0.1:9'], connectTimeoutMs: 60_000 });
  const refused = new Promise(resolve => { remote.once('memberError', (_, member) => resolve(member)); });
  const connecting = remote.connect().catch(error => error);
  expect(await refused).toBeInstanceOf(RemoteMediasoupClient);
  remote.destroy();
  expect(await connecting).toBeInstanceOf(DestroyedError);
});

test('without addresses there is nothing to connect to', async () => {
  const empty = new MediaCluster({ clock });
  const connecting = empty.connect().catch(error => error);
  await clock.advance(30_000);
  expect(await connecting).toMatchObject({ found: 'no-endpoints' });
  empty.destroy();
});
