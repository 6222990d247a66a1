import type { DirectTransport } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, same } from '../check.ts';
import { audioParameters, newSsrc, rtpCapabilities, videoParameters } from '../media.ts';
import { pli, Source } from '../packets.ts';
import { each, suite } from '../suite.ts';
import type { Suite } from '../suite.ts';

async function directTransport(bench: Bench): Promise<DirectTransport> {
  return (await bench.router()).createDirectTransport();
}

async function dataPath(bench: Bench) {
  const transport = await directTransport(bench);
  const from = await transport.produceData({ label: 'here' });
  const to = await transport.consumeData({ dataProducerId: from.id });
  return { transport, from, to };
}

type Sent = readonly [message: string | Buffer, ppid: number | undefined, content: string, ppidHeard: number];

const MESSAGES: Readonly<Record<string, Sent>> = {
  'text arrives as a Buffer with PPID 51': ['héllo', undefined, 'héllo', 51],
  'bytes arrive with PPID 53': [Buffer.from('bytes'), undefined, 'bytes', 53],
  'empty text arrives as one space with PPID 56': ['', undefined, ' ', 56],
  'an empty Buffer arrives as one zero with PPID 57': [Buffer.alloc(0), undefined, '\0', 57],
  'a PPID of the app\'s own is kept': ['mine', 1234, 'mine', 1234],
  'PPID 56 has no content, whatever was sent': ['ignored', 56, ' ', 56],
  'PPID 57 has no content, whatever was sent': [Buffer.from('ignored'), 57, '\0', 57],
  'bytes may be called text': [Buffer.from('text'), 51, 'text', 51],
};

/** RTP, RTCP and messages between the app and the worker, both ways. */
export const direct: Suite = suite('DirectTransport', {
  ...each(MESSAGES, what => what, async (bench, [message, ppid, content, ppidHeard]: Sent) => {
    const { from, to } = await dataPath(bench);
    const heard = bench.next<[Buffer, number]>(to, 'message');
    from.send(message, ppid);
    const [buffer, told] = await heard;
    holds(Buffer.isBuffer(buffer), 'it is a Buffer');
    same([buffer.toString(), told], [content, ppidHeard]);
  }),
  'all 256 values of a byte arrive as they are': async bench => {
    const { from, to } = await dataPath(bench);
    const heard = bench.next<[Buffer]>(to, 'message');
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    from.send(bytes);
    equal((await heard)[0].toString('hex'), bytes.toString('hex'));
  },
  'a part of a larger buffer is sent as that part': async bench => {
    const { from, to } = await dataPath(bench);
    const heard = bench.next<[Buffer]>(to, 'message');
    from.send(Buffer.from('0123456789').subarray(3, 6));
    equal((await heard)[0].toString(), '345');
  },
  'what the app writes into its buffer after send() does not arrive': async bench => {
    const { from, to } = await dataPath(bench);
    const heard = bench.next<[Buffer]>(to, 'message');
    const bytes = Buffer.from('before');
    from.send(bytes);
    bytes.write('after!');
    equal((await heard)[0].toString(), 'before');
  },
  'a large message arrives whole': async bench => {
    const { from, to } = await dataPath(bench);
    const heard = bench.next<[Buffer]>(to, 'message');
    const bytes = Buffer.alloc(200_000, 'abcdefg');
    from.send(bytes);
    equal(bytes.compare((await heard)[0]), 0);
  },
  'a thousand messages arrive in order': async bench => {
    const { from, to } = await dataPath(bench);
    const heard: string[] = [];
    to.on('message', message => heard.push(message.toString()));
    const last = bench.next<[Buffer]>(to, 'message', message => message.toString() === '999');
    for (let index = 0; index < 1000; index++) from.send(index % 2 ? Buffer.from(String(index)) : String(index));
    await last;
    same(heard, Array.from({ length: 1000 }, (_, index) => String(index)));
  },
  'a message sent in the tick in which its consumer was made arrives': async bench => {
    const transport = await directTransport(bench);
    const from = await transport.produceData();
    const made = transport.consumeData({ dataProducerId: from.id });
    from.send('behind the call');
    const to = await made;
    const [message] = await bench.next<[Buffer]>(to, 'message');
    equal(message.toString(), 'behind the call');
  },
  'send() returns nothing': async bench => {
    const { from } = await dataPath(bench);
    equal(from.send('x'), undefined);
  },
  'no message of a closed data consumer is told': async bench => {
    const { from, to } = await dataPath(bench);
    const heard: unknown[] = [];
    to.on('message', message => heard.push(message));
    from.send('x');
    to.close();
    await bench.settled();
    same(heard, []);
  },
  'a data producer of a direct transport has no stream, and ignores one': async bench => {
    const transport = await directTransport(bench);
    const producer = await transport.produceData({ label: 'l', protocol: 'p', sctpStreamParameters: { streamId: 1 } });
    const consumer = await transport.consumeData({ dataProducerId: producer.id });
    same(
      [producer.type, producer.sctpStreamParameters, producer.label, producer.protocol, consumer.type, consumer.sctpStreamParameters, consumer.label, consumer.protocol, consumer.dataProducerId],
      ['direct', undefined, 'l', 'p', 'direct', undefined, 'l', 'p', producer.id],
    );
  },
  'the counts of a data producer and its consumer grow': async bench => {
    const { from, to } = await dataPath(bench);
    const second = bench.next<[Buffer]>(to, 'message', message => message.toString() === 'two');
    from.send('one');
    from.send('two');
    await second;
    const [[sent], [received]] = [await from.getStats(), await to.getStats()];
    same([sent!.type, sent!.messagesReceived, sent!.bytesReceived, received!.type, received!.messagesSent, received!.bytesSent], ['data-producer', 2, 6, 'data-consumer', 2, 6]);
  },
  'subchannels choose who hears': async bench => {
    const transport = await directTransport(bench);
    const from = await transport.produceData();
    const [one, two, none] = [await transport.consumeData({ dataProducerId: from.id, subchannels: [1] }), await transport.consumeData({ dataProducerId: from.id, subchannels: [2, 1, 2] }), await transport.consumeData({ dataProducerId: from.id })];
    same([one, two, none].map(({ subchannels }) => subchannels), [[1], [1, 2], []]);
    const heard: string[] = [];
    for (const [name, consumer] of Object.entries({ one, two, none })) consumer.on('message', message => heard.push(`${name}:${message.toString()}`));
    const last = bench.next<[Buffer]>(none, 'message', message => message.toString() === 'all');
    from.send('only 2', undefined, [2]);
    from.send('1 and not 2', undefined, undefined, 1, 2);
    from.send('1 or 2, must have 2', undefined, [1, 2], 2);
    from.send('all');
    await last;
    await bench.settled();
    same(heard.toSorted(), ['none:all', 'one:1 and not 2', 'one:all', 'two:1 or 2, must have 2', 'two:all', 'two:only 2']);
  },
  'subchannels come and go, one by one too': async bench => {
    const { to } = await dataPath(bench);
    await to.addSubchannel(5);
    await to.addSubchannel(3);
    await to.addSubchannel(5);
    same(to.subchannels, [3, 5]);
    await to.removeSubchannel(5);
    same(to.subchannels, [3]);
    await to.setSubchannels([]);
    same([to.subchannels, (await to.dump()).subchannels], [[], []]);
  },
  'an un-awaited change of subchannels holds for the message sent behind it': async bench => {
    const { from, to } = await dataPath(bench);
    const heard: string[] = [];
    to.on('message', message => heard.push(message.toString()));
    const last = bench.next<[Buffer]>(to, 'message', message => message.toString() === 'end');
    void to.setSubchannels([7]);
    from.send('to 7', undefined, [7]);
    void to.setSubchannels([8]);
    from.send('to 7 again', undefined, [7]);
    from.send('to 8', undefined, [8]);
    from.send('end');
    await last;
    same(heard, ['to 7', 'to 8', 'end']);
  },

  'an RTP packet of the app reaches a consumer of the app': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const heard = bench.next<[Buffer]>(consumer, 'rtp');
    equal(producer.send(new Source('audio', ssrc).packet({ payload: 'sound' })), undefined);
    const [packet] = await heard;
    holds(Buffer.isBuffer(packet), 'it is a Buffer');
    same([packet.subarray(-5).toString(), packet[1]! & 0x7f, packet.readUInt32BE(8)], ['sound', 100, consumer.rtpParameters.encodings![0]!.ssrc]);
  },
  'a hundred packets arrive in order': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const heard: string[] = [];
    consumer.on('rtp', packet => heard.push(packet.subarray(-4).toString()));
    const last = bench.next<[Buffer]>(consumer, 'rtp', packet => packet.subarray(-4).toString() === '0100');
    const source = new Source('audio', ssrc);
    for (let index = 1; index <= 100; index++) producer.send(source.packet({ payload: String(index).padStart(4, '0') }));
    await last;
    same(heard, Array.from({ length: 100 }, (_, index) => String(index + 1).padStart(4, '0')));
  },
  'what comes of video begins with a key frame, and the consumer\'s stats count it': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const heard = bench.next<[Buffer]>(consumer, 'rtp');
    producer.send(new Source('video', ssrc).packet());
    await heard;
    const stats = await consumer.getStats();
    same(stats.map(({ type }) => type).toSorted(), ['inbound-rtp', 'outbound-rtp']);
    const [inbound] = await producer.getStats();
    same([inbound!.type, inbound!.ssrc, inbound!.packetCount, inbound!.mimeType], ['inbound-rtp', ssrc, 1, 'video/VP8']);
  },
  'no packet of a closed consumer is told': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const heard: unknown[] = [];
    consumer.on('rtp', packet => heard.push(packet));
    producer.send(new Source('audio', ssrc).packet());
    consumer.close();
    await bench.settled();
    same(heard, []);
  },
  'RTCP of the app asks a producer for a key frame, and the app hears it as RTCP': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const through = bench.next(consumer, 'rtp');
    producer.send(new Source('video', ssrc).packet());
    await through;
    const heard = bench.next<[Buffer]>(transport, 'rtcp', packet => packet[1] === 206 && packet.readUInt32BE(8) === ssrc);
    equal(transport.sendRtcp(pli(consumer.rtpParameters.encodings![0]!.ssrc!)), undefined);
    const [packet] = await heard;
    holds(Buffer.isBuffer(packet), 'it is a Buffer');
    equal(packet[0]! & 0x1f, 1); // PLI
  },
  'requestKeyFrame() is heard as RTCP too': async bench => {
    const transport = await directTransport(bench);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'video', rtpParameters: videoParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const observed: unknown[] = [];
    transport.observer.on('rtcp', packet => observed.push(packet));
    const through = bench.next(consumer, 'rtp');
    producer.send(new Source('video', ssrc).packet());
    await through;
    const heard = bench.next<[Buffer]>(transport, 'rtcp', packet => packet[1] === 206);
    await consumer.requestKeyFrame();
    equal((await heard)[0].readUInt32BE(8), ssrc);
    equal(observed.length, bench.quirk('rtcpNotObserved') ? 0 : 1);
  },
  'its getters, dump and stats': async bench => {
    const transport = await directTransport(bench);
    equal(transport.type, 'direct');
    const [dump, [stat]] = [await transport.dump(), await transport.getStats()];
    same([dump.id, dump.producerIds, dump.consumerIds, dump.dataProducerIds, dump.dataConsumerIds], [transport.id, [], [], [], []]);
    same([stat!.type, stat!.transportId], ['direct-transport', transport.id]);
    equal(await transport.connect(), undefined);
  },
});
