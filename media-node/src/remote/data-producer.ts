import type { Handlers, dataProducerMethods } from '@mediacluster/rope/contract';
import type { DataProducer } from 'mediasoup/types';

import { messageOf } from './bytes.ts';
import type { NodeContext } from './node-host.ts';

const find = ({ objects }: NodeContext, dataProducer: number): DataProducer => objects.get<DataProducer>('dataProducer', dataProducer);

export const dataProducerHandlers: Handlers<typeof dataProducerMethods, NodeContext> = {
  'dataProducer.dump': ({ dataProducer }, context) => find(context, dataProducer).dump(),
  'dataProducer.getStats': ({ dataProducer }, context) => find(context, dataProducer).getStats(),
  'dataProducer.pause': ({ dataProducer }, context) => find(context, dataProducer).pause(),
  'dataProducer.resume': ({ dataProducer }, context) => find(context, dataProducer).resume(),
  'dataProducer.send': ({ dataProducer, data, text, ppid, subchannels, requiredSubchannel, ignoredSubchannel }, context) =>
    find(context, dataProducer).send(messageOf({ data, text }), ppid, subchannels, requiredSubchannel, ignoredSubchannel),
  'dataProducer.close': ({ dataProducer }, context) => find(context, dataProducer).close(),
};
