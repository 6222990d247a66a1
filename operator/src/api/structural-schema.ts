import { z } from 'zod';

/*
 * zod → the "structural" subset of OpenAPI v3 that a CRD may hold. zod's own JSON Schema is close to it; what the API server would
 * refuse or misunderstand is mended here, and what cannot be mended is an error while generating, not on somebody's cluster.
 */

/** A schema of a CRD. Open, because `x-kubernetes-*` and format words pass through. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  [keyword: string]: unknown;
}

type Json = Record<string, unknown>;

// zod writes JavaScript's bounds of safe integers on every integer: true, and noise to everyone who reads the CRD.
const NOISE = new Set<number>([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/** Converts a schema. Throws an `Error` that names the field where the schema has no structural form. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const raw = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }) as Json;
  return mend(raw, '');
}

function mend(node: Json, path: string): StructuralSchema {
  if (node.anyOf || node.oneOf || node.allOf) return intOrString(node, path);
  if (typeof node.type !== 'string') throw new Error(`${path || 'the schema'} has no type: z.any() and z.unknown() have no place in a CRD`);
  const { properties, items, additionalProperties, minimum, maximum, ...rest } = node;
  const mended: StructuralSchema = { ...rest };
  if (typeof minimum === 'number' && !NOISE.has(minimum)) mended.minimum = minimum;
  if (typeof maximum === 'number' && !NOISE.has(maximum)) mended.maximum = maximum;
  if (properties) {
    mended.properties = Object.fromEntries(Object.entries(properties as Record<string, Json>)
      .map(([name, child]) => [name, mend(child, path ? `${path}.${name}` : name)]));
  }
  if (items) mended.items = mend(items as Json, `${path}[]`);
  // `false` may not stand beside `properties`; the API server drops unknown fields anyway, which is what it means.
  if (additionalProperties) mended.additionalProperties = mend(additionalProperties as Json, `${path}{}`);
  checkBounds(mended, path);
  return mended;
}

/** The one union that the API has: an integer or a string, as in `cpu: 2` and `cpu: 500m`. */
function intOrString(node: Json, path: string): StructuralSchema {
  const { anyOf, ...rest } = node;
  const members = (anyOf ?? []) as Json[];
  const text = members.find(member => member.type === 'string');
  if (members.length !== 2 || !text || !members.some(member => member.type === 'integer')) {
    throw new Error(`${path} is a union: a CRD knows integer-or-string alone; make it one object with a CEL rule`);
  }
  const { type: _, ...words } = text;
  return { ...rest, ...words, anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
}

// What has a format is bounded by it.
const BOUNDS: Record<string, readonly string[]> = { string: ['maxLength', 'enum', 'format'], array: ['maxItems'] };

function checkBounds(schema: StructuralSchema, path: string): void {
  const needed = schema.additionalProperties ? ['maxProperties'] : BOUNDS[String(schema.type)];
  if (needed && !needed.some(word => word in schema)) {
    throw new Error(`${path} has no bound (${needed[0]}): the API server would reckon its CEL cost as endless`);
  }
}
