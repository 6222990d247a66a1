import { EventEmitter, once } from 'node:events';

import { expect, test } from '@jest/globals';

import { stopOnSignal } from './shutdown.ts';

const signals = (): Pick<NodeJS.Process, 'on' | 'off'> & EventEmitter => new EventEmitter() as never;

test('ends in order at the first signal and at once at the second', async () => {
  const target = signals();
  const exits: number[] = [];
  const reasons: string[] = [];
  let finish = (): void => {};
  const stopped = new Promise<void>(resolve => { finish = resolve; });
  stopOnSignal({ stop: reason => { reasons.push(reason); return stopped; } }, { process: target, exit: code => { exits.push(code); target.emit('exited'); } });
  target.emit('SIGTERM', 'SIGTERM');
  target.emit('SIGINT', 'SIGINT');
  expect([reasons, exits]).toEqual([['SIGTERM'], [1]]);
  const exited = once(target, 'exited');
  finish();
  await exited;
  expect(exits).toEqual([1, 0]);
});

test('tells of a failed end and exits with 1; and takes its listeners away when asked', async () => {
  const target = signals();
  const errors: unknown[] = [];
  const exited = new Promise<number>(resolve => {
    stopOnSignal({ stop: () => Promise.reject(new Error('stuck')) }, { process: target, exit: resolve, onError: error => errors.push(error) });
  });
  target.emit('SIGTERM', 'SIGTERM');
  expect(await exited).toBe(1);
  expect(errors).toEqual([new Error('stuck')]);
  const other = signals();
  stopOnSignal({ stop: () => Promise.resolve() }, { process: other })();
  expect(other.listenerCount('SIGTERM') + other.listenerCount('SIGINT')).toBe(0);
});

test('exits with 1 after a failed end of which nobody wants to be told', async () => {
  const target = signals();
  const exited = new Promise<number>(resolve => {
    stopOnSignal({ stop: () => Promise.reject(new Error('stuck')) }, { process: target, exit: resolve });
  });
  target.emit('SIGINT', 'SIGINT');
  expect(await exited).toBe(1);
});
