import type { RtpCapabilities, RtpParameters } from 'mediasoup/types';

export const opus = { kind: 'audio' as const, mimeType: 'audio/opus' as const, clockRate: 48_000, channels: 2, preferredPayloadType: 100 };
export const vp8 = { kind: 'video' as const, mimeType: 'video/VP8' as const, clockRate: 90_000, preferredPayloadType: 101 };

/** The id that `audioParameters` give to RFC 6464's audio level. */
const AUDIO_LEVEL_ID = 10;
const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

export const audioParameters = (ssrc: number): RtpParameters => ({
  codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
  headerExtensions: [{ uri: AUDIO_LEVEL_URI, id: AUDIO_LEVEL_ID }],
  encodings: [{ ssrc }],
});

export const videoParameters = (ssrc: number): RtpParameters => ({
  codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] }],
  encodings: [{ ssrc }],
});

export const rtpCapabilities: RtpCapabilities = {
  codecs: [opus, { ...vp8, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] }],
  headerExtensions: [{ kind: 'audio', uri: AUDIO_LEVEL_URI, preferredId: AUDIO_LEVEL_ID }],
};

/** RFC 3550 §5.1, with the audio level of RFC 6464 in a header extension of RFC 8285's one-byte form. */
export function rtpPacket({ ssrc, sequence, payloadType = 100, level, payload = Buffer.from('media') }: {
  ssrc: number; sequence: number; payloadType?: number; level?: number; payload?: Buffer;
}): Buffer {
  const header = Buffer.alloc(12);
  header[0] = level === undefined ? 0x80 : 0x90;
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(sequence * 960, 4);
  header.writeUInt32BE(ssrc, 8);
  const extension = level === undefined ? Buffer.alloc(0) : Buffer.from([0xbe, 0xde, 0, 1, AUDIO_LEVEL_ID << 4, 0x80 | level, 0, 0]);
  return Buffer.concat([header, extension, payload]);
}

/** A sender report without report blocks, RFC 3550 §6.4.1. */
export function senderReport(ssrc: number): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt32BE(0x80_c8_00_06, 0);
  report.writeUInt32BE(ssrc, 4);
  report.writeUInt32BE(0xe0_00_00_00, 8);
  report.writeUInt32BE(960, 16);
  report.writeUInt32BE(1, 20);
  report.writeUInt32BE(5, 24);
  return report;
}
