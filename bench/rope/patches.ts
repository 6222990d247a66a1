import { median } from './figures.ts';
import { Peer, cpuUs } from './run.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { World } from './world.ts';

const PATCHES = 51_200;
const PER_TICK = 64;

/** Scores of consumers, as a node tells them and an app's objects take them, 64 in a tick. */
export async function patches(rounds: number, templates: Templates, keepApart: (peer: Peer) => () => void): Promise<Row[]> {
  const world = await World.of(10_000, templates);
  const client = await world.enter();
  const together = keepApart(world.peer);
  const appUs: number[] = [];
  const nodeUs: number[] = [];
  const perSecond: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const before = client.inspect().received!;
    const [appFrom, nodeFrom, fromMs] = [cpuUs(), await world.peer.cpuUs(), performance.now()];
    await world.peer.ask('scores', { count: PATCHES, perTick: PER_TICK });
    while (client.inspect().received! < before + PATCHES || client.inspect().unhandled! > 0) await new Promise(resolve => setTimeout(resolve, 1));
    if (round < 0) continue;
    perSecond.push(PATCHES / ((performance.now() - fromMs) / 1_000));
    appUs.push((cpuUs() - appFrom) / PATCHES);
    nodeUs.push((await world.peer.cpuUs() - nodeFrom) / PATCHES);
  }
  together();
  client.destroy();
  await world.stop();
  const [app, node] = [median(appUs), median(nodeUs)];
  return [
    { measure: `scores applied by one full core of the app, ${PER_TICK} in a tick`, measured: `${digits(median(perSecond))}/s end to end`, value: 1_000_000 / app, target: { atLeast: 400_000, unit: '/s' } },
    { measure: 'app CPU for one', measured: `${world.objects.toLocaleString('en')} objects`, value: app, target: { atMost: 2.5, unit: 'µs' } },
    { measure: 'node CPU for one', measured: '', value: node, target: { atMost: 2.5, unit: 'µs' } },
  ];
}
