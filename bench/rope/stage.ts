import type { Mediasoup } from '@mediacluster/sdk';
import type { Consumer, Producer, Router, RtpCapabilities, RtpParameters, WebRtcServer, WebRtcTransport, Worker } from 'mediasoup/types';

/** As many codecs as an app may want, so that capabilities are as long as they get. */
const mediaCodecs = [
  { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video' as const, mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video' as const, mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 2 } },
  { kind: 'video' as const, mimeType: 'video/H264', clockRate: 90_000, parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 } },
  { kind: 'video' as const, mimeType: 'video/H264', clockRate: 90_000, parameters: { 'packetization-mode': 1, 'profile-level-id': '4d0032', 'level-asymmetry-allowed': 1 } },
];

const AUDIO: RtpParameters = {
  mid: '0',
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1, usedtx: 1 }, rtcpFeedback: [{ type: 'transport-cc' }] }],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 10 },
    { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 12 },
    { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: 5 },
  ],
  encodings: [{ ssrc: 11_111 }],
  rtcp: { cname: 'a-browser-of-the-bench', reducedSize: true },
};

const VIDEO: RtpParameters = {
  mid: '1',
  codecs: [
    { mimeType: 'video/VP8', payloadType: 112, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }, { type: 'goog-remb' }, { type: 'transport-cc' }] },
    { mimeType: 'video/rtx', payloadType: 113, clockRate: 90_000, parameters: { apt: 112 } },
  ],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 10 },
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 11 },
    { uri: 'urn:3gpp:video-orientation', id: 13 },
    { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: 5 },
    { uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', id: 6 },
  ],
  encodings: [
    { ssrc: 22_222, rtx: { ssrc: 22_223 }, scalabilityMode: 'L1T3', maxBitrate: 100_000 },
    { ssrc: 22_224, rtx: { ssrc: 22_225 }, scalabilityMode: 'L1T3', maxBitrate: 300_000 },
    { ssrc: 22_226, rtx: { ssrc: 22_227 }, scalabilityMode: 'L1T3', maxBitrate: 900_000 },
  ],
  rtcp: { cname: 'a-browser-of-the-bench', reducedSize: true },
};

/** What an app passes to `produce()` for the voice of a participant. */
export const PRODUCE = { kind: 'audio', rtpParameters: AUDIO } as const;

/** Two producers and what comes out of them at the other end. */
export interface Samples {
  readonly transport: WebRtcTransport;
  readonly audio: Producer;
  readonly video: Producer;
  readonly heard: Consumer;
  readonly seen: Consumer;
}

/** A worker, and in it whatever a bench calls. The same calls, whether mediasoup is here or far away. */
export class Stage {
  readonly #worker: Worker;
  readonly #server: WebRtcServer;
  readonly router: Router;
  /** What a browser says that it can; the same object each time, as in an app that keeps it for each participant. */
  readonly rtpCapabilities: RtpCapabilities;
  readonly transport: WebRtcTransport;
  readonly video: Producer;
  #lastSsrc = 30_000;
  #made: { close(): void }[] = [];
  #into: WebRtcTransport;

  static async build(mediasoup: Mediasoup): Promise<Stage> {
    const worker = await mediasoup.createWorker();
    const server = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }, { protocol: 'tcp', ip: '127.0.0.1' }] });
    const router = await worker.createRouter({ mediaCodecs });
    const transport = await router.createWebRtcTransport({ webRtcServer: server });
    const video = await transport.produce({ kind: 'video', rtpParameters: VIDEO });
    return new Stage(worker, server, router, transport, video, await router.createWebRtcTransport({ webRtcServer: server }));
  }

  private constructor(worker: Worker, server: WebRtcServer, router: Router, transport: WebRtcTransport, video: Producer, into: WebRtcTransport) {
    this.#worker = worker;
    this.#server = server;
    this.router = router;
    this.transport = transport;
    this.video = video;
    this.#into = into;
    this.rtpCapabilities = router.rtpCapabilities;
  }

  get workerPid(): number {
    return this.#worker.pid;
  }

  dump(): Promise<unknown> {
    return this.router.dump();
  }

  getStats(): Promise<unknown> {
    return this.transport.getStats();
  }

  pauseOrResume(): Promise<unknown> {
    return this.video.paused ? this.video.resume() : this.video.pause();
  }

  async createWebRtcTransport(): Promise<unknown> {
    return this.#keep(await this.router.createWebRtcTransport({ webRtcServer: this.#server }));
  }

  async produce(): Promise<unknown> {
    this.#lastSsrc += 1;
    const { mid: _, ...audio } = AUDIO;
    return this.#keep(await this.#into.produce({ kind: 'audio', rtpParameters: { ...audio, encodings: [{ ssrc: this.#lastSsrc }] } }));
  }

  async consume(): Promise<Consumer> {
    return this.#keep(await this.#into.consume({ producerId: this.video.id, rtpCapabilities: this.rtpCapabilities }));
  }

  /** Closes what the last calls have made, and gives them a fresh place. */
  async clear(): Promise<void> {
    this.#into.close();
    for (const made of this.#made) made.close();
    this.#made = [];
    this.#into = await this.router.createWebRtcTransport({ webRtcServer: this.#server });
  }

  /** One of each class of which there are many, to look at. */
  async samples(): Promise<Samples> {
    const audio = await this.transport.produce({ kind: 'audio', rtpParameters: AUDIO });
    const heard = await this.#into.consume({ producerId: audio.id, rtpCapabilities: this.rtpCapabilities });
    const { transport, video } = this;
    return { transport, audio, video, heard, seen: await this.consume() };
  }

  close(): void {
    this.#worker.close();
  }

  #keep<Made extends { close(): void }>(made: Made): Made {
    this.#made.push(made);
    return made;
  }
}
