import { median } from './figures.ts';
import { collectGarbage } from './garbage.ts';
import type { Peer } from './run.ts';
import { cpuUs } from './run.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { watchedSocket } from './watched-socket.ts';
import { World } from './world.ts';

/** What an app is sent when it comes in. */
export async function snapshot(rounds: number, templates: Templates, keepApart: (peer: Peer) => () => void): Promise<Row[]> {
  const world = await World.of(10_000, templates);
  const together = keepApart(world.peer);
  const { Socket, watch } = watchedSocket();
  const [appUs, nodeUs, tookMs, bytes]: number[][] = [[], [], [], []];
  for (let round = -1; round < rounds; round += 1) {
    const [appFrom, nodeFrom, fromMs] = [cpuUs(), await world.peer.cpuUs(), performance.now()];
    const client = await world.enter({ WebSocket: Socket });
    if (round >= 0) {
      tookMs!.push(performance.now() - fromMs);
      appUs!.push((cpuUs() - appFrom) / world.objects);
      nodeUs!.push((await world.peer.cpuUs() - nodeFrom) / world.objects);
      bytes!.push(client.inspect().bytesReceived! / world.objects);
    }
    client.destroy();
  }
  together();
  await world.stop();
  const [app, node] = [median(appUs!), median(nodeUs!)];
  const large = await longest(templates, keepApart);
  return [
    { measure: 'snapshot, bytes of one object', measured: `${world.objects.toLocaleString('en')} objects`, value: median(bytes!), target: { atMost: 1_650, unit: 'B' } },
    { measure: 'build + parse + apply of one object', measured: `CPU: node ${digits(node)} µs, app ${digits(app)} µs; all in ${digits(median(tookMs!))} ms`, value: app + node, target: { atMost: 20, unit: 'µs' } },
    { measure: 'largest frame', measured: '', value: watch.largestFrame / 1_024, target: { atMost: 256, unit: 'KiB' } },
    { measure: 'longest task of the app', measured: `${large.objects.toLocaleString('en')} objects in ${digits(large.tookMs)} ms; the next longest ${digits(large.nextMs)} ms`, value: large.longestMs, target: { atMost: 5, unit: 'ms' } },
  ];
}

/** How long an app with 100,000 objects to come has no turn for anything else. */
async function longest(templates: Templates, keepApart: (peer: Peer) => () => void): Promise<{ objects: number; longestMs: number; nextMs: number; tookMs: number }> {
  const world = await World.of(100_000, templates);
  const together = keepApart(world.peer);
  await collectGarbage();
  const turns = new Turns();
  const fromMs = performance.now();
  const client = await world.enter();
  const tookMs = performance.now() - fromMs;
  const tookTurns = turns.stop();
  together();
  client.destroy();
  await world.stop();
  tookTurns.sort((a, b) => a - b);
  return { objects: world.objects, longestMs: tookTurns.at(-1)!, nextMs: tookTurns.at(-2)!, tookMs };
}

/** What each turn of the event loop takes of the processor: a turn in which others had the core is not this process's fault. */
class Turns {
  readonly #ms: number[] = [];
  #running = true;

  constructor() {
    let last = threadMs();
    const turn = () => {
      const now = threadMs();
      this.#ms.push(now - last);
      last = now;
      if (this.#running) setImmediate(turn);
    };
    setImmediate(turn);
  }

  stop(): number[] {
    this.#running = false;
    return [...this.#ms];
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
