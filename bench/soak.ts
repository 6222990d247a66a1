/**
 * What hours in production would show: two apps that make and close all day, links that break, an app that is killed, a worker that
 * crashes, on one media node.
 *
 *     app 1, here ────── proxy that cuts ─▶ mediasoup-server ◀── app 2, a child: killed every ten seconds or so, sometimes with an ownerId
 *     its twin, which sees and closes everybody's objects ──┘
 *
 * Each minute both apps close what they have, and what the node and app 1 take at that rest is read (soak/verdict.ts tells what flat is).
 * Prints one JSON line; exit code 1 when the run was not flat, a call had no answer, a session was lost, or the end left anything.
 *
 *     npm run soak -- [--minutes 20]
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup, MediasoupObject } from '@mediacluster/sdk';

import { startProgram } from '../tools/steps/program.mjs';
import { repeatable, startTcpProxy } from '../tools/steps/tcp-proxy.mjs';
import type { PeerWord } from './soak-peer.ts';
import { callsOf } from './soak/calls.ts';
import { collectorAt, ownCollector } from './soak/collector.ts';
import type { Collector } from './soak/collector.ts';
import { Churn, mediaCodecs, rtpCapabilities, rtpPacket, rtpParameters } from './soak/churn.ts';
import { readNode, readProcess } from './soak/readings.ts';
import type { NodeReading } from './soak/readings.ts';
import { verdictOf } from './soak/verdict.ts';
import type { Reading } from './soak/verdict.ts';

const LEASE_MS = 5_000;
const LANES = 8;
const LIFE_MS = 10_000;
const CUT_EVERY_MS = 4_000;
const MAX_BYTES_TO_CUT = 100_000;
const CYCLE_MS = 60_000;
const REST_WITHIN_MS = 30_000;
const FLOOD_MS = 5_000;
const PACKET_EVERY_MS = 20;
/** Worker, router, transport, producer, consumer. */
const STANDS = { objects: 5, sessions: 2 };

const option = (name: string, otherwise: number) => (process.argv.includes(`--${name}`) ? Number(process.argv[process.argv.indexOf(`--${name}`) + 1]) : otherwise);
const minutes = option('minutes', 20);
const random = repeatable(option('seed', 1));
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
const ownHeap = ownCollector();
let nodeHeap: Promise<Collector> | undefined;
const node = await startProgram({
  node: process.execPath,
  name: 'the node',
  script: path('../media-node/dist/cli/mediasoup-server.js'),
  args: ['--port', '0', '--admin-port', '0', '--log-level', 'error', '--lease-ms', String(LEASE_MS), '--heartbeat-ms', '1000'],
  env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --inspect=127.0.0.1:0` },
  ready: /(ws:\/\/\S+) \(admin (http:\/\/[^)]+)\)/,
  onLine: line => {
    const [inspector] = /ws:\S+/.exec(line) ?? [];
    if (inspector) nodeHeap ??= collectorAt(inspector);
    else if (!/inspector|debugg/i.test(line)) console.error(line);
  },
});
const [, url = '', adminUrl = ''] = node.match;
const proxy = await startTcpProxy(url, { random });
const faults: string[] = [];
const outcomes: Record<string, number> = {};
let lagP99Ms = 0;

const app = await connected('soak', 'own');
const twin = await connected('soak-twin', 'all');
const standing = await stand();
const churn = new Churn({ client: app, random, nodePid: node.pid, tell: outcome => { outcomes[outcome] = (outcomes[outcome] ?? 0) + 1; } });
const peer = { crashes: 0, takeovers: 0, calls: 0, rssKb: 0 };
const startMs = performance.now();
const passedMinutes = () => (performance.now() - startMs) / 60_000;

const flood = await underFlood();
const readings: Reading[] = [];
const cycles = Math.max(4, Math.ceil((minutes * 60_000) / CYCLE_MS));
for (let cycle = 1; cycle <= cycles; cycle += 1) {
  await work((minutes * cycle) / cycles);
  readings.push(await rest());
}
const end = await leave();
const { flat, faults: notFlat, slopes } = verdictOf(readings, STANDS);
faults.push(...notFlat);
print();
await proxy.close();
(await nodeHeap)!.close();
await node.stop();
process.exit(flat && faults.length === 0 ? 0 : 1);

async function connected(clientName: string, scope: 'own' | 'all'): Promise<RemoteMediasoupClient> {
  const client = new RemoteMediasoupClient(proxy.url, { clientName, scope, backoff: { initialMs: 20, maxMs: 500 } });
  client.on('lost', reason => faults.push(`${clientName} took the node for lost: ${reason}`));
  await new Promise<unknown>(resolve => client.once('connected', () => resolve(undefined)));
  return client;
}

/** What lives from the beginning to the end, over every cut: a call in which somebody talks and somebody listens. */
async function stand() {
  const worker = await (app.mediasoup as Mediasoup).createWorker();
  const router = await worker.createRouter({ mediaCodecs });
  const direct = await router.createDirectTransport();
  const producer = await direct.produce({ kind: 'audio', rtpParameters: rtpParameters(1) });
  const consumer = await direct.consume({ producerId: producer.id, rtpCapabilities });
  const packets = { sent: 0, received: 0 };
  consumer.on('rtp', () => { packets.received += 1; });
  const timer = setInterval(() => producer.send(rtpPacket(1, packets.sent += 1)), PACKET_EVERY_MS);
  return { worker, consumer, packets, endTalk: () => clearInterval(timer) };
}

/** Everybody is at it until so many minutes have passed. */
async function work(untilMinutes: number): Promise<void> {
  const isOver = () => passedMinutes() >= untilMinutes;
  await readNode(adminUrl); // the lag is that from here on, without the collection of garbage at rest
  churn.start(LANES);
  await Promise.all([
    // By bytes, so that a cut falls within a frame; where little flows, by time.
    repeat(isOver, CUT_EVERY_MS, () => (random() < 0.8 ? proxy.cutAfter(1 + Math.floor(random() * MAX_BYTES_TO_CUT)) : proxy.cut())),
    repeat(isOver, CUT_EVERY_MS, closeSomething),
    lives(isOver),
  ]);
  proxy.cutAfter(Infinity);
  lagP99Ms = Math.max(lagP99Ms, (await readNode(adminUrl)).lagP99Ms);
  await churn.stop();
}

async function repeat(isOver: () => boolean, everyMs: number, act: () => void): Promise<void> {
  while (!isOver()) {
    await sleep(everyMs * (0.5 + random()));
    act();
  }
}

/** Closes an object of whichever app; never one of what stands. */
function closeSomething(): void {
  const below = (object: MediasoupObject): MediasoupObject[] => [object, ...twin.childrenOf(object).flatMap(below)];
  const objects = [...twin.workers].filter(({ pid }) => pid !== standing.worker.pid).flatMap(worker => below(worker as MediasoupObject));
  objects[Math.floor(random() * objects.length)]?.close();
}

/** App 2: lives for a while, is killed, and is there again at once. */
async function lives(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const life = startPeer('churn', ...(random() < 0.5 ? ['soak-peer'] : []));
    const endMs = performance.now() + LIFE_MS * (0.5 + random());
    while (!isOver() && performance.now() < endMs && life.child.exitCode === null) await sleep(100);
    if (life.child.exitCode !== null) faults.push(`app 2 ended by itself with ${life.child.exitCode}`);
    else peer.rssKb = Math.max(peer.rssKb, readProcess(life.child.pid!).rssKb);
    await kill(life);
  }
}

function startPeer(what: 'churn' | 'flood', ...ownerId: string[]): { child: ChildProcess; word: PeerWord } {
  const child = fork(path('soak-peer.ts'), [what, url, String(Math.floor(random() * 2 ** 31)), ...ownerId], { execArgv: [] });
  const life = { child, word: { found: 0, calls: 0, outcomes: {} } as PeerWord };
  child.on('message', word => { life.word = word as PeerWord; });
  return life;
}

async function kill({ child, word }: { child: ChildProcess; word: PeerWord }): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  peer.crashes += 1;
  peer.calls += word.calls;
  if (word.found > 0) peer.takeovers += 1;
  for (const [outcome, count] of Object.entries(word.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
}

/** One client calls as fast as it can; how long do others wait, and how much behind is the node? */
async function underFlood() {
  const life = startPeer('flood');
  while (life.word.calls === 0) await once(life.child, 'message');
  await readNode(adminUrl); // from here on
  const before = life.word.calls;
  const tookMs: number[] = [];
  const endMs = performance.now() + FLOOD_MS;
  while (performance.now() < endMs) {
    const fromMs = performance.now();
    await standing.worker.getResourceUsage();
    tookMs.push(performance.now() - fromMs);
  }
  const floodedCalls = life.word.calls - before;
  const { lagP99Ms: nodeLagP99Ms } = await readNode(adminUrl);
  await kill(life);
  tookMs.sort((a, b) => a - b);
  return { callsPerSecond: Math.round(floodedCalls / (FLOOD_MS / 1_000)), nodeLagP99Ms: round(nodeLagP99Ms), othersP99Ms: round(tookMs[Math.floor(tookMs.length * 0.99)]!), othersCalls: tookMs.length };
}

/** Waits until the node has what it shall have and nothing is under way; where it does not come, that is read. */
async function settled({ objects, sessions }: { objects: number; sessions: number }): Promise<NodeReading> {
  const endMs = performance.now() + REST_WITHIN_MS;
  for (;;) {
    const reading = await readNode(adminUrl);
    if ((reading.objects === objects && reading.sessions === sessions && pending() === 0) || performance.now() > endMs) return reading;
    await sleep(200);
  }
}

function pending(): number {
  return [app, twin].reduce((sum, client) => sum + (client.inspect().pending?.length ?? 0), 0);
}

async function rest(): Promise<Reading> {
  const reading = await settled(STANDS);
  const [nodeHeapKb, appHeapKb] = await Promise.all([(await nodeHeap)!.collect(), ownHeap.collect()]);
  const read = {
    atMinutes: passedMinutes(),
    node: { ...readProcess(node.pid), ...reading, heapKb: nodeHeapKb },
    app: { ...readProcess(process.pid), heapKb: appHeapKb, pending: pending() },
  };
  const { objects, sessions, rssKb, heapKb, handles } = read.node;
  console.error(`${read.atMinutes.toFixed(1)} min: node ${rssKb} KiB (heap ${heapKb}), ${handles} handles, ${objects} objects, ${sessions} sessions; app ${read.app.rssKb} KiB (heap ${read.app.heapKb}), ${read.app.handles} handles, ${read.app.pending} pending; ${proxy.cuts} cuts, ${peer.crashes} crashes`);
  return read;
}

/** Everything is closed: the node must come to nothing. */
async function leave() {
  standing.endTalk();
  await standing.worker.dump(); // its answer comes behind the last packet
  if (standing.consumer.closed) faults.push('what stood from the beginning was closed by something');
  const { resumes } = app.inspect();
  const calls = callsOf(app) + callsOf(twin) + peer.calls;
  const unanswered = [app, twin].flatMap(({ metrics }) => metrics.calls).filter(({ outcome }) => outcome === 'timeout').reduce((sum, { count }) => sum + count, 0);
  if (unanswered > 0) faults.push(`${unanswered} calls had no answer in time`);
  standing.worker.close();
  app.destroy();
  twin.destroy();
  const { objects, sessions, workers } = await settled({ objects: 0, sessions: 0 });
  if (objects + sessions + workers > 0) faults.push(`in the end there were ${objects} objects, ${sessions} sessions and ${workers} workers`);
  return { resumes, calls, objects, sessions };
}

function print(): void {
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const rss = (who: 'node' | 'app') => ({ startKb: first[who].rssKb, endKb: last[who].rssKb, slopeKbPerMinute: Math.round(slopes[who].rssKb) });
  const heap = (who: 'node' | 'app') => ({ startKb: first[who].heapKb, endKb: last[who].heapKb, slopeKbPerMinute: Math.round(slopes[who].heapKb) });
  console.log(JSON.stringify({
    minutes: round(passedMinutes()),
    cuts: proxy.cuts,
    crashes: peer.crashes,
    takeovers: peer.takeovers,
    calls: end.calls,
    outcomes,
    resumes: end.resumes,
    packets: standing.packets,
    rss: { node: rss('node'), app: rss('app'), peerMaxKb: peer.rssKb },
    heap: { node: heap('node'), app: heap('app') },
    handles: { node: [first.node.handles, last.node.handles], app: [first.app.handles, last.app.handles] },
    pending: Math.max(...readings.map(({ app: { pending: count } }) => count)),
    objects: { atRest: last.node.objects, atEnd: end.objects },
    sessions: { atRest: last.node.sessions, atEnd: end.sessions },
    lagP99Ms: round(lagP99Ms),
    flood,
    flat,
    faults,
  }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
