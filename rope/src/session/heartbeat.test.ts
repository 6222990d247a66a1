import { describe, expect, test } from '@jest/globals';

import { FakeClock } from '../testing/index.ts';
import { Heartbeat } from './heartbeat.ts';

function heartbeat(): { clock: FakeClock; beat: Heartbeat; said: unknown[] } {
  const clock = new FakeClock();
  const said: unknown[] = [];
  const beat = new Heartbeat({
    clock, intervalMs: 5_000, silenceMs: 10_000,
    ping: number => said.push([clock.nowMs(), 'ping', number]), beat: () => {}, dead: () => said.push([clock.nowMs(), 'dead']),
  });
  return { clock, beat, said };
}

describe('Heartbeat', () => {
  test('asks at each interval as long as it is answered', async () => {
    const { clock, beat, said } = heartbeat();
    for (let second = 0; second < 15; second += 1) {
      beat.heard();
      await clock.advance(1_000);
    }
    expect(said).toEqual([[5_000, 'ping', 1], [10_000, 'ping', 2], [15_000, 'ping', 3]]);
    beat.stop();
    await clock.advance(60_000);
    expect(said).toHaveLength(3);
  });

  test('leaves out a part of the first interval, as chance tells', async () => {
    const clock = new FakeClock();
    const atMs: number[] = [];
    const beat = new Heartbeat({ clock, intervalMs: 5_000, silenceMs: 10_000, random: () => 0.75, ping: () => atMs.push(clock.nowMs()), dead: () => {} });
    for (let step = 0; step < 10; step += 1) {
      await clock.advance(1_250);
      beat.heard();
    }
    expect(atMs).toEqual([1_250, 6_250, 11_250]);
  });

  test('gives up exactly so long after the last word, once', async () => {
    const { clock, beat, said } = heartbeat();
    await clock.advance(3_210);
    beat.heard();
    await clock.advance(60_000);
    expect(said.at(-1)).toEqual([13_210, 'dead']);
    expect(said.filter(word => (word as unknown[])[1] === 'dead')).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test('asks once more after this process stood still', async () => {
    const { clock, said } = heartbeat();
    await clock.advance(5_000);
    await clock.stall(100_000);
    expect(said.at(-1)).toEqual([105_000, 'ping', 2]);
    await clock.advance(5_000);
    expect(said.at(-1)).toEqual([110_000, 'dead']);
  });
});
