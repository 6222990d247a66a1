import type { PipeTransportOptions } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, rejects, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { listenInfo } from '../media.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { openUdpRelay } from '../udp-peer.ts';

/** Two transports of one router connected to each other, and a data consumer of the first, whose messages come out at the second. */
async function association(bench: Bench, options: Partial<PipeTransportOptions> = {}) {
  const router = await bench.router();
  const here = await router.createPipeTransport({ listenInfo, enableSctp: true, ...options } as PipeTransportOptions);
  const there = await router.createPipeTransport({ listenInfo, enableSctp: true });
  const direct = await router.createDirectTransport();
  const from = await direct.produceData();
  const consumer = await here.consumeData({ dataProducerId: from.id });
  const producer = await there.produceData({ sctpStreamParameters: consumer.sctpStreamParameters! });
  const sink = await direct.consumeData({ dataProducerId: producer.id });
  const up = Promise.all([here, there].map(transport => bench.next(transport.observer, 'sctpstatechange', state => state === 'connected')));
  const relay = await openUdpRelay(here.tuple.localPort, there.tuple.localPort);
  bench.after(() => relay.close());
  await here.connect({ ip: '127.0.0.1', port: relay.near });
  await there.connect({ ip: '127.0.0.1', port: relay.far });
  await up;
  return { relay, from, consumer, sink };
}

/** Data over SCTP: streams, buffers and their events. */
export const sctp: Suite = suite('SCTP', {
  'an association is told step by step, the state first': async bench => {
    const router = await bench.router();
    const here = await router.createPipeTransport({ listenInfo, enableSctp: true });
    const there = await router.createPipeTransport({ listenInfo, enableSctp: true });
    const journal = new Journal({ here });
    const seen: unknown[] = [];
    here.on('sctpstatechange', state => seen.push(state, here.sctpState));
    const up = bench.next(here.observer, 'sctpstatechange', state => state === 'connected');
    await here.connect({ ip: '127.0.0.1', port: there.tuple.localPort });
    await there.connect({ ip: '127.0.0.1', port: here.tuple.localPort });
    await here.produceData({ sctpStreamParameters: { streamId: 0 } });
    await up;
    same(seen.slice(-2), ['connected', 'connected']);
    same(journal.take().slice(-2), ['here!sctpstatechange', 'here°sctpstatechange']);
    same(here.sctpNegotiatedCapabilities, { negotiatedMaxOutboundStreams: 65535, negotiatedMaxInboundStreams: 65535 });
  },
  'a message of the app goes out and comes in again': async bench => {
    const { from, sink } = await association(bench);
    const heard = bench.next<[Buffer, number]>(sink, 'message');
    from.send('around');
    const [message, ppid] = await heard;
    same([message.toString(), ppid], ['around', 51]);
  },
  'send() of a data consumer resolves with what is buffered': async bench => {
    const { consumer, sink } = await association(bench);
    const heard = bench.next<[Buffer, number]>(sink, 'message');
    const buffered = await consumer.send(Buffer.from('straight'), 53);
    equal(typeof buffered, 'number');
    const [message, ppid] = await heard;
    same([message.toString(), ppid], ['straight', 53]);
    equal(await consumer.getBufferedAmount(), 0);
  },
  'bufferedamountlow comes when the buffer has run down, and not on the observer': async bench => {
    const { consumer } = await association(bench);
    const observed: unknown[] = [];
    (consumer.observer as unknown as NodeJS.EventEmitter).on('bufferedamountlow', amount => observed.push(amount));
    equal(await consumer.setBufferedAmountLowThreshold(1000), undefined);
    equal((await consumer.dump()).bufferedAmountLowThreshold, 1000);
    const low = bench.next<[number]>(consumer, 'bufferedamountlow');
    const amounts = await Promise.all(Array.from({ length: 10 }, () => consumer.send(Buffer.alloc(10_000))));
    holds(Math.max(...amounts) > 1000, 'it was above the threshold');
    const [amount] = await low;
    holds(amount <= 1000, `${amount} is not above the threshold`);
    same(observed, []);
  },
  'sctpsendbufferfull comes when there is no room, and the call says so too': async bench => {
    const { consumer, relay } = await association(bench, { sctpSendBufferSize: 60_000, sctpPerStreamSendQueueLimit: 30_000 });
    relay.cut(); // nobody takes anything any more
    const full = bench.next(consumer, 'sctpsendbufferfull');
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => consumer.send(Buffer.alloc(20_000))));
    await full;
    const refused = sent.find(({ status }) => status === 'rejected');
    holds(refused, 'one was refused');
    await rejects(() => Promise.reject((refused as PromiseRejectedResult).reason as Error), Error, /^sctpsendbufferfull$/);
  },
  'stream ids are counted up, and one that was freed is not taken again at once': async bench => {
    const router = await bench.router();
    const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo], enableSctp: true });
    const source = await router.createDirectTransport();
    const { id } = await source.produceData();
    const next = async () => transport.consumeData({ dataProducerId: id });
    const [first, second] = [await next(), await next()];
    first.close();
    const third = await next();
    same([first, second, third].map(({ sctpStreamParameters }) => sctpStreamParameters!.streamId), [0, 1, 2]);
  },
  'how reliable a stream is comes from its producer unless the app says otherwise': async bench => {
    const router = await bench.router();
    const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo], enableSctp: true });
    const producer = await transport.produceData({ sctpStreamParameters: { streamId: 0, ordered: false, maxRetransmits: 2 } });
    const [same1, other] = [await transport.consumeData({ dataProducerId: producer.id }), await transport.consumeData({ dataProducerId: producer.id, ordered: true })];
    same([same1.sctpStreamParameters, other.sctpStreamParameters!.ordered], [{ streamId: 0, ordered: false, maxRetransmits: 2 }, true]);
  },
  'dumps and stats of both ends': async bench => {
    const { consumer, from, sink } = await association(bench);
    const heard = bench.next(sink, 'message');
    from.send('12345');
    await heard;
    const [dump, [stat]] = [await consumer.dump(), await consumer.getStats()];
    same([dump.id, dump.dataProducerId, dump.type, dump.sctpStreamParameters!.streamId, stat!.messagesSent, stat!.bytesSent, stat!.bufferedAmount], [consumer.id, from.id, 'sctp', 0, 1, 5, 0]);
  },
});
