import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { sameJson } from './equal.ts';

const json = fc.jsonValue({ maxDepth: 3 });

test('two values are the same when their JSON says the same', () => {
  fc.assert(fc.property(json, value => expect(sameJson(value, structuredClone(value))).toBe(true)));
  fc.assert(fc.property(json, json, (a, b) => {
    // Through JSON, so that -0 is 0, as on the wire.
    const [left, right] = JSON.parse(JSON.stringify([a, b])) as [unknown, unknown];
    let equal = true;
    try {
      expect(left).toEqual(right);
    } catch {
      equal = false;
    }
    expect(sameJson(left, right)).toBe(equal);
  }));
});

test.each([
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: 1 }, {}, false],
  [{}, { a: 1 }, false],
  [[], {}, false],
  [null, {}, false],
  [{}, null, false],
  [undefined, undefined, true],
  [[1, 2], [1], false],
])('%j and %j: %p', (a, b, same) => {
  expect(sameJson(a, b)).toBe(same);
});
