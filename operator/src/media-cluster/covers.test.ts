import { expect, test } from '@jest/globals';

import { covers } from './covers.ts';

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, true],
  [{ a: 1 }, { a: { b: 1 } }, false],
  [undefined, { a: 1 }, false],
  [null, { a: 1 }, false],
  [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }] }, true],
  [{ a: [2, 1] }, { a: [1] }, true],
  [{ a: [{ x: 2 }] }, { a: [{ x: 1 }] }, false],
  [{ a: 'text' }, { a: ['text'] }, false],
  [{}, { a: undefined }, true],
  ['1', 1, false],
])('%j covers %j: %s', (found, wanted, answer) => {
  expect(covers(found, wanted)).toBe(answer);
});
