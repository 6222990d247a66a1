import { ProtocolError } from '../errors.ts';
import type { DataFrame, Frame, Message } from './message.ts';

/**
 * A message as it is kept and sent: its text, written once, and its bytes, if it has any. Frames are made by joining these.
 */
export type Encoded = string | EncodedBytes;

export interface EncodedBytes {
  /** The message without its bytes. */
  readonly text: string;
  /** Its `params.data`. */
  readonly data: Uint8Array;
}

/** Writes a message. It has bytes if its `params.data` is a Uint8Array; they are not copied here. */
export function encodeMessage(message: Message): Encoded {
  if (!('params' in message)) return JSON.stringify(message);
  const { data } = message.params;
  if (!(data instanceof Uint8Array)) return JSON.stringify(message);
  return { text: JSON.stringify({ ...message, params: { ...message.params, data: undefined } }), data };
}

/** What it takes in a buffer: characters of text (nearly all of ours are one byte each) and bytes. */
export function sizeOf(message: Encoded): number {
  return typeof message === 'string' ? message.length : message.text.length + message.data.length;
}

/** A data frame around messages without bytes that are written already. */
export function encodeDataFrame(seq: number, ack: number, messages: readonly string[]): string {
  return `{"seq":${seq},"ack":${ack},"messages":[${messages.join(',')}]}`;
}

/** Every other frame. */
export function encodeFrame(frame: Frame): string {
  return JSON.stringify(frame);
}

/**
 * Reads a frame and checks its envelope: what is inside `params`, `result` and `error` is for those who know the
 * method. Throws a ProtocolError that names what is wrong.
 */
export function decodeFrame(text: string): Frame {
  const frame = parse(text);
  if (!isObject(frame)) throw new ProtocolError('a frame must be a JSON object');
  if ('messages' in frame) return checkData(frame);
  if ('ack' in frame) return need(isCount(frame.ack), 'ack', frame);
  if ('ping' in frame) return need(isCount(frame.ping), 'ping', frame);
  if ('pong' in frame) return need(isCount(frame.pong), 'pong', frame);
  if ('hello' in frame) return need(isHello(frame.hello), 'hello', frame);
  if ('welcome' in frame) return need(isWelcome(frame.welcome), 'welcome', frame);
  if ('reject' in frame) return need(isWireError(frame.reject), 'reject', frame);
  throw new ProtocolError(`a frame of an unknown kind, with the fields ${Object.keys(frame).slice(0, 5).join(', ') || '(none)'}`);
}

type Fields = Record<string, unknown>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('a frame must be JSON');
  }
}

function checkData(frame: Fields): Frame {
  if (!isCount(frame.seq) || frame.seq < 1) throw new ProtocolError('a frame with a bad seq');
  if (!isCount(frame.ack)) throw new ProtocolError('a frame with a bad ack');
  if (!Array.isArray(frame.messages) || frame.messages.length === 0) throw new ProtocolError('a frame without messages');
  for (const message of frame.messages) if (message !== null && !isMessage(message)) throw new ProtocolError('a frame with a malformed message');
  return frame as unknown as DataFrame;
}

/** Whether the envelope of a message is right. */
export function isMessage(message: unknown): message is Message {
  if (!isObject(message)) return false;
  const { id, method } = message;
  if (id !== undefined && (!isCount(id) || id < 1)) return false;
  if (method !== undefined) return typeof method === 'string' && isObject(message.params);
  if (id === undefined) return false;
  return 'error' in message ? !('result' in message) && isWireError(message.error) : 'result' in message;
}

function isHello(hello: unknown): boolean {
  return isObject(hello)
    && Array.isArray(hello.protocol) && hello.protocol.length === 2 && hello.protocol.every(isCount)
    && typeof hello.client === 'string' && hello.client.length <= 200
    && typeof hello.scope === 'string'
    && (hello.token === undefined || typeof hello.token === 'string' && hello.token.length <= 16_384)
    && (hello.ownerId === undefined || typeof hello.ownerId === 'string' && hello.ownerId !== '' && hello.ownerId.length <= 200)
    && (hello.session === undefined || isObject(hello.session) && typeof hello.session.id === 'string' && isCount(hello.session.received));
}

function isWelcome(welcome: unknown): boolean {
  if (!isObject(welcome)) return false;
  const { protocol, node, session, limits, heartbeatMs } = welcome;
  return isCount(protocol)
    && isObject(node) && typeof node.id === 'string' && typeof node.name === 'string' && typeof node.epoch === 'string'
    && isObject(session) && typeof session.id === 'string' && isCount(session.received) && isCount(session.leaseMs)
    && (session.resume === 'new' || session.resume === 'snapshot' || session.resume === 'replay')
    && (session.answering === undefined || Array.isArray(session.answering) && session.answering.every(isCount))
    && isCount(heartbeatMs) && heartbeatMs > 0
    && isObject(limits) && isCount(limits.maxMessageBytes);
}

function isWireError(error: unknown): boolean {
  return isObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string'
    && (error.data === undefined || isObject(error.data) && typeof error.data.name === 'string');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function need(fine: boolean, what: string, frame: Fields): Frame {
  if (!fine) throw new ProtocolError(`a malformed ${what}`);
  return frame as unknown as Frame;
}
