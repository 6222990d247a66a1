import { expect, it } from '@jest/globals';

import { pauseChange } from './effective-pause.ts';

const [yes, no] = [true, false];

it.each([
  // now: own, producer; was: own, producer (undefined: as it was)
  [no, no, undefined, undefined, {}],
  [yes, no, no, undefined, { observer: 'pause' }],
  [no, no, yes, undefined, { observer: 'resume' }],
  [no, yes, undefined, no, { producer: 'pause', observer: 'pause' }],
  [no, no, undefined, yes, { producer: 'resume', observer: 'resume' }],
  [yes, yes, undefined, no, { producer: 'pause' }],
  [yes, no, undefined, yes, { producer: 'resume' }],
  [yes, yes, no, undefined, {}],
  [no, yes, yes, undefined, {}],
  [no, yes, yes, no, { producer: 'pause' }],
  [yes, no, no, yes, { producer: 'resume' }],
  [no, no, yes, yes, { producer: 'resume', observer: 'resume' }],
] as const)('own %s, producer %s, were %s and %s: tells %j', (own, producer, wasOwn, wasProducer, told) => {
  expect(pauseChange({ own, producer }, { own: wasOwn, producer: wasProducer })).toEqual(told);
});
