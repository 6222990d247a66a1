import { median } from './figures.ts';
import { collectGarbage } from './garbage.ts';
import { digits } from './table.ts';
import type { Row } from './table.ts';
import type { Templates } from './templates.ts';
import { World } from './world.ts';

/** Measured once, with mediasoup 3.27.1 (docs/speed.md). */
const MEDIASOUPS_OWN_BYTES = 4_720;

/** What a Consumer weighs in an app whose media is elsewhere. */
export async function heap(templates: Templates): Promise<Row[]> {
  const plan = { templates, transports: 10, producers: 2 };
  const [few, many] = [await World.made({ ...plan, consumers: 100 }), await World.made({ ...plan, consumers: 1_100 })];
  const bytes: number[] = [];
  for (let time = 0; time < 3; time += 1) bytes.push((await weigh(many) - await weigh(few)) / (many.objects - few.objects));
  await Promise.all([few.stop(), many.stop()]);
  return [{ measure: 'heap of a replicated Consumer', measured: `mediasoup's own: ${digits(MEDIASOUPS_OWN_BYTES)} B`, value: median(bytes), target: { atMost: 1_000, unit: 'B' } }];
}

async function weigh(world: World): Promise<number> {
  const before = await heapUsed();
  const client = await world.enter();
  const bytes = await heapUsed() - before;
  client.destroy();
  return bytes;
}

async function heapUsed(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}
