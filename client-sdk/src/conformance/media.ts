import type { ProducerOptions, RouterRtpCodecCapability, RtpCapabilities, RtpParameters } from 'mediasoup/types';

import { frozen } from './check.ts';

/** What the routers of these cases speak. Everything here is frozen: mediasoup modifies no input. */
export const mediaCodecs: RouterRtpCodecCapability[] = frozen<RouterRtpCodecCapability[]>([
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/H264', clockRate: 90_000, parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' } },
]);

export const AUDIO_LEVEL_ID = 1;
export const ORIENTATION_ID = 4;

export const AUDIO_PT = 111;
export const VIDEO_PT = 112;

let lastSsrc = 100_000;

/** SSRCs that nobody else in these cases has. */
export function newSsrc(): number {
  lastSsrc += 10;
  return lastSsrc;
}

/** opus with audio levels. */
export function audioParameters(ssrc: number = newSsrc()): RtpParameters {
  return frozen<RtpParameters>({
    codecs: [{ mimeType: 'audio/opus', payloadType: AUDIO_PT, clockRate: 48_000, channels: 2 }],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: AUDIO_LEVEL_ID }],
    encodings: [{ ssrc }],
    rtcp: { cname: 'conformance' },
  });
}

/** VP8 with its orientation; simulcast with several SSRCs. */
export function videoParameters(...ssrcs: number[]): RtpParameters {
  return frozen<RtpParameters>({
    codecs: [{ mimeType: 'video/VP8', payloadType: VIDEO_PT, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }] }],
    headerExtensions: [{ uri: 'urn:3gpp:video-orientation', id: ORIENTATION_ID }],
    encodings: (ssrcs.length > 0 ? ssrcs : [newSsrc()]).map(ssrc => ({ ssrc })),
    rtcp: { cname: 'conformance' },
  });
}

/** A microphone. */
export function audio(options: Partial<ProducerOptions> = {}): ProducerOptions {
  return { kind: 'audio', rtpParameters: audioParameters(), ...options };
}

/** A camera. */
export function video(options: Partial<ProducerOptions> = {}): ProducerOptions {
  return { kind: 'video', rtpParameters: videoParameters(), ...options };
}

/** A receiver of both. */
export const rtpCapabilities: RtpCapabilities = frozen<RtpCapabilities>({
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }] },
  ],
  headerExtensions: [],
});

/** A receiver of neither. */
export const foreignCapabilities: RtpCapabilities = frozen<RtpCapabilities>({
  codecs: [{ kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8000 }],
});

/** On this machine's loopback, any port. */
export const listenInfo = frozen({ protocol: 'udp', ip: '127.0.0.1' } as const);
