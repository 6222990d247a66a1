import { duration } from '../worker/progress.mjs';

const TICK_MS = 1_000;
// Nobody needs to hear of a step that was over before they could read its line.
const WORTH_TELLING_MS = 1_500;

/** What stopped a command: said to the person in one line or two, without a stack. */
export class StepError extends Error {
  constructor(message, { remedy, cause } = {}) {
    super(remedy ? `${message}\n${remedy}` : message, { cause });
    this.name = 'StepError';
  }
}

/**
 * Runs one long step of a command: says what it does and how long that may take, keeps telling that it is at it, and
 * says how long it took. `work` gets a function for saying where it is ("compiling 12 of 300").
 */
export async function step(log, { title, takes }, work) {
  const startMs = performance.now();
  const passedMs = () => performance.now() - startMs;
  let where = '';
  log(takes ? `${title} (${takes}) …` : `${title} …`);
  const show = () => log.update(`  ${duration(passedMs())}${where && `: ${where}`}`);
  const ticking = setInterval(show, TICK_MS);
  try {
    const result = await work(text => {
      where = text;
    });
    if (passedMs() > WORTH_TELLING_MS) log(`  done in ${duration(passedMs())}`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}

/** Ends a command: what a person can mend is told in its own words, everything else with its stack. Never throws. */
export function fail(error, stream = process.stderr) {
  const known = error instanceof StepError || typeof error?.remedy === 'string';
  stream.write(`\n${known ? error.message : (error?.stack ?? error)}\n`);
  process.exitCode = 1;
}
