import { request } from '@mediacluster/rope/contract';

/** What a router.dump() says of a room of two, 0.4 KB. */
const DUMP = {
  id: '5f0e5b3c-5c0e-4d7c-9a55-0f3c6a7d9b21',
  transportIds: ['0b6e1c1e-8d59-4b35-a4b4-2c8f2a1c7f10', 'c9b0a2f4-53f1-4f0e-8a0c-6f1e0d3b5a42'],
  rtpObserverIds: [],
  mapProducerIdConsumerIds: [{ key: 'a1d5c7e9-2b4f-4c6d-8e0f-1a3b5c7d9e0f', values: ['e7c5a3b1-9d8f-4e6c-b2a0-f1e3d5c7b9a8'] }],
  mapConsumerIdProducerId: [],
  mapProducerIdObserverIds: [],
  mapDataProducerIdDataConsumerIds: [],
  mapDataConsumerIdDataProducerId: [],
};

/** What is asked for in the benches of calls: a router.dump(), and what is as large as the rtpCapabilities of a router with every codec. */
export const ANSWERS = { small: DUMP, large: answerOf(7_027) } as const;
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
