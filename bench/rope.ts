/**
 * The figures of ROPE, each beside what it is held against, as one table: medians over the rounds, ratios round by round.
 *
 *     npm run bench -- rope [--rounds 9] [--only rates] [--pin | --no-pin] [--markdown]
 *
 * What is compared runs one after the other in each round, so that what else the machine does hits all of it. Where it says so, this
 * process has one core and the others the other; `--pin` does that for all, `--no-pin` for none. Exit code 0 also when something is
 * short: the verdict is in the table.
 */
import { cpus } from 'node:os';

import type { RivalUrls } from './rope/answers.ts';
import { calls } from './rope/calls.ts';
import { checking } from './rope/checking.ts';
import { perSecond } from './rope/figures.ts';
import { heap } from './rope/heap.ts';
import { idle } from './rope/idle.ts';
import { media } from './rope/media.ts';
import { overLocal } from './rope/over-local.ts';
import { patches } from './rope/patches.ts';
import { rates } from './rope/rates.ts';
import { resume } from './rope/resume.ts';
import { Peer, free, pin, readRun } from './rope/run.ts';
import { snapshot } from './rope/snapshot.ts';
import { format, markdown } from './rope/table.ts';
import type { Row, Section } from './rope/table.ts';
import { readTemplates } from './rope/templates.ts';
import { connectAll } from './rope/ways.ts';
import type { Ways } from './rope/ways.ts';

const WARM_CALLS = 10_000;
const run = readRun(process.argv.slice(2), 9);
const sections: Section[] = [];

const { rounds } = run;
const started = performance.now();
const templates = await readTemplates();
await section('calls', () => withRivals(ways => calls(ways, rounds)));
await section('rates', () => withRivals(ways => rates(ways, rounds)));
await section('over local mediasoup', () => overLocal(rounds, run.pin ?? true));
await section('patches', () => patches(rounds, templates, apart));
await section('snapshot', () => snapshot(rounds, templates, apart));
await section('resume', () => resume(rounds, templates));
await section('heap', () => heap(templates));
await section('media', () => media(rounds, templates, apart));
await section('idle', () => idle(templates));
await section('checking', () => checking(rounds));

console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${rounds} rounds, ${Math.round((performance.now() - started) / 1_000)} s`);
console.log(process.argv.includes('--markdown') ? markdown(sections) : format(sections));
process.exit();

async function section(name: string, measure: () => Promise<Row[]>): Promise<void> {
  if (run.only !== undefined && !name.startsWith(run.only)) return;
  process.stderr.write(`${name} …\n`);
  sections.push({ name, rows: await measure() });
}

async function withRivals(measure: (ways: Ways) => Promise<Row[]>): Promise<Row[]> {
  const rivals = new Peer('rivals');
  const ways = await connectAll(await rivals.ask<RivalUrls>('urls'));
  const together = apart(rivals);
  // Until the compilers of both sides have nothing left to do.
  for (const ask of [ways.rope, ways.echo, ways.socketIo, ways.capnweb]) await perSecond(WARM_CALLS, 32, () => ask('small'));
  for (const ask of [ways.rope, ways.echo, ways.socketIo]) await perSecond(WARM_CALLS / 2, 1, () => ask('small'));
  const rows = await measure(ways);
  together();
  ways.close();
  await rivals.stop();
  return rows;
}

/** A core for each, until the returned function is called. */
function apart({ pid }: Peer): () => void {
  if (!(run.pin ?? true)) return () => {};
  pin([pid]);
  return () => free([pid]);
}
