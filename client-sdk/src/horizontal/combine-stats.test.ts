import { expect, test } from '@jest/globals';

import type { NodeStats } from '../manager.ts';
import { FakeManager } from '../testing/fake-manager.ts';
import { combineStats } from './combine-stats.ts';
import { MediasoupHorizontal } from './horizontal.ts';

const usage = (pid: number, cpu: number) => ({ pid, cpu, memory: 100, elapsed: 1, timestamp: 1 });
const cpu = { model: 'x', speed: 1, times: { user: 1 } };
const stats = (cores: number, pids: number[]): NodeStats => ({
  os: { availableParallelism: cores, cpus: Array.from({ length: cores }, () => cpu), freemem: 10, loadavg: [1, 2, 3], totalmem: 100, uptime: cores },
  pidusages: pids.length > 0 ? Object.fromEntries(pids.map(pid => [pid, usage(pid, pid)])) : undefined,
  process: { cpuUsage: { user: 1, system: 2 }, hrtime: 5n, memoryUsage: { rss: 7 }, uptime: 10 * cores },
});

test('has the shape of one member, with the sums of all', () => {
  expect(combineStats([{ name: 'a', stats: stats(2, [1]), pids: new Map() }, { name: 'b', stats: stats(4, []), pids: new Map() }])).toEqual({
    os: { availableParallelism: 6, cpus: Array.from({ length: 6 }, () => cpu), freemem: 20, loadavg: [2, 4, 6], totalmem: 200, uptime: 4 },
    pidusages: { 1: usage(1, 1) },
    process: { cpuUsage: { user: 2, system: 4 }, hrtime: 5n, memoryUsage: { rss: 14 }, uptime: 40 },
    nodes: { a: stats(2, [1]), b: stats(4, []) },
  });
});

test('tells nothing of workers where there are none, and nothing at all without members', () => {
  expect(combineStats([{ name: 'a', stats: stats(1, []), pids: new Map() }])?.pidusages).toBeUndefined();
  expect(combineStats([])).toBeUndefined();
});

test('adds up what went through the networks of all, and shows what is in the workers by their pids in the set', () => {
  const counters = (bytes: number) => ({ rxBytes: bytes, rxPackets: 1, rxDropped: 0, txBytes: 2 * bytes, txPackets: 1, txDropped: 0 });
  const counts = (consumers: number) => ({ routers: 1, transports: 1, producers: 1, consumers, dataProducers: 0, dataConsumers: 0 });
  const a = { ...stats(1, []), network: { eth0: counters(10), lo: counters(1) }, workers: { 1: counts(5), 2: counts(6) } };
  const b = { ...stats(1, []), network: { eth0: counters(20) }, workers: { 1: counts(7) } };
  const combined = combineStats([{ name: 'a', stats: a, pids: new Map() }, { name: 'b', stats: b, pids: new Map([[1, 4_194_305]]) }])!;
  expect(combined.network).toEqual({ eth0: { rxBytes: 30, rxPackets: 2, rxDropped: 0, txBytes: 60, txPackets: 2, txDropped: 0 }, lo: counters(1) });
  expect(combined.workers).toEqual({ 1: counts(5), 2: counts(6), 4_194_305: counts(7) });
});

test('keeps members of one name apart, and loads that other systems do not have at zero', () => {
  const windows = { ...stats(1, []), os: { ...stats(1, []).os, loadavg: [] } };
  const combined = combineStats([1, 2, 3].map(() => ({ name: 'a', stats: windows, pids: new Map() })));
  expect(Object.keys(combined!.nodes)).toEqual(['a', 'a#2', 'a#3']);
  expect(combined!.os.loadavg).toEqual([0, 0, 0]);
});

test('shows the workers of a set by the pids that the set gave them', async () => {
  const members = ['a', 'b'].map(name => Object.assign(new FakeManager({ name }), { stats: stats(1, [1]) }));
  const silent = new FakeManager({ name: 'c' });
  const failing = Object.assign(new FakeManager({ name: 'd' }), { getStats: () => Promise.reject(new Error('link broken')) });
  const set = new MediasoupHorizontal([...members, silent, failing]);
  const pids = await Promise.all([1, 2].map(async () => (await set.mediasoup!.createWorker()).pid));
  const combined = await set.getStats();
  expect(Object.keys(combined!.pidusages!).map(Number)).toEqual(pids);
  expect(Object.keys(combined!.nodes)).toEqual(['a', 'b']);
  set.destroy();
});
