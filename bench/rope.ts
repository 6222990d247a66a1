/**
 * A call over ROPE beside a bare `ws` echo of the same bytes: two processes, loopback, one after the other in each
 * round, so that what else the machine does hits both. Prints medians over the rounds; the ratios are the result.
 *
 *     npm run bench -- rope [--rounds 15] [--pin]
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

import { RopeClient } from '@mediacluster/rope';
import { WebSocket } from 'ws';

import { ANSWERS, benchMethods } from './rope-peer.ts';
import type { AnswerName } from './rope-peer.ts';

const LATENCY_CALLS = 1_000;
const RATE_CALLS = 10_000;
const OUTSTANDING = 64;

/** One way of asking the peer. */
interface Way {
  readonly name: string;
  call(answer: AnswerName): Promise<unknown>;
}
interface Figures {
  p50Us: number;
  p99Us: number;
  perSecond: number;
}

const nobody = () => {};
const flag = (name: string) => process.argv.includes(`--${name}`);
const option = (name: string, otherwise: number) => (flag(name) ? Number(process.argv[process.argv.indexOf(`--${name}`) + 1]) : otherwise);
const rounds = option('rounds', 15);

const peer = fork(fileURLToPath(new URL('rope-peer.ts', import.meta.url)));
if (flag('pin')) {
  // The scheduler's moods aside: one core for each side.
  execFileSync('taskset', ['-cp', '0', String(process.pid)]);
  execFileSync('taskset', ['-cp', '1', String(peer.pid)]);
}
const [{ ropeUrl, echoUrl }] = (await once(peer, 'message')) as [{ ropeUrl: string; echoUrl: string }];

const ways: Way[] = [await bareEcho(echoUrl), await ropeCall(ropeUrl)];
const results = new Map<string, Figures[]>();
for (let round = -1; round < rounds; round += 1) {
  for (const answer of Object.keys(ANSWERS) as AnswerName[]) {
    for (const way of ways) {
      const figures = { ...(await latency(way, answer)), perSecond: await rate(way, answer) };
      const key = `${answer} ${way.name}`;
      // The first round warms both up.
      if (round >= 0) results.set(key, [...(results.get(key) ?? []), figures]);
    }
  }
}
print();
peer.disconnect();
process.exit();

async function latency(way: Way, answer: AnswerName): Promise<{ p50Us: number; p99Us: number }> {
  const took: number[] = [];
  for (let call = 0; call < LATENCY_CALLS; call += 1) {
    const from = performance.now();
    await way.call(answer);
    took.push((performance.now() - from) * 1_000);
  }
  took.sort((a, b) => a - b);
  return { p50Us: took[Math.floor(took.length * 0.5)]!, p99Us: took[Math.floor(took.length * 0.99)]! };
}

async function rate(way: Way, answer: AnswerName): Promise<number> {
  let left = RATE_CALLS;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await way.call(answer);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: OUTSTANDING }, caller));
  return RATE_CALLS / ((performance.now() - from) / 1_000);
}

async function bareEcho(url: string): Promise<Way> {
  const calls = new Map<AnswerName, () => Promise<unknown>>();
  for (const answer of Object.keys(ANSWERS) as AnswerName[]) {
    const socket = new WebSocket(`${url}/${encodeURI(answer)}`, { perMessageDeflate: false });
    await once(socket, 'open');
    const waiting: ((answer: unknown) => void)[] = [];
    socket.on('message', data => waiting.shift()!(data));
    const text = requestText(answer);
    calls.set(answer, () => new Promise(resolve => {
      waiting.push(resolve);
      socket.send(text);
    }));
  }
  return { name: 'bare ws echo', call: answer => calls.get(answer)!() };
}

/** As long as the frame of such a call is. */
function requestText(answer: AnswerName): string {
  return JSON.stringify({ seq: 1_000, ack: 1_000, messages: [{ id: 1_000, method: 'bench.ask', params: { answer } }] });
}

async function ropeCall(url: string): Promise<Way> {
  const client = new RopeClient({
    url, WebSocket, methods: benchMethods,
    host: { created: nobody, patched: nobody, event: nobody, closed: nobody, lost: nobody, left: nobody },
  });
  client.open();
  await once(client as never, 'connected');
  return { name: 'rope call', call: answer => client.request('bench.ask', { answer }) };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function print(): void {
  console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${rounds} rounds${flag('pin') ? ', pinned' : ''}`);
  console.log(`${'answer'.padEnd(22)}${'p50 µs'.padStart(10)}${'p99 µs'.padStart(10)}${`1/s, ${OUTSTANDING}`.padStart(12)}`);
  for (const answer of Object.keys(ANSWERS) as AnswerName[]) {
    for (const { name } of ways) {
      const figures = results.get(`${answer} ${name}`)!;
      const of = (key: keyof Figures) => Math.round(median(figures.map(figure => figure[key]))).toLocaleString('en');
      console.log(`${`${answer} ${name}`.padEnd(22)}${of('p50Us').padStart(10)}${of('p99Us').padStart(10)}${of('perSecond').padStart(12)}`);
    }
    const [bare, rope] = ways.map(({ name }) => results.get(`${answer} ${name}`)!);
    const ratio = (key: keyof Figures) => median(rope!.map((figure, round) => figure[key] / bare![round]![key])).toFixed(2);
    console.log(`${`${answer} rope ÷ bare`.padEnd(22)}${ratio('p50Us').padStart(10)}${ratio('p99Us').padStart(10)}${ratio('perSecond').padStart(12)}`);
  }
}
