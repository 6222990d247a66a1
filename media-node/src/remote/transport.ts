import type {
  ConsumerState, DataConsumerState, DataProducerState, Handlers, ProducerState, transportMethods, webRtcTransportMethods,
} from '@mediacluster/rope/contract';
import type { DirectTransport, PipeTransport, PlainTransport, WebRtcTransport } from 'mediasoup/types';

import { bufferOf } from './bytes.ts';
import type { NodeContext } from './node-host.ts';
import { publish } from './publish.ts';

type AnyTransport = WebRtcTransport | PlainTransport | PipeTransport | DirectTransport;

const TYPES = ['webRtcTransport', 'plainTransport', 'pipeTransport', 'directTransport'] as const;

const find = ({ objects }: NodeContext, transport: number): AnyTransport => objects.get<AnyTransport>(TYPES, transport);

export const transportHandlers: Handlers<typeof transportMethods, NodeContext> = {
  'transport.dump': ({ transport }, context) => find(context, transport).dump(),
  'transport.getStats': ({ transport }, context) => find(context, transport).getStats(),
  // Each kind takes its own options; mediasoup itself says what is wrong with them.
  'transport.connect': ({ transport, options }, context) => find(context, transport).connect(options as never),
  'transport.setMaxIncomingBitrate': ({ transport, bitrate }, context) => find(context, transport).setMaxIncomingBitrate(bitrate),
  'transport.setMaxOutgoingBitrate': ({ transport, bitrate }, context) => find(context, transport).setMaxOutgoingBitrate(bitrate),
  'transport.setMinOutgoingBitrate': ({ transport, bitrate }, context) => find(context, transport).setMinOutgoingBitrate(bitrate),
  'transport.produce': async ({ transport, options, appData }, context) =>
    publish<ProducerState>(context.objects, 'producer', await find(context, transport).produce(options), { parent: transport, appData }),
  'transport.consume': async ({ transport, options, appData }, context) =>
    publish<ConsumerState>(context.objects, 'consumer', await find(context, transport).consume(options), { parent: transport, appData }),
  'transport.produceData': async ({ transport, options, appData }, context) =>
    publish<DataProducerState>(context.objects, 'dataProducer', await find(context, transport).produceData(options), { parent: transport, appData }),
  'transport.consumeData': async ({ transport, options, appData }, context) =>
    publish<DataConsumerState>(context.objects, 'dataConsumer', await find(context, transport).consumeData(options), { parent: transport, appData }),
  'transport.enableTraceEvent': ({ transport, types }, context) => find(context, transport).enableTraceEvent(types),
  'transport.sendRtcp': ({ transport, data }, { objects }) => objects.get<DirectTransport>('directTransport', transport).sendRtcp(bufferOf(data)),
  'transport.close': ({ transport }, context) => find(context, transport).close(),
};

export const webRtcTransportHandlers: Handlers<typeof webRtcTransportMethods, NodeContext> = {
  'webRtcTransport.restartIce': ({ transport }, { objects }) => objects.get<WebRtcTransport>('webRtcTransport', transport).restartIce(),
};
