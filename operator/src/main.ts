#!/usr/bin/env node
import { connectKube } from '@mediacluster/kube';
import { pino } from 'pino';

import { helpText, readConfig } from './config.ts';
import type { Config } from './config.ts';
import { startOperator } from './operator.ts';

/** Less than the 30 s after which Kubernetes kills; what is cut off is taken up by the next operator. */
const STOP_WITHIN_MS = 10_000;

async function run(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const kube = connectKube({ userAgent: 'mediacluster-operator' });
  const operator = await startOperator(config, { kube, log });
  log.info({ port: operator.port, watches: config.watchNamespace ?? 'all namespaces', nodeImage: config.nodeImage }, 'started');

  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (++signals > 1) process.exit(1); // whoever asks twice means it
    log.info({ signal }, 'stopping; media goes on');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    operator.stop().then(() => log.info('stopped'), (error: unknown) => {
      log.error({ error }, 'stopping failed');
      process.exit(1);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config === 'help') process.stdout.write(helpText());
  else await run(config);
}

main().catch((error: unknown) => {
  process.stderr.write(`mediacluster-operator: ${(error as Error).message}\n`);
  process.exit(1);
});
