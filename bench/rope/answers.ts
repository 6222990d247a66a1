import { request } from '@mediacluster/rope/contract';

/** What is asked for in the benches of calls: as large as a router.dump(), and as the rtpCapabilities of a router with every codec. */
export const ANSWERS = { small: answerOf(363), large: answerOf(7_027) } as const;
export type AnswerName = keyof typeof ANSWERS;

export const benchMethods = { 'bench.ask': request<{ answer: AnswerName }, unknown>() } as const;

/** Where the peer can be asked. */
export interface RivalUrls {
  readonly rope: string;
  readonly echo: string;
  readonly socketIo: string;
  readonly capnweb: string;
  readonly grpc: string;
}

/** As long as the frame of such a call over ROPE is. */
export function requestText(answer: AnswerName): string {
  return JSON.stringify({ seq: 1_000, ack: 1_000, messages: [{ id: 1_000, method: 'bench.ask', params: { answer } }] });
}

/** As long as the frame of its answer is. */
export function answerText(answer: AnswerName): string {
  return JSON.stringify({ seq: 1_000, ack: 1_000, messages: [{ id: 1_000, result: ANSWERS[answer] }] });
}

/** The same method for grpc-js: it brings no codec of its own for JSON. */
export const GRPC_SERVICE = {
  ask: {
    path: '/bench.Bench/Ask',
    requestStream: false,
    responseStream: false,
    requestSerialize: toJson,
    requestDeserialize: fromJson,
    responseSerialize: toJson,
    responseDeserialize: fromJson,
  },
} as const;

function answerOf(bytes: number): unknown {
  const codecs: unknown[] = [];
  while (JSON.stringify({ codecs }).length < bytes) {
    codecs.push({ kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: 101, parameters: {}, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] });
  }
  return { codecs };
}

function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function fromJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}
