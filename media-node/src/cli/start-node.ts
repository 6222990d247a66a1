import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { once } from 'node:events';

import type { MediasoupManager } from '@mediacluster/sdk';
import type { Worker } from 'mediasoup/types';

import { authentication } from '../auth/authentication.ts';
import { createTlsServer } from '../auth/tls.ts';
import { AdminServer, json, listenOn } from '../node/admin-server.ts';
import { isLoopback } from '../node/config.ts';
import type { Config } from '../node/config.ts';
import { HealthState } from '../node/health.ts';
import { Metrics } from '../node/metrics.ts';
import type { Stoppable } from '../node/shutdown.ts';
import { ropeMetricSources } from '../remote/metrics.ts';
import { RemoteServer } from '../remote/remote-server.ts';

/** How long closed workers have to end their processes: they take a few ms on an idle machine. */
const WORKER_END_MS = 3_000;

/** A running node. */
export interface MediaNode extends Stoppable {
  /** `ws://host:port`, or `wss:` with TLS: what an app connects to. */
  readonly url: string;
  readonly adminUrl: string;
  readonly remote: RemoteServer;
}

/** Where a node writes what happened. */
export interface NodeLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
}

/**
 * Serves a manager as the configuration says: ROPE on one port, health, metrics and status on another.
 *
 * @throws ListenError when a port is taken, ConfigError when a file of tokens or certificates cannot be used; nothing is left running then
 */
export async function startNode(manager: MediasoupManager, config: Config, log: NodeLog): Promise<MediaNode> {
  const node = { id: config.nodeId, name: config.nodeName, epoch: randomUUID() };
  const health = new HealthState();
  const { kinds, authenticate, close: closeAuthentication } = await authentication(config, log);
  const remote = new RemoteServer({
    authenticate,
    manager,
    node,
    listen: {
      announcedAddress: config.announcedAddress,
      pipeAddress: config.pipeAddress,
      webRtcServer: config.webrtcServer,
      fixedPorts: config.fixedPorts,
      ...(config.rtcPorts ? { rtcPorts: config.rtcPorts } : {}),
      ...(config.pipePorts ? { pipePorts: config.pipePorts } : {}),
    },
    maxWorkers: config.maxWorkers,
    allowWorkerBin: config.allowWorkerBin,
    leaseMs: config.leaseMs,
    heartbeatMs: config.heartbeatMs,
    maxMessageBytes: config.maxMessageBytes,
    log: (event, fields) => log.info(fields, event),
  });
  const metrics = new Metrics([
    { name: 'mediacluster_node_workers', help: 'mediasoup workers', read: () => remote.workerCount },
    { name: 'mediacluster_node_sessions', help: 'ROPE sessions of apps', read: () => remote.sessionCount },
    { name: 'mediacluster_node_objects', help: 'mediasoup objects by class', label: 'class', read: () => remote.objectCounts() },
    ...ropeMetricSources(() => remote.metrics),
  ]);
  const admin = new AdminServer({
    '/livez': () => health.livez(),
    '/readyz': () => health.readyz(),
    '/metrics': () => metrics.answer(),
    '/status': () => json(200, {
      node,
      health: health.health,
      mediasoupVersion: manager.mediasoup?.version,
      addresses: { announced: config.announcedAddress, pipe: config.pipeAddress },
      sessions: remote.sessionCount,
      maxWorkers: Number.isFinite(config.maxWorkers) ? config.maxWorkers : null,
      workers: remote.status(),
    }),
  });
  const noWebSocket: RequestListener = (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' }).end('this port speaks ROPE over a WebSocket\n');
  };
  const front = config.tls
    ? createTlsServer(config.tls, noWebSocket, error => log.warn({ files: config.tls, why: error.message }, 'certificatesNotRead'))
    : createServer(noWebSocket);
  remote.attach(front);

  const adminPort = await admin.listen(config.adminPort, config.adminHost);
  let port: number;
  try {
    port = await listenOn(front, config.port, config.host, '--port');
  } catch (error) {
    await admin.close();
    throw error;
  }
  health.ready();
  const url = `${config.tls ? 'wss' : 'ws'}://${bracketed(config.host)}:${port}`;
  const adminUrl = `http://${bracketed(config.adminHost)}:${adminPort}`;
  log.info({ node: node.name, url, adminUrl, webrtcServer: config.webrtcServer, announcedAddress: config.announcedAddress, pipeAddress: config.pipeAddress, authentication: kinds }, 'ready');
  if (!authenticate) {
    const open = { host: config.host, why: 'whoever reaches the port may use this node: see --auth-token-file, --auth-kubernetes, --tls-client-ca' };
    if (isLoopback(config.host)) log.info(open, 'noAuthentication');
    else log.warn(open, 'noAuthentication');
  }

  // Closing a worker is a word to its process: until that has ended, it would be an orphan of ours.
  const processes = new Set<Worker>();
  const onWorker = (worker: Worker): void => {
    processes.add(worker);
    worker.once('subprocessclose', () => processes.delete(worker));
  };
  manager.mediasoup?.observer.on('newworker', onWorker);

  let stopped: Promise<void> | undefined;
  return {
    url,
    adminUrl,
    remote,
    stop(reason) {
      return (stopped ??= (async () => {
        log.info({ reason, workers: remote.workerCount, sessions: remote.sessionCount }, 'stopping');
        health.stopping();
        const closed = once(front, 'close');
        front.close();
        await remote.goodbye(reason);
        await remote.close();
        front.closeAllConnections();
        manager.mediasoup?.observer.off('newworker', onWorker);
        const signal = AbortSignal.timeout(WORKER_END_MS);
        // One that does not end in time is left to whoever ends this process.
        await Promise.allSettled([...processes].filter(({ closed }) => closed).map(worker => once(worker, 'subprocessclose', { signal })));
        await manager.destroy();
        await Promise.all([closed, admin.close(), closeAuthentication()]);
        log.info({}, 'stopped');
      })());
    },
  };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
