#!/usr/bin/env node
import { pino } from 'pino';

import { local } from '../manager/local.ts';
import { helpText, readConfig } from '../node/config.ts';
import { stopOnSignal } from '../node/shutdown.ts';
import { startNode } from './start-node.ts';

try {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config === 'help') {
    process.stdout.write(helpText('mediasoup-server'));
  } else {
    const log = pino({ level: config.logLevel, base: { node: config.nodeName } }, pino.destination({ fd: 2, sync: true }));
    const node = await startNode(local(), config, log);
    stopOnSignal(node, { onError: error => log.error(error) });
    // The one line on standard output: who starts this process reads the address from it.
    process.stdout.write(`mediasoup-server ${config.nodeName} serves ${node.url} (admin ${node.adminUrl})\n`);
  }
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.stderr.write(`mediasoup-server: ${message}${code ? ` [${code}]` : ''}\n`);
  process.exitCode = 1;
}
