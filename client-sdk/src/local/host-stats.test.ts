import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';

import { expect, test } from '@jest/globals';

import { HostStatsReader, networkFrom, usageFrom } from './host-stats.ts';

const STAT = '42 (a (strange) name) S 7 42 42 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 1 0 1000 12345 678 18446744073709551615';
const STATUS = 'Name:\ta (strange) name\nVmRSS:\t    2048 kB\n';

test('reads a process from what Linux tells of it', () => {
  expect(usageFrom(STAT, STATUS, { uptimeMs: 20_000, nowMs: 1_000_000 })).toEqual({
    pid: 42, ppid: 7, ctime: 3_000, elapsed: 10_000, memory: 2_097_152, cpu: 30, timestamp: 1_000_000,
  });
});

test('tells the rate since the reading before', () => {
  const last = usageFrom(STAT, STATUS, { uptimeMs: 20_000, nowMs: 1_000_000 });
  const later = STAT.replace('250 50', '300 100');
  expect(usageFrom(later, STATUS, { uptimeMs: 22_000, nowMs: 1_002_000, last }).cpu).toBe(50);
  expect(usageFrom(later, STATUS, { uptimeMs: 20_000, nowMs: 1_000_000, last }).cpu).toBe(0); // no time has passed
});

test('knows no memory of a process that has just ended', () => {
  expect(usageFrom(STAT, 'State:\tZ (zombie)\n', { uptimeMs: 0, nowMs: 0 })).toMatchObject({ memory: 0, elapsed: 0, cpu: 0 });
});

test('tells of this machine, this process and the processes that are asked for', async () => {
  const stats = await new HostStatsReader().read([process.pid]);
  expect(stats.os).toMatchObject({ availableParallelism: os.availableParallelism(), totalmem: os.totalmem() });
  expect(stats.process.hrtime).toEqual(expect.any(BigInt));
  expect(stats.process.memoryUsage.rss).toBeGreaterThan(1_000_000);
  const usage = stats.pidusages![process.pid]!;
  expect(usage).toMatchObject({ pid: process.pid, ppid: process.ppid });
  expect(usage.memory).toBeGreaterThan(1_000_000);
});

test('leaves a process out that is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect((await new HostStatsReader().read([child.pid!])).pidusages).toBeUndefined();
});

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    1    0     0          0         0     1000      10    0    0    0     0       0          0
  eth0: 123456789 98765    4    5    0     0          0         7  2345678   43210    0    6    0     0       0          0
`;

test('reads the counters of every network interface from what Linux tells of it', () => {
  expect(networkFrom(NET_DEV)).toEqual({
    lo: { rxBytes: 1_000, rxPackets: 10, rxDropped: 1, txBytes: 1_000, txPackets: 10, txDropped: 0 },
    eth0: { rxBytes: 123_456_789, rxPackets: 98_765, rxDropped: 5, txBytes: 2_345_678, txPackets: 43_210, txDropped: 6 },
  });
});

test('tells what went through the network of this machine', async () => {
  const { network } = await new HostStatsReader().read([]);
  expect(network!['lo']!.rxBytes).toBe(network!['lo']!.txBytes); // what goes out there comes in again
});

test('tells neither of processes nor of networks where the system keeps them elsewhere', async () => {
  expect(await new HostStatsReader('/nowhere').read([process.pid])).toMatchObject({ pidusages: undefined, network: undefined });
});
