import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { structuralSchema } from './structural-schema.ts';

describe('structuralSchema', () => {
  test('requires what must be given, and not what has a default', () => {
    expect(structuralSchema(z.object({ a: z.int().min(0).max(9), b: z.int().default(1), c: z.boolean().optional() }))).toEqual({
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'integer', minimum: 0, maximum: 9 }, b: { type: 'integer', default: 1 }, c: { type: 'boolean' } },
    });
  });

  test('makes an integer-or-string of that union, with the string\'s bounds', () => {
    expect(structuralSchema(z.object({ cpu: z.union([z.int(), z.string().max(8).regex(/^\d+m$/)]).describe('How fast.') })).properties?.cpu).toEqual({
      'description': 'How fast.', 'anyOf': [{ type: 'integer' }, { type: 'string' }], 'maxLength': 8, 'pattern': '^\\d+m$', 'x-kubernetes-int-or-string': true,
    });
  });

  test('drops what a strict object says about unknown fields: it may not stand beside properties', () => {
    expect(structuralSchema(z.strictObject({ a: z.boolean() }))).not.toHaveProperty('additionalProperties');
  });

  test('lets Kubernetes\' own words through, on lists, maps and objects', () => {
    const list = z.array(z.object({ name: z.string().max(9) })).max(3).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });
    expect(structuralSchema(list)).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'maxItems': 3, 'items': { properties: { name: { maxLength: 9 } } } });
    const map = z.record(z.string(), z.string().max(5)).meta({ maxProperties: 2 });
    expect(structuralSchema(map)).toEqual({ type: 'object', maxProperties: 2, additionalProperties: { type: 'string', maxLength: 5 } });
  });

  test.each([
    ['a union of other things', z.object({ x: z.union([z.boolean(), z.int()]) }), /^x is a union/],
    ['a union of three', z.object({ x: z.union([z.int(), z.string().max(1), z.boolean()]) }), /^x is a union/],
    ['a discriminated union', z.object({ a: z.object({ x: z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b') })]) }) }), /^a\.x is a union/],
    ['something without a type', z.object({ x: z.any() }), /^x has no type/],
    ['a whole without a type', z.any(), /^the schema has no type/],
    ['a string without a bound', z.object({ x: z.string() }), /^x has no bound \(maxLength\)/],
    ['a list without a bound', z.object({ x: z.array(z.int()) }), /^x has no bound \(maxItems\)/],
    ['a map without a bound', z.object({ x: z.record(z.string(), z.int()) }), /^x has no bound \(maxProperties\)/],
    ['an unbounded string in a list', z.object({ x: z.array(z.string()).max(2) }), /^x\[\] has no bound/],
    ['an unbounded string in a map', z.object({ x: z.record(z.string(), z.string()).meta({ maxProperties: 1 }) }), /^x\{\} has no bound/],
  ])('refuses %s, and names it', (_what, schema, message) => {
    expect(() => structuralSchema(schema)).toThrow(message);
  });
});
