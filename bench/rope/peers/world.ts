/** A server that speaks the contract of a media node, with as many objects as a bench asks for and no mediasoup behind them. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { methods } from '@mediacluster/rope/contract';
import type { Methods } from '@mediacluster/rope/contract';
import { RopeServer } from '@mediacluster/rope/server';
import type { HandlerContext, ServerSession } from '@mediacluster/rope/server';

import { listen } from '../listen.ts';
import { serve } from '../run.ts';
import type { Templates } from '../templates.ts';

/** What a world is made of. */
export interface WorldPlan {
  readonly templates: Templates;
  readonly transports: number;
  /** On each transport; half of them audio. */
  readonly producers: number;
  readonly consumers: number;
}

const OWNER = 'the world';
const http = createServer();
let packets = 0;
let awaited: { readonly packets: number; readonly resolve: () => void } | undefined;
let server: RopeServer<Methods> | undefined;
const consumers: number[] = [];

type Handler = (params: never, context: HandlerContext) => unknown;
const handlers: Record<string, Handler> = Object.fromEntries(Object.keys(methods).map(name => [name, (): void => {}]));
handlers['producer.send'] = ({ data }: { data: Uint8Array }) => received(data);
handlers['dataProducer.send'] = ({ text }: { text: string }) => received(Buffer.from(text, 'base64'));

serve({ start, build, scores, emit, forgetPackets: () => { packets = 0; }, packets: (count: number) => arrived(count), rss, unlinked, kept });

async function start({ heartbeatMs = 60_000 }: { heartbeatMs?: number }): Promise<string> {
  server = new RopeServer<Methods>({
    methods,
    handlers: handlers as never,
    node: { id: 'world', name: 'world', epoch: randomUUID() },
    payload: () => ({ mediasoupVersion: '3.27.1', workerBin: '', supportedRtpCapabilities: { codecs: [], headerExtensions: [] }, pipeAddress: '127.0.0.1' }),
    heartbeatMs,
    maxSessionsPerPrincipal: 100_000,
    maxRequestsPerSecond: Number.MAX_SAFE_INTEGER,
  });
  server.attach(http);
  return `ws://${await listen(http)}`;
}

function build({ templates, transports, producers, consumers: perTransport }: WorldPlan): void {
  const worker = add('worker', undefined, { pid: 1 });
  const router = add('router', worker, { id: randomUUID(), rtpCapabilities: { codecs: [], headerExtensions: [] } });
  let ssrc = 100_000_000;
  const rtp = (state: Record<string, unknown>): Record<string, unknown> => {
    ssrc += 10;
    const parameters = state['rtpParameters'] as { encodings: object[]; rtcp: object; mid?: string };
    return { ...parameters, mid: String(ssrc % 1_000), encodings: parameters.encodings.map((encoding, index) => ({ ...encoding, ssrc: ssrc + index })), rtcp: { ...parameters.rtcp, cname: parameters.mid ?? 'cname' } };
  };
  for (let transport = 0; transport < transports; transport += 1) {
    const at = add('webRtcTransport', router, { ...templates.transport, id: randomUUID() });
    const ids: { audio: string; video: string } = { audio: randomUUID(), video: randomUUID() };
    for (let producer = 0; producer < producers; producer += 1) {
      const kind = producer % 2 === 0 ? 'audio' : 'video';
      ids[kind] = randomUUID();
      add('producer', at, { ...templates[kind], id: ids[kind], rtpParameters: rtp(templates[kind]) });
    }
    for (let consumer = 0; consumer < perTransport; consumer += 1) {
      const [kind, template] = consumer % 2 === 0 ? ['audio', templates.heard] as const : ['video', templates.seen] as const;
      consumers.push(add('consumer', at, { ...template, id: randomUUID(), producerId: ids[kind], rtpParameters: rtp(template) }));
    }
  }
}

function add(type: string, parent: number | undefined, state: Record<string, unknown>): number {
  return server!.registry.add(OWNER, { type, ...(parent !== undefined && { parent }), entity: {}, state: () => state, close: () => {} }).object;
}

/** Tells of so many scores, so many in each tick. */
async function scores({ count, perTick }: { count: number; perTick: number }): Promise<void> {
  for (let told = 0; told < count; told += perTick) {
    tell(told, perTick);
    await new Promise(resolve => setImmediate(resolve));
    // What a reader has not read yet is its affair, and none of the bench's.
    while (anySession().inspect().keptBytes > 4 * 1_024 * 1_024) await new Promise(resolve => setTimeout(resolve, 1));
  }
}

function emit({ count, from = 0 }: { count: number; from?: number }): void {
  tell(from, count);
}

function tell(from: number, count: number): void {
  const { objects } = anySession();
  for (let index = from; index < from + count; index += 1) {
    const score = index % 10;
    objects.event(consumers[index % consumers.length]!, 'score', [{ score, producerScore: score, producerScores: [score, 10, 10] }]);
  }
}

function anySession(): ServerSession {
  return server!.sessions.values().next().value!;
}

function received(bytes: Uint8Array): void {
  if (bytes.length < 12) return; // no RTP packet
  packets += 1;
  if (packets === awaited?.packets) awaited.resolve();
}

/** Resolves when so many packets have come in since the last `forgetPackets`. */
function arrived(count: number): Promise<void> | undefined {
  return packets >= count ? undefined : new Promise(resolve => { awaited = { packets: count, resolve }; });
}

async function rss(): Promise<number> {
  for (let time = 0; time < 3; time += 1) {
    globalThis.gc!();
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss();
}

/** Resolves when no session has a link. */
async function unlinked(): Promise<void> {
  while ([...server!.sessions.values()].some(({ connected }) => connected)) await new Promise(resolve => setTimeout(resolve, 1));
}

/** What is kept for clients: of the session with the most, and of all. */
function kept(): { most: number; sum: number } {
  const bytes = Array.from(server!.sessions.values(), session => session.inspect().keptBytes);
  return { most: Math.max(...bytes), sum: bytes.reduce((sum, each) => sum + each, 0) };
}
