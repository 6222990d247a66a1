import { expect, test } from '@jest/globals';
import { z } from 'zod';

import { fieldTable } from './field-table.ts';
import { structuralSchema } from './structural-schema.ts';

test('a table has a row for each field that holds something, with type, default and meaning', () => {
  const quantity = z.union([z.int(), z.string().max(8)]);
  const schema = z.object({
    replicas: z.int().min(0).max(9).default(1).describe('How many.'),
    group: z.object({
      names: z.array(z.string().max(9)).max(2).optional().describe('Each | of them.'),
      limits: z.record(z.string(), quantity).meta({ maxProperties: 1 }).optional(),
      list: z.array(z.object({ mode: z.enum(['A', 'B']), from: z.int().min(1) })).max(3).optional().describe('Two\nlines.'),
    }).prefault({}),
  });
  expect(fieldTable(structuralSchema(schema))).toBe([
    '| field | type | default | meaning |',
    '|---|---|---|---|',
    '| `replicas` | integer 0–9 | `1` | How many. |',
    '| `group.names` | list of string |  | Each \\| of them. |',
    '| `group.limits` | map to quantity |  |  |',
    '| `group.list` | list |  | Two lines. |',
    '| `group.list[].mode` | `A`, `B` | required |  |',
    '| `group.list[].from` | integer ≥ 1 | required |  |',
  ].join('\n'));
});

test('a schema without fields has a table without rows', () => {
  expect(fieldTable({ type: 'object' }).split('\n')).toHaveLength(2);
});
