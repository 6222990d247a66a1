import { once } from 'node:events';

import { local } from '@mediacluster/media-node';
import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';

import { interleave, median, p50Us, perSecond, ratio } from './figures.ts';
import type { Series } from './figures.ts';
import { Peer, cpuUs, free, pin } from './run.ts';
import { Stage } from './stage.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import { bareEcho } from './ways.ts';

const AT_ONCE = 256;
// An app that runs has made thousands of calls, and V8's last compiler is done with them after as many (measured: a lone
// createWebRtcTransport() falls from 446 to 198 µs).
const WARM_CALLS = 6_000;
const WARM_ROUNDS = 4;

type Call = 'dump' | 'getStats' | 'pauseOrResume' | 'createWebRtcTransport' | 'produce' | 'consume';

interface Wish {
  readonly title: string;
  readonly calls: number;
  readonly rateCalls: number;
  readonly added: number;
  /** Not for calls that cannot be made at once. */
  readonly rate?: number;
}

const CALLS: Readonly<Record<Call, Wish>> = {
  dump: { title: 'router.dump()', calls: 150, rateCalls: 4_000, added: 1.4, rate: 0.6 },
  getStats: { title: 'transport.getStats()', calls: 150, rateCalls: 4_000, added: 1.4, rate: 0.6 },
  pauseOrResume: { title: 'producer.pause()/resume()', calls: 150, rateCalls: 0, added: 1.4 },
  createWebRtcTransport: { title: 'createWebRtcTransport()', calls: 100, rateCalls: 1_024, added: 2, rate: 0.5 },
  produce: { title: 'produce()', calls: 100, rateCalls: 1_024, added: 2, rate: 0.5 },
  consume: { title: 'consume()', calls: 100, rateCalls: 1_024, added: 2.5, rate: 0.7 },
};

interface Rated {
  readonly perSecond: number[];
  readonly appUs: number[];
  readonly nodeUs: number[];
}

/** The same calls to a mediasoup in this process, and to one in a media node. `pinned`: what a caller waits, with a core for each side. */
export async function overLocal(rounds: number, pinned: boolean): Promise<Row[]> {
  const peer = new Peer('node');
  const urls = await peer.ask<{ rope: string; echo: string }>('urls');
  const client = new RemoteMediasoupClient(urls.rope);
  await once(client as never, 'connected');
  const echo = await bareEcho(urls.echo, 'small');
  const manager = local();
  await once(manager as never, 'mediasoup');
  const here = await Stage.build(manager.mediasoup as Mediasoup);
  const there = await Stage.build(client.mediasoup as Mediasoup);
  const others = [peer.pid, here.workerPid, there.workerPid];

  // First, since it leaves the compilers of both sides with nothing to do.
  const rates = await throughput(Math.max(2, Math.ceil(rounds / 2)), here, there, peer);
  if (pinned) pin(others);
  const rows = [...await latencies(rounds, here, there, echo.ask), ...rates];
  if (pinned) free(others);

  here.close();
  there.close();
  echo.close();
  client.destroy();
  await peer.stop();
  return rows;
}

async function latencies(rounds: number, here: Stage, there: Stage, ask: () => Promise<unknown>): Promise<Row[]> {
  const measures = Object.fromEntries((Object.keys(CALLS) as Call[]).flatMap(call => [
    [`${call} here`, () => p50(here, call)],
    [`${call} there`, () => p50(there, call)],
    // Beside each: the echo's own time changes with the machine's mood.
    [`${call} echo`, () => p50Us(300, ask)],
  ]));
  for (const stage of [here, there]) {
    for (const call of Object.keys(CALLS) as Call[]) for (let made = 0; made < WARM_CALLS; made += CALLS[call].calls) await p50(stage, call);
  }
  const us = await interleave<string>(rounds, measures);
  return (Object.keys(CALLS) as Call[]).map(call => {
    const [local, remote, echo] = [us[`${call} here`]!, us[`${call} there`]!, us[`${call} echo`]!];
    return {
      measure: `${CALLS[call].title}: added ÷ bare echo`,
      measured: `local ${digits(median(local))} µs, remote ${digits(median(remote))} µs, bare echo ${digits(median(echo))} µs`,
      value: ratio(remote.map((value, round) => value - local[round]!), echo),
      target: { atMost: CALLS[call].added },
    };
  });
}

async function p50(stage: Stage, call: Call): Promise<number> {
  const us = await p50Us(CALLS[call].calls, () => stage[call]());
  await stage.clear();
  return us;
}

async function throughput(rounds: number, here: Stage, there: Stage, peer: Peer): Promise<Row[]> {
  const calls = (Object.keys(CALLS) as Call[]).filter(call => CALLS[call].rate !== undefined);
  const fresh = (): Rated => ({ perSecond: [], appUs: [], nodeUs: [] });
  const rated = Object.fromEntries(calls.map(call => [call, { local: fresh(), remote: fresh() }])) as Record<Call, { local: Rated; remote: Rated }>;
  for (let round = -WARM_ROUNDS; round < rounds; round += 1) {
    for (const call of calls) {
      for (const [stage, into] of [[here, rated[call].local], [there, rated[call].remote]] as const) {
        const { rateCalls } = CALLS[call];
        const nodeFrom = await peer.cpuUs();
        const from = cpuUs();
        const rate = await perSecond(rateCalls, AT_ONCE, () => stage[call]());
        const appUs = (cpuUs() - from) / rateCalls;
        const nodeUs = (await peer.cpuUs() - nodeFrom) / rateCalls;
        await stage.clear();
        if (round < 0) continue;
        into.perSecond.push(rate);
        into.appUs.push(appUs);
        into.nodeUs.push(nodeUs);
      }
    }
  }
  const rows = (measure: (wish: Wish) => string, key: keyof Rated, unit: string, target: (wish: Wish) => Row['target'], localKey: keyof Rated = key): Row[] => calls.map(call => {
    const [local, remote]: [Series, Series] = [rated[call].local[localKey], rated[call].remote[key]];
    return { measure: measure(CALLS[call]), measured: `local ${digits(median(local))} ${unit}, remote ${digits(median(remote))} ${unit}`, value: ratio(remote, local), target: target(CALLS[call]) };
  });
  return [
    ...rows(({ title }) => `${title}, ${AT_ONCE} in flight: calls/s ÷ local`, 'perSecond', '/s', ({ rate }) => ({ atLeast: rate! })),
    ...rows(({ title }) => `${title}: app CPU ÷ local`, 'appUs', 'µs', () => ({ atMost: 0.4 })),
    ...rows(({ title }) => `${title}: node CPU ÷ local`, 'nodeUs', 'µs', () => ({ atMost: 1.6 }), 'appUs'),
  ];
}
