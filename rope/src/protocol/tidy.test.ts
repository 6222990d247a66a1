import { describe, expect, test } from '@jest/globals';

import { tidy } from './tidy.ts';

/** `depth` arrays and objects in one another. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

describe('depth', () => {
  test.each([[0, false], [1, false], [5, false], [6, true], [100_000, true]])('%i in one another: more than 5 is %p', (depth, deep) => {
    expect([tidy(nested(depth), 5), tidy({ first: 1, second: nested(depth) }, 6)]).toEqual([!deep, !deep]);
  });

  test('bytes have none, however long they are', () => {
    expect([tidy({ data: new Uint8Array(10) }, 1), tidy(null, 0)]).toEqual([true, true]);
  });
});

test('tidying takes out what poisons prototypes, at any place', () => {
  const value = JSON.parse('{"a":1,"__proto__":{"bad":1},"list":[{"constructor":{"prototype":{}},"b":2,"__proto__":null}],"prototype":3}') as object;
  expect(tidy(value, 5)).toBe(true);
  expect(JSON.stringify(value)).toBe('{"a":1,"list":[{"b":2}],"prototype":3}');
  expect(({} as { bad?: number }).bad).toBeUndefined();
});
