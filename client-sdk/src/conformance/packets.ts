import { AUDIO_LEVEL_ID, AUDIO_PT, ORIENTATION_ID, VIDEO_PT } from './media.ts';

interface RtpFields {
  readonly payloadType: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
  /** One byte each, by id (RFC 8285, one-byte form). */
  readonly extensions?: readonly (readonly [id: number, value: number])[];
}

/** RFC 3550, section 5.1. */
export function rtpPacket({ payloadType, ssrc, sequence, timestamp, payload, extensions = [] }: RtpFields): Buffer {
  const header = Buffer.alloc(12);
  header[0] = extensions.length > 0 ? 0x90 : 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  if (extensions.length === 0) return Buffer.concat([header, payload]);
  const words = Math.ceil(extensions.length / 2);
  const extension = Buffer.alloc(4 + words * 4);
  extension.writeUInt16BE(0xbede, 0);
  extension.writeUInt16BE(words, 2);
  extensions.forEach(([id, value], index) => {
    extension[4 + index * 2] = id << 4;
    extension[5 + index * 2] = value;
  });
  return Buffer.concat([header, extension, payload]);
}

/** A source of packets, each one later than the one before. */
export class Source {
  #sequence = 0;
  readonly #ssrc: number;
  readonly #kind: 'audio' | 'video';

  constructor(kind: 'audio' | 'video', ssrc: number) {
    this.#kind = kind;
    this.#ssrc = ssrc;
  }

  /** 20 ms of sound at so many -dBov (127 is silence), or a whole VP8 key frame of a camera that is turned. */
  packet({ level = 127, orientation, payload }: { level?: number; orientation?: number; payload?: string } = {}): Buffer {
    this.#sequence++;
    if (this.#kind === 'audio') {
      return rtpPacket({
        payloadType: AUDIO_PT, ssrc: this.#ssrc, sequence: this.#sequence, timestamp: this.#sequence * 960,
        payload: Buffer.from(payload ?? 'a-sound!'), extensions: [[AUDIO_LEVEL_ID, (level < 127 ? 0x80 : 0) | level]],
      });
    }
    return rtpPacket({
      payloadType: VIDEO_PT, ssrc: this.#ssrc, sequence: this.#sequence, timestamp: this.#sequence * 3000,
      payload: Buffer.concat([KEY_FRAME, Buffer.from(payload ?? 'a-frame!')]), extensions: orientation === undefined ? [] : [[ORIENTATION_ID, orientation]],
    });
  }
}

/** RFC 7741: the descriptor says that a partition starts here, the frame's tag that it is a key frame; then its start code and size. */
const KEY_FRAME = Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]);

/** A picture loss indication (RFC 4585, section 6.3.1). */
export function pli(mediaSsrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet[0] = 0x81;
  packet[1] = 206;
  packet.writeUInt16BE(2, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** A sender report without blocks (RFC 3550, section 6.4.1). */
export function senderReport(ssrc: number): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(3_900_000_000, 8);
  packet.writeUInt32BE(1, 20);
  packet.writeUInt32BE(100, 24);
  return packet;
}
