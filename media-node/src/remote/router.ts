import type {
  ActiveSpeakerObserverState, AudioLevelObserverState, DirectTransportState, Handlers, PipeTransportState, PlainTransportState,
  RemoteWebRtcTransportOptions, WebRtcTransportState, routerMethods,
} from '@mediacluster/rope/contract';
import type { PipeTransportOptions, PlainTransportOptions, Router, WebRtcServer, WebRtcTransportOptions, Worker } from 'mediasoup/types';

import { listenPipe, listenPlain, listenWebRtc } from './listen.ts';
import type { NodeContext } from './node-host.ts';
import { publish } from './publish.ts';

const find = ({ objects }: NodeContext, router: number): Router => objects.get<Router>('router', router);

export const routerHandlers: Handlers<typeof routerMethods, NodeContext> = {
  'router.dump': ({ router }, context) => find(context, router).dump(),
  'router.createWebRtcTransport': async ({ router, options, webRtcServer, appData }, context) => {
    const entity = find(context, router);
    const server = webRtcServer === undefined ? undefined : context.objects.get<WebRtcServer>('webRtcServer', webRtcServer);
    const transport = await entity.createWebRtcTransport(server ? on(server, options) : listening(entity, options, context));
    return publish<WebRtcTransportState>(context.objects, 'webRtcTransport', transport, { parent: router, appData, given: { webRtcServer } });
  },
  'router.createPlainTransport': async ({ router, options, appData }, context) => {
    const transport = await find(context, router).createPlainTransport(listenPlain(options ?? {}, context.host.listen) as PlainTransportOptions);
    return publish<PlainTransportState>(context.objects, 'plainTransport', transport, { parent: router, appData });
  },
  'router.createPipeTransport': async ({ router, options, appData }, context) => {
    const transport = await find(context, router).createPipeTransport(listenPipe(options ?? {}, context.host.listen) as PipeTransportOptions);
    return publish<PipeTransportState>(context.objects, 'pipeTransport', transport, { parent: router, appData });
  },
  'router.createDirectTransport': async ({ router, options, appData }, context) =>
    publish<DirectTransportState>(context.objects, 'directTransport', await find(context, router).createDirectTransport(options), { parent: router, appData }),
  'router.createActiveSpeakerObserver': async ({ router, options, appData }, context) => {
    const observer = await find(context, router).createActiveSpeakerObserver(options);
    return publish<ActiveSpeakerObserverState>(context.objects, 'activeSpeakerObserver', observer, { parent: router, appData });
  },
  'router.createAudioLevelObserver': async ({ router, options, appData }, context) => {
    const observer = await find(context, router).createAudioLevelObserver(options);
    return publish<AudioLevelObserverState>(context.objects, 'audioLevelObserver', observer, { parent: router, appData });
  },
  'router.updateMediaCodecs': ({ router, mediaCodecs }, context) => {
    find(context, router).updateMediaCodecs(mediaCodecs);
    context.objects.refresh(router, ['rtpCapabilities']);
  },
  'router.close': ({ router }, context) => find(context, router).close(),
};

function listening(router: Router, options: RemoteWebRtcTransportOptions, { host }: NodeContext): WebRtcTransportOptions {
  const plan = listenWebRtc(options ?? {}, host.listen);
  if (plan.on === 'options') return plan.options as WebRtcTransportOptions;
  if (plan.overruled) host.log('listenOverruled', { routerId: router.id, why: 'only the reserved ports are reachable (--fixed-ports)' });
  // Where the policy says so, every worker was given one before anybody saw it.
  return on(host.ownServers.get(host.workerOf.get(router) as Worker) as WebRtcServer, plan.options);
}

/** mediasoup's type allows no other way to listen beside a server; at run time it is mediasoup that says so. */
function on(webRtcServer: WebRtcServer, options: RemoteWebRtcTransportOptions): WebRtcTransportOptions {
  return { ...options, webRtcServer } as WebRtcTransportOptions;
}
