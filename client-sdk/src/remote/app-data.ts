import type { SharedAppData } from '@mediacluster/rope/contract';

const MAX_CHARS = 16 * 1_024;
const MAX_DEPTH = 8;
const MAX_NODES = 1_000;

/**
 * What others may see of an app's `appData`: a copy of it, if it is plain data of a modest size. Pure.
 *
 * @returns `undefined` for what is no object, holds what JSON cannot say (a socket, a function, a circle, a Date), is deeper than 8,
 *   has more than 1,000 values, or takes more than 16 KiB as JSON
 */
export function sharedAppData(value: unknown): SharedAppData | undefined {
  if (value === undefined || Array.isArray(value)) return undefined;
  const copied = copy(value, { nodes: 0 }, 1);
  if (typeof copied !== 'object' || copied === null) return undefined;
  return Buffer.byteLength(JSON.stringify(copied)) <= MAX_CHARS ? copied as SharedAppData : undefined;
}

/** Stands for what cannot be shared, since `undefined` is a value that can be left out. */
const NOT_PLAIN = Symbol('not plain');

function copy(value: unknown, budget: { nodes: number }, depth: number): unknown {
  budget.nodes += 1;
  if (budget.nodes > MAX_NODES || depth > MAX_DEPTH + 1) return NOT_PLAIN;
  switch (typeof value) {
    case 'string': return value.length <= MAX_CHARS ? value : NOT_PLAIN;
    case 'boolean': return value;
    case 'number': return Number.isFinite(value) ? value : NOT_PLAIN;
    case 'object': return value === null ? null : copyObject(value, budget, depth);
    default: return NOT_PLAIN;
  }
}

function copyObject(value: object, budget: { nodes: number }, depth: number): unknown {
  if (depth > MAX_DEPTH) return NOT_PLAIN;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const copied = copy(item, budget, depth + 1);
      if (copied === NOT_PLAIN) return NOT_PLAIN;
      items.push(copied);
    }
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Another realm's plain object has another Object.prototype, whose own prototype is null as well.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return NOT_PLAIN;
  const entries: Record<string, unknown> = {};
  for (const [key, { value: field, get, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!enumerable) continue;
    // A getter may do anything; `__proto__` and its like are refused by nodes.
    if (get || key === '__proto__' || key === 'constructor') return NOT_PLAIN;
    if (field === undefined) continue;
    const copied = copy(field, budget, depth + 1);
    if (copied === NOT_PLAIN) return NOT_PLAIN;
    entries[key] = copied;
  }
  return entries;
}
