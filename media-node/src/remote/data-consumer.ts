import type { Handlers, dataConsumerMethods } from '@mediacluster/rope/contract';
import type { DataConsumer } from 'mediasoup/types';

import { messageOf } from './bytes.ts';
import type { NodeContext } from './node-host.ts';

const find = ({ objects }: NodeContext, dataConsumer: number): DataConsumer => objects.get<DataConsumer>('dataConsumer', dataConsumer);

export const dataConsumerHandlers: Handlers<typeof dataConsumerMethods, NodeContext> = {
  'dataConsumer.dump': ({ dataConsumer }, context) => find(context, dataConsumer).dump(),
  'dataConsumer.getStats': ({ dataConsumer }, context) => find(context, dataConsumer).getStats(),
  'dataConsumer.pause': ({ dataConsumer }, context) => find(context, dataConsumer).pause(),
  'dataConsumer.resume': ({ dataConsumer }, context) => find(context, dataConsumer).resume(),
  'dataConsumer.getBufferedAmount': ({ dataConsumer }, context) => find(context, dataConsumer).getBufferedAmount(),
  'dataConsumer.setBufferedAmountLowThreshold': ({ dataConsumer, threshold }, context) =>
    find(context, dataConsumer).setBufferedAmountLowThreshold(threshold),
  'dataConsumer.setSubchannels': ({ dataConsumer, subchannels }, context) => find(context, dataConsumer).setSubchannels(subchannels),
  'dataConsumer.addSubchannel': ({ dataConsumer, subchannel }, context) => find(context, dataConsumer).addSubchannel(subchannel),
  'dataConsumer.removeSubchannel': ({ dataConsumer, subchannel }, context) => find(context, dataConsumer).removeSubchannel(subchannel),
  'dataConsumer.send': ({ dataConsumer, data, text, ppid }, context) => find(context, dataConsumer).send(messageOf({ data, text }), ppid),
  'dataConsumer.close': ({ dataConsumer }, context) => find(context, dataConsumer).close(),
};
