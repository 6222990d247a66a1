/**
 * Values that JSON has no word for, in results of methods that the contract marks as rich: an object with the one key
 * `$rope` stands for them, `{ "$rope": ["bigint", "123"] }`. An object of the caller's own with that key is wrapped too.
 */
const TAG = '$rope';

/** Makes a value fit for JSON. */
export function encodeRich(value: unknown): unknown {
  if (typeof value === 'bigint') return { [TAG]: ['bigint', String(value)] };
  if (value === undefined) return { [TAG]: ['undefined'] };
  if (typeof value === 'number' && !Number.isFinite(value)) return { [TAG]: ['number', String(value)] };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return { [TAG]: ['date', value.getTime()] };
  if (value instanceof Uint8Array) return { [TAG]: ['bytes', toBase64(value)] };
  if (Array.isArray(value)) return value.map(encodeRich);
  const fields = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encodeRich(field)]));
  return Object.hasOwn(fields, TAG) ? { [TAG]: ['object', fields] } : fields;
}

/** The value that `encodeRich()` was given. Bytes are a Buffer where there is one. */
export function decodeRich(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeRich);
  const tagged = Object.hasOwn(value, TAG) ? (value as Record<string, unknown>)[TAG] : undefined;
  return Array.isArray(tagged) ? decodeTagged(tagged as [string, never]) : decodeFields(value);
}

function decodeTagged([kind, content]: [string, never]): unknown {
  switch (kind) {
    case 'bigint': return BigInt(content);
    case 'date': return new Date(content);
    case 'bytes': return fromBase64(content);
    case 'number': return Number(content);
    case 'object': return decodeFields(content);
    default: return undefined;
  }
}

function decodeFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, decodeRich(field)]));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCodePoint(byte)).join(''));
}

function fromBase64(text: string): Uint8Array {
  const bytes = Uint8Array.from(atob(text), char => char.codePointAt(0)!);
  return typeof Buffer === 'undefined' ? bytes : Buffer.from(bytes.buffer);
}
