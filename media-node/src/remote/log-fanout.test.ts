import type { LogLine } from '@mediacluster/rope/contract';
import type { Mediasoup } from '@mediacluster/sdk';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LogEventListeners } from 'mediasoup/types';

import { LogFanout } from './log-fanout.ts';
import type { LogHearer } from './log-fanout.ts';

const ALL = { debug: true, warn: true, error: true };
const NONE = { debug: false, warn: false, error: false };

describe('the fan-out of log lines', () => {
  let listeners: LogEventListeners;
  let calls: number;
  let logs: LogFanout;
  const hearer = (): LogHearer & { lines: LogLine[] } => {
    const lines: LogLine[] = [];
    return { lines, notify: (_method, line) => void lines.push(line) };
  };

  beforeEach(() => {
    listeners = {};
    calls = 0;
    logs = new LogFanout({
      setLogEventListeners: (given: LogEventListeners) => {
        calls += 1;
        listeners = given;
      },
    } as Mediasoup);
  });

  test('tells each session the levels that it asked for', () => {
    const everything = hearer();
    const errors = hearer();
    logs.set(everything, ALL);
    logs.set(errors, { ...NONE, error: true });
    listeners.ondebug?.('mediasoup:Worker', 'one');
    listeners.onwarn?.('mediasoup:WARN:Worker', 'two');
    listeners.onerror?.('mediasoup:ERROR:Worker', 'three', new TypeError('no'));
    listeners.onerror?.('mediasoup:ERROR:Worker', 'four');
    expect(everything.lines).toEqual([
      { level: 'debug', namespace: 'mediasoup:Worker', log: 'one' },
      { level: 'warn', namespace: 'mediasoup:WARN:Worker', log: 'two' },
      { level: 'error', namespace: 'mediasoup:ERROR:Worker', log: 'three', error: { name: 'TypeError', message: 'no' } },
      { level: 'error', namespace: 'mediasoup:ERROR:Worker', log: 'four' },
    ]);
    expect(errors.lines.map(({ log }) => log)).toEqual(['three', 'four']);
  });

  test('asks mediasoup for no level that nobody hears', () => {
    const session = hearer();
    logs.set(session, { ...NONE, warn: true });
    expect(Object.keys(listeners)).toEqual(['onwarn']);
    logs.set(session, { ...NONE, error: true });
    expect(Object.keys(listeners)).toEqual(['onerror']);
    logs.set(session, NONE);
    expect(listeners).toEqual({});
  });

  test('leaves mediasoup alone for a session that has never asked', () => {
    logs.set(hearer(), NONE);
    logs.forget(hearer());
    expect(calls).toBe(0);
  });

  test('tells a session that has ended nothing more', () => {
    const stays = hearer();
    const ends = hearer();
    logs.set(stays, { ...NONE, error: true });
    logs.set(ends, ALL);
    logs.forget(ends);
    expect(Object.keys(listeners)).toEqual(['onerror']);
    listeners.onerror?.('mediasoup:ERROR', 'late');
    expect([stays.lines.length, ends.lines.length]).toEqual([1, 0]);
  });
});
