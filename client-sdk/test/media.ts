import { once } from 'node:events';

import type { Consumer, DataConsumer, DirectTransport, Producer, Router, RouterRtpCodecCapability } from 'mediasoup/types';

/** What the routers of these tests speak. */
export const mediaCodecs: RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

const AUDIO_SSRC = 11_111_111;
const VIDEO_SSRC = 22_222_222;

/** A producer fed by hand: `sendRtp()` is what a microphone or camera would do. */
export async function produce(transport: DirectTransport, kind: 'audio' | 'video', appData = {}): Promise<Producer> {
  return transport.produce({
    kind,
    appData,
    rtpParameters: kind === 'audio'
      ? { codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc: AUDIO_SSRC }] }
      : { codecs: [{ mimeType: 'video/VP8', payloadType: 112, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] }], encodings: [{ ssrc: VIDEO_SSRC }] },
  });
}

/** Sends packets until `consumer` has told `count` of them, and returns what they carried. */
export async function packetsThrough(producer: Producer, consumer: Consumer, count: number): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  let sequence = 0;
  const sending = setInterval(() => producer.send(rtp(producer, ++sequence)), 2);
  try {
    while (payloads.length < count) {
      const [packet] = await once(consumer, 'rtp') as [Buffer];
      payloads.push(packet.subarray(packet.length - 8));
    }
  } finally {
    clearInterval(sending);
  }
  return payloads;
}

/** Every packet is a VP8 key frame by its first bytes, so that a consumer may begin with any; its last 8 bytes are the mark. */
function rtp({ kind }: Producer, sequence: number): Buffer {
  const packet = Buffer.alloc(12 + 100 + 8);
  packet[0] = 0x80;
  packet[1] = kind === 'audio' ? 111 : 112;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 960, 4);
  packet.writeUInt32BE(kind === 'audio' ? AUDIO_SSRC : VIDEO_SSRC, 8);
  packet[12] = 0x10;
  packet.write(kind === 'audio' ? 'a-sound!' : 'a-frame!', 112);
  return packet;
}

/** Consumes a producer of `router` at the hand of the test. */
export async function consume(router: Router, producerId: string): Promise<Consumer> {
  const transport = await router.createDirectTransport();
  return transport.consume({ producerId, rtpCapabilities: router.rtpCapabilities });
}

/** The next message of a data consumer, as text. */
export async function message(consumer: DataConsumer): Promise<string> {
  const [payload] = await once(consumer, 'message') as [Buffer];
  return payload.toString();
}
