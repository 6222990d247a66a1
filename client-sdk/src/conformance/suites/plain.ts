import type { PlainTransport, PlainTransportOptions } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audioParameters, listenInfo, newSsrc, rtpCapabilities } from '../media.ts';
import { senderReport, Source } from '../packets.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { isRtcp, openUdpPeer } from '../udp-peer.ts';
import type { UdpPeer } from '../udp-peer.ts';

async function plain(bench: Bench, options: Partial<PlainTransportOptions> = {}): Promise<PlainTransport> {
  return (await bench.router()).createPlainTransport({ listenInfo, ...options } as PlainTransportOptions);
}

async function peer(bench: Bench): Promise<UdpPeer> {
  const opened = await openUdpPeer();
  bench.after(() => opened.close());
  return opened;
}

/** RTP and RTCP over plain UDP, as other servers speak it. */
export const plainTransport: Suite = suite('PlainTransport', {
  'says where it listens': async bench => {
    const transport = await plain(bench, { rtcpMux: false });
    const { tuple, rtcpTuple } = transport;
    same([transport.type, tuple.localAddress, tuple.protocol, rtcpTuple!.localAddress], ['plain', '127.0.0.1', 'udp', '127.0.0.1']);
    holds(tuple.localPort > 0 && rtcpTuple!.localPort > 0 && tuple.localPort !== rtcpTuple!.localPort, 'two ports');
    same([tuple.remotePort, transport.sctpState, transport.sctpParameters, transport.srtpParameters], [0, undefined, undefined, undefined]);
  },
  'has no RTCP port of its own with rtcpMux': async bench => {
    equal((await plain(bench)).rtcpTuple, undefined);
  },
  'tells an announced address': async bench => {
    const transport = await plain(bench, { listenInfo: { ...listenInfo, announcedAddress: 'media.example.org' } });
    equal(transport.tuple.localAddress, 'media.example.org');
  },
  'connect() sets the tuple, with the answer': async bench => {
    const transport = await plain(bench);
    const connected = transport.connect({ ip: '127.0.0.1', port: 5004 });
    equal(transport.tuple.remotePort, 0);
    equal(await connected, undefined);
    same([transport.tuple.remoteIp, transport.tuple.remotePort], ['127.0.0.1', 5004]);
  },
  'connect() sets both tuples without rtcpMux': async bench => {
    const transport = await plain(bench, { rtcpMux: false });
    await transport.connect({ ip: '127.0.0.1', port: 5004, rtcpPort: 5005 });
    same([transport.tuple.remotePort, transport.rtcpTuple!.remotePort], [5004, 5005]);
  },
  'connect() with SRTP keys, and its own': async bench => {
    const transport = await plain(bench, { enableSrtp: true });
    const own = transport.srtpParameters!;
    equal(own.cryptoSuite, 'AES_CM_128_HMAC_SHA1_80');
    equal(Buffer.from(own.keyBase64, 'base64').length, 30);
    await transport.connect({ ip: '127.0.0.1', port: 5004, srtpParameters: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: Buffer.alloc(44, 7).toString('base64') } });
    equal(transport.srtpParameters!.cryptoSuite, 'AEAD_AES_256_GCM');
    equal(Buffer.from(transport.srtpParameters!.keyBase64, 'base64').length, 44);
  },
  'with comedia the first packet tells where the other end is: tuple, on the transport and then its observer': async bench => {
    const [transport, other] = [await plain(bench, { comedia: true }), await peer(bench)];
    const ssrc = newSsrc();
    await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const journal = new Journal({ transport });
    const seen: unknown[] = [];
    transport.on('tuple', tuple => seen.push(tuple, transport.tuple));
    const told = bench.next<[{ remotePort: number }]>(transport.observer, 'tuple');
    const source = new Source('audio', ssrc);
    const [tuple] = await bench.until(told, () => other.send(source.packet(), transport.tuple.localPort));
    same(tuple, { localIp: '127.0.0.1', localAddress: '127.0.0.1', localPort: transport.tuple.localPort, remoteIp: '127.0.0.1', remotePort: other.port, protocol: 'udp' });
    same(seen, [tuple, tuple]);
    same(journal.take(), ['transport!tuple', 'transport°tuple']);
  },
  'with comedia and an RTCP port: rtcptuple': async bench => {
    const [transport, other] = [await plain(bench, { comedia: true, rtcpMux: false }), await peer(bench)];
    const journal = new Journal({ transport });
    const told = bench.next<[{ remotePort: number }]>(transport.observer, 'rtcptuple');
    const [tuple] = await bench.until(told, () => other.send(senderReport(1), transport.rtcpTuple!.localPort));
    equal(tuple.remotePort, other.port);
    same(transport.rtcpTuple, tuple);
    same(journal.take(), ['transport!rtcptuple', 'transport°rtcptuple']);
  },
  'RTP that comes in reaches a consumer elsewhere, and is counted': async bench => {
    const router = await bench.router();
    const [transport, sink, other] = [await router.createPlainTransport({ listenInfo, comedia: true }), await router.createDirectTransport(), await peer(bench)];
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await sink.consume({ producerId: producer.id, rtpCapabilities });
    const heard = bench.next<[Buffer]>(consumer, 'rtp');
    const source = new Source('audio', ssrc);
    const [packet] = await bench.until(heard, () => other.send(source.packet({ payload: 'over UDP' }), transport.tuple.localPort));
    equal(packet.subarray(-8).toString(), 'over UDP');
    const [stat] = await transport.getStats();
    same([stat!.type, stat!.tuple.remotePort], ['plain-rtp-transport', other.port]);
    holds(stat!.bytesReceived > 0 && stat!.rtpBytesReceived > 0, 'bytes were counted');
  },
  'a consumer sends RTP out, and RTCP beside it': async bench => {
    const router = await bench.router();
    const [source, transport, other, otherRtcp] = [await router.createDirectTransport(), await router.createPlainTransport({ listenInfo, rtcpMux: false }), await peer(bench), await peer(bench)];
    await transport.connect({ ip: '127.0.0.1', port: other.port, rtcpPort: otherRtcp.port });
    const ssrc = newSsrc();
    const producer = await source.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const sent = new Source('audio', ssrc);
    const wanted = consumer.rtpParameters.encodings![0]!.ssrc!;
    const rtp = bench.soon(other.received(packet => !isRtcp(packet) && packet.readUInt32BE(8) === wanted), 'RTP');
    const rtcp = bench.soon(otherRtcp.received(packet => isRtcp(packet) && packet.readUInt32BE(4) === wanted), 'RTCP');
    const [packet] = await bench.until(Promise.all([rtp, rtcp]), () => producer.send(sent.packet({ payload: 'out' })), 20);
    equal(packet.subarray(-3).toString(), 'out');
  },
  'a limit for what comes in and for what goes out': async bench => {
    const transport = await plain(bench);
    for (const bitrate of [1_000_000, 0]) {
      equal(await transport.setMaxIncomingBitrate(bitrate), undefined);
      equal(await transport.setMaxOutgoingBitrate(bitrate), undefined);
    }
    await transport.setMaxOutgoingBitrate(300_000);
    equal(await transport.setMinOutgoingBitrate(100_000), undefined);
    const [stat] = await transport.getStats();
    same([stat!.maxOutgoingBitrate, stat!.minOutgoingBitrate, stat!.maxIncomingBitrate], [300_000, 100_000, undefined]);
    await transport.setMaxIncomingBitrate(2_000_000);
    equal((await transport.getStats())[0]!.maxIncomingBitrate, 2_000_000);
  },
  'its dump': async bench => {
    const transport = await plain(bench, { comedia: true });
    const dump = await transport.dump();
    same([dump.id, dump.comedia, dump.rtcpMux, dump.tuple.localPort], [transport.id, true, true, transport.tuple.localPort]);
  },
  'produces and consumes data': async bench => {
    const router = await bench.router();
    const transport = await router.createPlainTransport({ listenInfo, enableSctp: true });
    const producer = await transport.produceData({ sctpStreamParameters: { streamId: 12, ordered: false, maxRetransmits: 3 }, label: 'l' });
    same([producer.type, producer.sctpStreamParameters], ['sctp', { streamId: 12, ordered: false, maxRetransmits: 3 }]);
    const consumer = await transport.consumeData({ dataProducerId: producer.id });
    same([consumer.type, consumer.sctpStreamParameters, consumer.label], ['sctp', { streamId: 0, ordered: false, maxRetransmits: 3 }, 'l']);
  },
});
