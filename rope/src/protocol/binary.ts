import { ProtocolError } from '../errors.ts';
import { isMessage } from './codec.ts';
import type { EncodedBytes } from './codec.ts';
import type { DataFrame, Message } from './message.ts';

/**
 * Frames of messages with bytes (RTP, RTCP, data channel messages), numbered in the one stream with all others:
 *
 *     u8 kind = 1 | f64 seq | f64 ack |   then for each message   u32 length of its JSON | u32 length of its bytes | JSON | bytes
 *
 * All numbers are big-endian. A number of messages is a float of 64 bits, since that is what it is on both sides.
 */
const KIND = 1;
const HEADER_BYTES = 17;
const ENTRY_BYTES = 8;
/** UTF-8 takes at most so many bytes for one UTF-16 unit. */
const MAX_UTF8 = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** A browser has no Buffer. Node's reads and writes short texts faster, and is what mediasoup hands out. */
const hasBuffer = () => typeof Buffer !== 'undefined';

/** Writes a frame. The bytes are copied into it. */
export function encodeBinaryFrame(seq: number, ack: number, messages: readonly EncodedBytes[]): Uint8Array {
  let most = HEADER_BYTES;
  for (const { text, data } of messages) most += ENTRY_BYTES + text.length * MAX_UTF8 + data.length;
  const frame = hasBuffer() ? Buffer.allocUnsafeSlow(most) : new Uint8Array(most);
  const view = new DataView(frame.buffer);
  view.setUint8(0, KIND);
  view.setFloat64(1, seq);
  view.setFloat64(9, ack);
  let at = HEADER_BYTES;
  for (const { text, data } of messages) {
    const from = at + ENTRY_BYTES;
    const length = isBuffer(frame) ? frame.write(text, from) : encoder.encodeInto(text, frame.subarray(from)).written;
    view.setUint32(at, length);
    view.setUint32(at + 4, data.length);
    frame.set(data, from + length);
    at = from + length + data.length;
  }
  return frame.subarray(0, at);
}

/** Reads a frame; the bytes of its messages are parts of it, as `params.data`. Throws a ProtocolError that names what is wrong. */
export function decodeBinaryFrame(bytes: Uint8Array): DataFrame {
  const frame = hasBuffer() && !isBuffer(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < HEADER_BYTES || view.getUint8(0) !== KIND) throw new ProtocolError('a binary frame of an unknown kind');
  const seq = view.getFloat64(1);
  const ack = view.getFloat64(9);
  if (!Number.isSafeInteger(seq) || seq < 1) throw new ProtocolError('a frame with a bad seq');
  if (!Number.isSafeInteger(ack) || ack < 0) throw new ProtocolError('a frame with a bad ack');
  const messages: Message[] = [];
  let at = HEADER_BYTES;
  while (at < frame.length) {
    if (at + ENTRY_BYTES > frame.length) throw new ProtocolError('a binary frame that ends too early');
    const data = at + ENTRY_BYTES + view.getUint32(at);
    const end = data + view.getUint32(at + 4);
    if (end > frame.length) throw new ProtocolError('a binary frame that ends too early');
    messages.push(decodeEntry(frame, at + ENTRY_BYTES, data, end));
    at = end;
  }
  if (messages.length === 0) throw new ProtocolError('a frame without messages');
  return { seq, ack, messages };
}

function decodeEntry(frame: Uint8Array, text: number, data: number, end: number): Message {
  const message = parse(isBuffer(frame) ? frame.toString('utf8', text, data) : decoder.decode(frame.subarray(text, data)));
  if (!isMessage(message) || !('method' in message)) throw new ProtocolError('a frame with a malformed message');
  message.params.data = frame.subarray(data, end);
  return message;
}

function isBuffer(bytes: Uint8Array): bytes is Buffer {
  return hasBuffer() && Buffer.isBuffer(bytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('a binary frame must hold JSON');
  }
}
