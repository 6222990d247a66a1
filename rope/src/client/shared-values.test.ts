import { describe, expect, test } from '@jest/globals';

import { SharedValues } from './shared-values.ts';

const paths = ['options.table', 'top'];
const large = (name: string) => ({ name, text: 'x'.repeat(100) });

describe('SharedValues', () => {
  test('sends a value once, then its number, and leaves what it was given as it was', () => {
    const values = new SharedValues(() => true);
    const params = { router: 1, options: { table: large('a'), other: 2 }, top: large('b') };
    const copy = structuredClone(params);
    expect(values.replace(params, paths, 1)).toEqual({ router: 1, options: { table: { $rope: ['def', 1, large('a')] }, other: 2 }, top: { $rope: ['def', 2, large('b')] } });
    expect(values.replace({ ...params, top: large('a') }, paths, 2)).toEqual({ router: 1, options: { table: { $rope: ['ref', 1] }, other: 2 }, top: { $rope: ['ref', 1] } });
    expect(params).toEqual(copy);
  });

  test('names no value whose message may still be withdrawn', () => {
    let sent = 0;
    const values = new SharedValues(message => message <= sent);
    const call = (message: number) => (values.replace({ top: large('a') }, ['top'], message).top as { $rope?: unknown[] }).$rope?.slice(0, 2);
    expect([call(1), call(2)]).toEqual([['def', 1], undefined]);
    sent = 2;
    expect(call(3)).toEqual(['ref', 1]);
    values.withdrawn(9);
    values.withdrawn(1);
    expect(call(4)).toEqual(['def', 2]);
    values.clear();
    expect(call(5)).toEqual(['def', 1]);
  });

  test('sends as it is what is absent, plain, small, large, or one too many', () => {
    const values = new SharedValues(() => true);
    for (const params of [{}, { options: 5, top: null }, { options: {}, top: 'x'.repeat(200) }, { top: { a: 1 } }, { top: { text: 'x'.repeat(65_536) } }]) {
      expect(values.replace(params, paths, 1)).toBe(params);
    }
    for (let name = 0; name < 256; name += 1) values.replace({ top: large(String(name)) }, ['top'], 1);
    const params = { top: large('one too many') };
    expect(values.replace(params, ['top'], 1)).toBe(params);
    expect(values.replace({ top: large('255') }, ['top'], 1)).toEqual({ top: { $rope: ['ref', 256] } });
  });
});
