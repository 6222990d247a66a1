import debug from 'debug';

import { decodeBinaryFrame } from '../protocol/binary.ts';
import type { DataFrame, HelloFrame, Message, WelcomeFrame } from '../protocol/message.ts';

/**
 * What is on the wire, one readable line per message: `DEBUG=mediacluster:rope:wire`. Nothing of what the messages hold is
 * written but the names of methods and events, numbers and sizes: no token, no session's id, no parameter.
 *
 *     > #17 request 7 router.dump 2 (61)        < #42 answer 7 ok (2310)        < #43 event 12 score (118)
 */
export const wire = debug('mediacluster:rope:wire');

/** Writes down data frames that leave. */
export function traceSent(frames: readonly (string | Uint8Array)[]): void {
  for (const frame of frames) traceFrame('>', typeof frame === 'string' ? JSON.parse(frame) as DataFrame : decodeBinaryFrame(frame), frame.length);
}

/** Writes down a data frame that came in. */
export function traceReceived(frame: DataFrame, bytes: number): void {
  traceFrame('<', frame, bytes);
}

export function traceHello(direction: '<' | '>', { client, scope, session, token, ownerId }: HelloFrame['hello']): void {
  wire('%s hello %s, scope %s%s%s%s', direction, client, scope, ownerId === undefined ? '' : `, owner ${ownerId}`,
    token === undefined ? ', no token' : ', with a token', session ? `, goes on after #${session.received}` : '');
}

export function traceWelcome(direction: '<' | '>', { node, session: { resume, received } }: WelcomeFrame['welcome']): void {
  wire('%s welcome to %s, %s, received up to #%d', direction, node.name, resume, received);
}

function traceFrame(direction: '<' | '>', { seq, ack, messages }: DataFrame, bytes: number): void {
  wire('%s frame #%d to #%d, ack #%d (%d)', direction, seq, seq + messages.length - 1, ack, bytes);
  for (const [index, message] of messages.entries()) wire('%s #%d %s', direction, seq + index, describe(message));
}

function describe(message: Message | null): string {
  if (message === null) return 'dropped';
  const size = `(${JSON.stringify(message, (key, value: unknown) => (key === 'data' ? undefined : value)).length})`;
  if (!('method' in message)) return `answer ${message.id} ${'error' in message ? message.error.data?.code ?? 'error' : 'ok'} ${size}`;
  const { method, params } = message;
  const bytes = params.data instanceof Uint8Array ? ` + ${params.data.length}` : '';
  if (method === 'rope.event') return `event ${String(params.object)} ${String(params.event)} ${size}${bytes}`;
  // Objects are named by numbers, in the first of the parameters.
  const object = Object.values(params).find(value => typeof value === 'number');
  return `${'id' in message ? `request ${message.id}` : 'notification'} ${method}${object === undefined ? '' : ` ${object}`} ${size}${bytes}`;
}
