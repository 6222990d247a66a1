import type { Handlers, PipeTransportState, RemoteWebRtcTransportOptions, WebRtcTransportState, routerMethods } from '@mediacluster/rope/contract';
import type { PipeTransportOptions, Router, WebRtcServer, WebRtcTransportOptions } from 'mediasoup/types';

import { listenPipe, listenWebRtc } from './listen.ts';
import type { NodeContext } from './node-host.ts';
import { publish } from './publish.ts';

const find = ({ objects }: NodeContext, router: number): Router => objects.get<Router>('router', router);

export const routerHandlers: Handlers<typeof routerMethods, NodeContext> = {
  'router.dump': ({ router }, context) => find(context, router).dump(),
  'router.createWebRtcTransport': async ({ router, options, webRtcServer }, context) => {
    const entity = find(context, router);
    const server = webRtcServer === undefined ? undefined : context.objects.get<WebRtcServer>('webRtcServer', webRtcServer);
    const transport = await entity.createWebRtcTransport(server ? on(server, options) : listening(entity, options, context));
    return publish<WebRtcTransportState>(context.objects, 'webRtcTransport', transport, router);
  },
  'router.createPipeTransport': async ({ router, options }, context) => {
    const transport = await find(context, router).createPipeTransport(listenPipe(options ?? {}, context.host.listen) as PipeTransportOptions);
    return publish<PipeTransportState>(context.objects, 'pipeTransport', transport, router);
  },
  'router.close': ({ router }, context) => find(context, router).close(),
};

function listening(router: Router, options: RemoteWebRtcTransportOptions, { host }: NodeContext): WebRtcTransportOptions {
  const plan = listenWebRtc(options ?? {}, host.listen);
  if (plan.on === 'options') return plan.options as WebRtcTransportOptions;
  if (plan.overruled) host.log('listenOverruled', { routerId: router.id, why: 'only the reserved ports are reachable (--fixed-ports)' });
  const worker = host.workerOf.get(router);
  const webRtcServer = worker && host.ownServers.get(worker);
  if (!webRtcServer) throw new Error(`router ${router.id} has no WebRtcServer of its worker's own`);
  return on(webRtcServer, plan.options);
}

/** mediasoup's type allows no other way to listen beside a server; at run time it is mediasoup that says so. */
function on(webRtcServer: WebRtcServer, options: RemoteWebRtcTransportOptions): WebRtcTransportOptions {
  return { ...options, webRtcServer } as WebRtcTransportOptions;
}
