import type { Handlers, consumerMethods } from '@mediacluster/rope/contract';
import type { Consumer } from 'mediasoup/types';

import type { NodeContext } from './node-host.ts';

const find = ({ objects }: NodeContext, consumer: number): Consumer => objects.get<Consumer>('consumer', consumer);

export const consumerHandlers: Handlers<typeof consumerMethods, NodeContext> = {
  'consumer.dump': ({ consumer }, context) => find(context, consumer).dump(),
  'consumer.getStats': ({ consumer }, context) => find(context, consumer).getStats(),
  'consumer.pause': ({ consumer }, context) => find(context, consumer).pause(),
  'consumer.resume': ({ consumer }, context) => find(context, consumer).resume(),
  'consumer.setPreferredLayers': ({ consumer, layers }, context) => find(context, consumer).setPreferredLayers(layers),
  'consumer.setPriority': ({ consumer, priority }, context) => find(context, consumer).setPriority(priority),
  'consumer.unsetPriority': ({ consumer }, context) => find(context, consumer).unsetPriority(),
  'consumer.requestKeyFrame': ({ consumer }, context) => find(context, consumer).requestKeyFrame(),
  'consumer.enableTraceEvent': ({ consumer, types }, context) => find(context, consumer).enableTraceEvent(types),
  'consumer.close': ({ consumer }, context) => find(context, consumer).close(),
};
