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
import { rates } from './rope/rates.ts';
import { Peer, free, pin, readRun } from './rope/run.ts';
import { format, markdown } from './rope/table.ts';
import type { Row, Section } from './rope/table.ts';
import { connectAll } from './rope/ways.ts';

const run = readRun(process.argv.slice(2), 9);
const sections: Section[] = [];

const rivals = new Peer('rivals');
const ways = await connectAll(await rivals.ask<RivalUrls>('urls'));
await section('calls', true, [rivals.pid], () => calls(ways, run.rounds));
await section('rates', true, [rivals.pid], () => rates(ways, run.rounds));
ways.close();
await rivals.stop();

console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${run.rounds} rounds`);
console.log(process.argv.includes('--markdown') ? markdown(sections) : format(sections));
process.exit();

async function section(name: string, pinned: boolean, others: readonly number[], measure: () => Promise<Row[]>): Promise<void> {
  if (run.only !== undefined && !name.startsWith(run.only)) return;
  process.stderr.write(`${name} …\n`);
  const isPinned = run.pin ?? pinned;
  if (isPinned) pin(others);
  sections.push({ name, rows: await measure() });
  if (isPinned) free(others);
}
