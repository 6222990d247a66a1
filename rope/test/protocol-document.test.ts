import { globSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { classes, methods } from '../src/contract/index.ts';
import type { ClassSpec, MethodTable } from '../src/contract/index.ts';
import { decodeBinaryFrame, encodeBinaryFrame } from '../src/protocol/binary.ts';
import { CLOSE } from '../src/protocol/close-codes.ts';
import { decodeFrame } from '../src/protocol/codec.ts';
import { encodeError } from '../src/protocol/error-mapping.ts';
import { DEFAULT_LIMITS } from '../src/server/limits.ts';
import type { Limits } from '../src/server/limits.ts';
import { MethodNotFoundError, ObjectNotFoundError, ProtocolError, TooManyRequestsError, VersionError } from '../src/errors.ts';

/** A limit as the page writes it. */
function inWords(name: keyof Limits, value: number): string {
  if (name.endsWith('Ms')) return `${value / 1_000} s`;
  if (!name.includes('Bytes')) return value.toLocaleString('en');
  return value >= 1_024 * 1_024 ? `${value / 1_024 / 1_024} MiB` : `${value / 1_024} KiB`;
}

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The JSON values of all examples, several to a block. */
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].flatMap(([, block]) => {
  const values: Record<string, unknown>[] = [];
  let text = '';
  for (const part of block!.split(/(?<=\})/)) {
    text += part;
    try {
      values.push(JSON.parse(text) as Record<string, unknown>);
      text = '';
    } catch {
      // goes on behind the next bracket
    }
  }
  expect(text.trim()).toBe('');
  return values;
});

describe('docs/protocol.md', () => {
  test.each(examples.map(example => [JSON.stringify(example).slice(0, 60), example] as const))('shows what can be read: %s', (_, example) => {
    if ('object' in example) return expect(Object.keys(example)).toEqual(['object', 'type', 'parent', 'state']);
    if (typeof example.code === 'number') return void decodeFrame(JSON.stringify({ reject: example }));
    const isMessage = 'method' in example || 'id' in example;
    expect(() => decodeFrame(JSON.stringify(isMessage ? { seq: 1, ack: 0, messages: [example] } : example))).not.toThrow();
  });

  test('names every close code and every number of an error', () => {
    for (const code of Object.values(CLOSE)) expect(page).toMatch(new RegExp(`^\\| ${code}[ ,|]`, 'm'));
    for (const Class of [ProtocolError, MethodNotFoundError, VersionError, ObjectNotFoundError, TooManyRequestsError]) {
      const { code, data } = encodeError(new Class('x'));
      expect(page).toMatch(new RegExp(`^\\| ${code} \\|.*${data!.code}`, 'm'));
    }
  });

  test('shows a binary frame as it is', () => {
    const [, hex] = /```hex\n(.*?)```/s.exec(page)!;
    const bytes = Buffer.from(hex!.replaceAll(/\s/g, ''), 'hex');
    expect(decodeBinaryFrame(bytes)).toEqual({ seq: 3, ack: 9, messages: [{ method: 'producer.send', params: { producer: 5, data: Buffer.from([0x80, 0x60, 0, 1]) } }] });
    expect(encodeBinaryFrame(3, 9, [{ text: '{"method":"producer.send","params":{"producer":5}}', data: Buffer.from([0x80, 0x60, 0, 1]) }])).toEqual(bytes);
  });

  test.each(Object.entries({
    'maxMessageBytes`, in the welcome': ['maxMessageBytes'],
    'calls under way in a session': ['maxPendingRequests'],
    'calls of a session in a second': ['maxRequestsPerSecond'],
    'objects of an owner': ['maxObjectsPerSession'],
    'sessions of an `ownerId`; of a principal': ['maxSessionsPerOwner', 'maxSessionsPerPrincipal'],
    'what is on its way to a client': ['maxBufferedBytes'],
    'what is kept for a client without a link': ['maxReplayBytes', 'maxReplayBytesInSum'],
    'from the socket to the hello': ['handshakeTimeoutMs'],
    'a session without a link': ['leaseMs'],
  } satisfies Record<string, (keyof Limits)[]>))('tells the limit: %s', (row, names) => {
    const [, , told] = page.split('\n').find(line => line.startsWith(`| ${row}`) || line.startsWith(`| \`${row}`))!.split('|');
    for (const name of names) expect([name, told]).toEqual([name, expect.stringContaining(inWords(name, DEFAULT_LIMITS[name]))]);
  });

  test('tells how long silence may be', () => {
    expect(page).toContain(`| silence | twice \`heartbeatMs\`, ${inWords('heartbeatMs', 2 * DEFAULT_LIMITS.heartbeatMs)} |`);
  });

  test('names every notification of the protocol', () => {
    const source = readFileSync(new URL('../src/protocol/message.ts', import.meta.url), 'utf8');
    const names = [...source.matchAll(/'(rope\.[a-z]+)':/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(7);
    for (const name of names) expect(page).toContain(`| \`${name}\` |`);
  });

  test.each(Object.entries(methods as MethodTable))('tells of %s what it takes and what is known of it', (name, spec) => {
    const [, parameters, answer, notes] = new RegExp(`^\\| \`${name}\` \\|(.*)\\|(.*)\\|(.*)\\|$`, 'm').exec(page)!.map(cell => cell.trim());
    expect(parameters).toBe(parametersOf(name).join(', '));
    expect(answer === 'none').toBe(spec.kind === 'notification');
    const facts = spec.kind === 'notification' ? [spec.media && 'media'] : [
      spec.reads && 'reads', spec.rich && 'rich', spec.changes.length > 0 && `changes ${coded(spec.changes).join(', ')}`, spec.once.length > 0 && `once ${coded(spec.once).join(', ')}`,
    ];
    expect(notes).toBe(facts.filter(fact => fact !== false).join('; '));
  });

  test.each(Object.entries<ClassSpec>(classes))('tells of %s its state, its events and its ends', (name, { state, events, endings }) => {
    const told = Object.entries(events).map(([event, { sets, reads, bytes, media, rich, names, observer }]) => {
      const facts = [
        sets && `sets \`${sets}\``, reads && `brings ${coded(reads).join(', ')}`, bytes && 'bytes', media && 'media', rich && 'rich', names && 'names a producer',
        observer === 'only' && 'observer',
      ].filter(fact => typeof fact === 'string');
      return `\`${event}\`${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`;
    });
    expect(page).toContain(`| \`${name}\` | ${coded(state).join(' ')} | ${told.join(', ') || '–'} | ${coded(endings).join(', ') || '–'} |`);
  });
});

const coded = (words: readonly string[]): string[] => words.map(word => `\`${word}\``);

const contract = globSync('../src/contract/*.ts', { cwd: import.meta.dirname }).map(file => readFileSync(new URL(file, import.meta.url), 'utf8')).join('');

/** The parameters of a method as the page writes them, from its type in the contract: they are nowhere at run time. */
function parametersOf(name: string): string[] {
  const declared = contract.slice(contract.indexOf(`'${name}': `));
  let type = '';
  let depth = 0;
  for (const character of declared.slice(declared.indexOf('<') + 1)) {
    if ('<{(['.includes(character)) depth += 1;
    else if ('>})]'.includes(character)) depth -= 1;
    if (depth < 0 || (depth === 0 && character === ',')) break;
    if (depth > 1) continue;
    type += depth === 1 && '{;'.includes(character) ? '\n' : character; // each field begins a line
  }
  if (type === 'LogLevels') return coded(['debug', 'warn', 'error']);
  const fields = [...type.matchAll(/^\s*(\w+)(\??):/gm)].map(([, field, optional]) => `\`${field}\`${optional}`);
  return type.includes('& Creation') ? [...fields, '`appData`?'] : fields;
}
