import { expect, test } from '@jest/globals';

import { NoCapacityError } from '../errors.ts';
import type { Picker } from '../placement/picker.ts';
import { spread } from '../placement/spread.ts';
import { FakeManager } from '../testing/fake-manager.ts';
import { Member } from './member.ts';
import { placeWorker } from './place-worker.ts';

const ignore = (): void => {};
const memberOf = (manager: FakeManager): Member => new Member(manager, { connected: ignore, disconnected: ignore, error: ignore });
const setOf = (...managers: FakeManager[]) => {
  const members = managers.map(memberOf);
  return { members: () => members, has: (member: Member) => members.includes(member) };
};
/** Leaves out whom nothing stands against. */
const nobody: Picker = () => undefined;

test('tells which members were never asked, when the picker wants none of them', async () => {
  const [ready, draining] = [new FakeManager({ name: 'a' }), new FakeManager({ name: 'b' })];
  draining.drain();
  await expect(placeWorker(setOf(ready, draining), nobody, undefined)).rejects.toThrow(
    new NoCapacityError('none of 2 members can take a worker: a was not asked; b is draining'),
  );
  expect(ready.workers).toEqual([]);
});

test.each([['nothing', undefined], ['null', null], ['a word', 'no']])('passes on as it came what a member throws, also %s', async (_, thrown) => {
  const [first, second] = [new FakeManager(), new FakeManager()];
  first.beforeWorker = async () => {
    throw thrown; // of a mediasoup that is not ours
  };
  const set = setOf(first, second);
  await expect(placeWorker(set, spread, undefined)).rejects.toBe(thrown);
  expect([second.workers.length, ...set.members().map(({ creating }) => creating)]).toEqual([0, 0, 0]);
});
