import { afterEach, expect, test } from '@jest/globals';
import { kinds } from '@mediacluster/kube';

import { MemoryKube } from '../../test/memory-kube.ts';
import { clusterOf, podOf } from '../../test/samples.ts';
import { createWatches, followChanges, mediaClusters } from './watches.ts';
import type { Watches } from './watches.ts';

let watches: Watches | undefined;
afterEach(async () => {
  await Promise.all(Object.values(watches ?? {}).map(informer => informer.stop()));
});

/** Starts watches and hands out the keys that they enqueue, one after the other. */
async function started(kube: MemoryKube, namespace?: string): Promise<() => Promise<string>> {
  const keys: string[] = [];
  let wake: (() => void) | undefined;
  watches = createWatches(kube, namespace);
  followChanges(watches, key => {
    keys.push(key);
    wake?.();
  });
  for (const informer of Object.values(watches)) informer.start();
  await Promise.all(Object.values(watches).map(informer => informer.whenSynced()));
  return async () => {
    while (keys.length === 0) await new Promise<void>(resolve => { wake = resolve; });
    return keys.shift()!;
  };
}

test('a MediaCluster, a pod that changes and a pod that goes each bring up the cluster that they belong to', async () => {
  const kube = new MemoryKube();
  const next = await started(kube);
  await kube.create(mediaClusters, clusterOf());
  expect(await next()).toBe('default/calls');
  await kube.create(kinds.pods, podOf(0));
  expect(await next()).toBe('default/calls');
  kube.change('pods', 'calls-0', { status: { phase: 'Failed' } });
  expect(await next()).toBe('default/calls');
  kube.end('pods', 'calls-0');
  expect(await next()).toBe('default/calls');
});

test('a pod that is relabelled concerns the cluster that it leaves and the one that it joins', async () => {
  const kube = new MemoryKube();
  await kube.create(kinds.pods, podOf(0));
  const next = await started(kube);
  expect(await next()).toBe('default/calls');
  kube.change('pods', 'calls-0', { metadata: { labels: { 'mediacluster.dev/cluster': 'other' } } });
  expect([await next(), await next()].toSorted()).toEqual(['default/calls', 'default/other']);
});

test('watches what an operator made, not every pod of the cluster, and one namespace where it is told to', async () => {
  const kube = new MemoryKube();
  await kube.create(kinds.pods, { metadata: { name: 'web-0', namespace: 'default' } });
  await kube.create(kinds.pods, podOf(0));
  await kube.create(kinds.pods, { ...podOf(1), metadata: { ...podOf(1).metadata, namespace: 'elsewhere' } });
  await started(kube, 'default');
  expect(watches?.pods.store.list().map(({ metadata }) => metadata.name)).toEqual(['calls-0']);
  expect(watches?.pods.store.byIndex('cluster', 'default/calls')).toHaveLength(1);
});
