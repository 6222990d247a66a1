import { once } from 'node:events';

import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { Mediasoup } from '@mediacluster/sdk';

import { median, perSecond } from './figures.ts';
import { Peer } from './run.ts';
import { Stage, PRODUCE } from './stage.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';

// What packages do not export, as it is built.
const { checkParams } = await built<{ checkParams(method: string, params: object): void }>('media-node/dist/remote/params.js');
const { isMessage } = await built<{ isMessage(message: unknown): boolean }>('rope/dist/protocol/codec.js');

const TIMES = 20_000;
const CALLS = 1_024;

/** What it costs to look at what a client sends, of what a node takes for its call. */
export async function checking(rounds: number): Promise<Row[]> {
  const params = { transport: 12, options: PRODUCE };
  const text = JSON.stringify({ seq: 1, ack: 1, messages: [{ id: 1, method: 'transport.produce', params }] });
  const { messages: [message] } = JSON.parse(text) as { messages: unknown[] };
  const parseUs: number[] = [];
  const envelopeUs: number[] = [];
  const checkUs: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const [parse, envelope, check] = [each(() => JSON.parse(text)), each(() => isMessage(message)), each(() => checkParams('transport.produce', params))];
    if (round < 0) continue;
    parseUs.push(parse);
    envelopeUs.push(envelope);
    checkUs.push(check);
  }
  const nodeUs = await nodeCpu(rounds);
  return [
    { measure: 'envelope, by hand ÷ JSON.parse', measured: `${digits(median(envelopeUs))} µs, JSON.parse ${digits(median(parseUs))} µs`, value: median(envelopeUs) / median(parseUs), target: { atMost: 0.05 } },
    { measure: 'parameters of produce(), by zod ÷ node CPU of the call', measured: `${digits(median(checkUs))} µs of ${digits(nodeUs)} µs`, value: median(checkUs) / nodeUs, target: { atMost: 0.1 } },
  ];
}

/** In µs of this thread. */
function each(run: () => unknown): number {
  const from = process.threadCpuUsage();
  for (let time = 0; time < TIMES; time += 1) run();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / TIMES;
}

async function nodeCpu(rounds: number): Promise<number> {
  const peer = new Peer('node');
  const { rope } = await peer.ask<{ rope: string }>('urls');
  const client = new RemoteMediasoupClient(rope);
  await once(client as never, 'connected');
  const stage = await Stage.build(client.mediasoup as Mediasoup);
  const us: number[] = [];
  for (let round = -1; round < Math.min(3, rounds); round += 1) {
    const from = await peer.cpuUs();
    await perSecond(CALLS, 256, () => stage.produce());
    if (round >= 0) us.push((await peer.cpuUs() - from) / CALLS);
    await stage.clear();
  }
  client.destroy();
  await peer.stop();
  return median(us);
}

function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../${file}`, import.meta.url).href) as Promise<Module>;
}
