import type { Handlers, webRtcServerMethods } from '@mediacluster/rope/contract';
import type { WebRtcServer } from 'mediasoup/types';

import type { NodeContext } from './node-host.ts';

const find = ({ objects }: NodeContext, webRtcServer: number): WebRtcServer => objects.get<WebRtcServer>('webRtcServer', webRtcServer);

export const webRtcServerHandlers: Handlers<typeof webRtcServerMethods, NodeContext> = {
  'webRtcServer.dump': ({ webRtcServer }, context) => find(context, webRtcServer).dump(),
  'webRtcServer.close': ({ webRtcServer }, context) => find(context, webRtcServer).close(),
};
