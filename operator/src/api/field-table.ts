import type { StructuralSchema } from './structural-schema.ts';

/** The fields under a schema as a Markdown table: name, type, default, meaning. Lists are written `name[]`, maps `name{}`. */
export function fieldTable(schema: StructuralSchema): string {
  const rows = [...fieldRows(schema, '')];
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function* fieldRows(schema: StructuralSchema, path: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = path ? `${path}.${name}` : name;
    const required = schema.required?.includes(name) ?? false;
    const inner = field.items ?? field;
    // A group of fields has its say in the rows of the fields, and its default is theirs.
    if (!field.properties) yield `| \`${here}\` | ${typeOf(field)} | ${defaultOf(field, required)} | ${escapeCell(field.description ?? '')} |`;
    yield* fieldRows(inner, field.items ? `${here}[]` : here);
  }
}

function typeOf(field: StructuralSchema): string {
  if (field.enum) return field.enum.map(value => `\`${String(value)}\``).join(', ');
  if (field['x-kubernetes-int-or-string']) return 'quantity';
  if (field.items) return field.items.properties ? 'list' : `list of ${typeOf(field.items)}`;
  if (field.additionalProperties) return `map to ${typeOf(field.additionalProperties)}`;
  return `${field.type}${rangeOf(field)}`;
}

function rangeOf({ minimum, maximum }: StructuralSchema): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? ` ≥ ${minimum}` : ` ${minimum}–${maximum}`;
}

function defaultOf(field: StructuralSchema, required: boolean): string {
  if (required) return 'required';
  return field.default === undefined ? '' : `\`${escapeCell(JSON.stringify(field.default))}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
