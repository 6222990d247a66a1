import { expect, test } from '@jest/globals';

import { TooManySessionsError } from '../errors.ts';
import { Owners, sharedOwner } from './owners.ts';

test('knows the last session of an owner', () => {
  const owners = new Owners({ maxSessionsPerOwner: 2, maxSessionsPerPrincipal: 10 });
  const member = { principal: 'p', owner: 'o' };
  owners.enter(member);
  owners.enter(member);
  expect(() => owners.enter(member)).toThrow(new TooManySessionsError('this ownerId has 2 sessions, which is the limit: end others, or wait for their leases'));
  expect([owners.leave(member), owners.leave(member)]).toEqual([false, true]);
  owners.enter(member);
  expect(owners.leave(member)).toBe(true);
});

test('counts the sessions of a principal over all its owners', () => {
  const owners = new Owners({ maxSessionsPerOwner: 2, maxSessionsPerPrincipal: 2 });
  owners.enter({ principal: 'p', owner: 'a' });
  owners.enter({ principal: 'p', owner: 'b' });
  expect(() => owners.enter({ principal: 'p', owner: 'c' })).toThrow('p has 2 sessions');
  owners.enter({ principal: 'q', owner: 'd' });
  owners.leave({ principal: 'p', owner: 'a' });
  owners.enter({ principal: 'p', owner: 'c' });
});

test('keys of two owners are never one, whatever is in their names', () => {
  expect(sharedOwner('a/b', 'c')).not.toBe(sharedOwner('a', 'b/c'));
  expect(sharedOwner('a"', 'c')).not.toBe(sharedOwner('a', '"c'));
  expect(sharedOwner('a', '\ud800')).toBe('owner:["a","\\ud800"]');
});
