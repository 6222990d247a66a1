// npm run smoke [-- URL]: two headless browsers make a call through a running `npm start`, and one JSON line tells what arrived.
import { fileURLToPath } from 'node:url';
import { provideChromium } from './steps/chromium.mjs';
import { dependenciesAreThere } from './steps/dependencies.mjs';
import { StepError, fail } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const USAGE = `Two headless browsers make a call through a running npm start; prints one JSON line, and ends with 0 when all arrived.

  npm run smoke [-- URL]

  URL             where the call is (default: http://localhost:$PORT, or port 3000)
  CHROMIUM_PATH   the browser, where it is not on the PATH`;

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(args) {
  if (args.includes('--help')) return console.log(USAGE);
  const url = args[0] ?? `http://localhost:${process.env.PORT || 3000}`;
  if (!URL.canParse(url)) throw new StepError(`"${url}" is not a URL.`, { remedy: USAGE });
  if (!dependenciesAreThere(root)) throw new StepError('Nothing is installed here yet.', { remedy: 'Run  npm start  in another terminal first.' });
  const { path: executablePath, reason } = await provideChromium({ log: terminalLog() });
  if (!executablePath) throw new StepError(reason);
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok) throw new StepError(`Nobody answers at ${url}.`, { remedy: 'Run  npm start  in another terminal first, or name the URL that it printed.' });

  const result = await call(url, executablePath);
  console.log(JSON.stringify(result));
  if (result.faults.length > 0) process.exitCode = 1;
}

/** Two people in a room of their own, each in a browser of their own. */
async function call(url, executablePath) {
  const { faultsOf, launchBrowser, openCall } = await import('../e2e/peers/call-page.mjs');
  const room = `smoke-${process.pid}`;
  const origins = [new URL(url).origin];
  const browsers = await Promise.all([launchBrowser({ executablePath, origins }), launchBrowser({ executablePath, origins })]);
  try {
    const [a, b] = await Promise.all([
      openCall(browsers[0], url, { name: 'Ada', room, mark: 'red' }),
      openCall(browsers[1], url, { name: 'Blaise', room, mark: 'blue' }),
    ]);
    await Promise.all([a.untilMedia(), b.untilMedia()]);
    await a.say('from Ada');
    await b.say('from Blaise');
    await Promise.all([b.untilChat('from Ada'), a.untilChat('from Blaise')]);
    const [atA, atB] = await Promise.all([a.watch(), b.watch()]);
    const faults = [
      ...faultsOf(atA, { from: { Blaise: 'blue' } }).map(fault => `Ada: ${fault}`),
      ...faultsOf(atB, { from: { Ada: 'red' } }).map(fault => `Blaise: ${fault}`),
      ...[a, b].flatMap(page => page.errors.map(error => `${page.name}: the page says ${error}`)),
    ];
    return {
      framesDecoded: Math.min(atA.framesDecoded, atB.framesDecoded),
      audioEnergy: Math.min(atA.audioEnergy, atB.audioEnergy),
      pixelChanges: Math.min(...[atA, atB].map(({ people }) => people[0]?.changes ?? 0)),
      chat: true,
      nodes: [atA.node, atB.node],
      windowMs: atA.windowMs,
      faults,
    };
  } finally {
    await Promise.all(browsers.map(browser => browser.close()));
  }
}

main(process.argv.slice(2)).catch(fail);
