import type { Handlers, rtpObserverMethods } from '@mediacluster/rope/contract';
import type { ActiveSpeakerObserver, AudioLevelObserver, Producer } from 'mediasoup/types';

import type { NodeContext } from './node-host.ts';

type AnyRtpObserver = ActiveSpeakerObserver | AudioLevelObserver;

const find = ({ objects }: NodeContext, rtpObserver: number): AnyRtpObserver =>
  objects.get<AnyRtpObserver>(['activeSpeakerObserver', 'audioLevelObserver'], rtpObserver);

/** mediasoup looks a producer up by its id, in the observer's own router. */
const idOf = ({ objects }: NodeContext, producer: number): { producerId: string } => ({ producerId: objects.get<Producer>('producer', producer).id });

export const rtpObserverHandlers: Handlers<typeof rtpObserverMethods, NodeContext> = {
  'rtpObserver.pause': ({ rtpObserver }, context) => find(context, rtpObserver).pause(),
  'rtpObserver.resume': ({ rtpObserver }, context) => find(context, rtpObserver).resume(),
  'rtpObserver.addProducer': ({ rtpObserver, producer }, context) => find(context, rtpObserver).addProducer(idOf(context, producer)),
  'rtpObserver.removeProducer': ({ rtpObserver, producer }, context) => find(context, rtpObserver).removeProducer(idOf(context, producer)),
  'rtpObserver.close': ({ rtpObserver }, context) => find(context, rtpObserver).close(),
};
