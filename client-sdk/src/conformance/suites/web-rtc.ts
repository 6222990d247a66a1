import type { WebRtcTransportOptions } from 'mediasoup/types';

import type { Bench } from '../bench.ts';
import { equal, holds, same } from '../check.ts';
import { Journal } from '../journal.ts';
import { audioParameters, listenInfo, newSsrc, rtpCapabilities } from '../media.ts';
import { Source } from '../packets.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';

async function transportOf(bench: Bench, options: Partial<WebRtcTransportOptions> = {}) {
  const router = await bench.router();
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo], enableSctp: true, ...options } as WebRtcTransportOptions);
  return { router, transport };
}

/** ICE, DTLS, SRTP and SCTP with a real endpoint at the other end. */
export const webRtc: Suite = suite('WebRtcTransport', {
  'says what a peer needs to connect': async bench => {
    const { transport } = await transportOf(bench);
    same([transport.type, transport.iceRole, transport.iceState, transport.dtlsState, transport.iceSelectedTuple, transport.dtlsRemoteCert], ['webrtc', 'controlled', 'new', 'new', undefined, undefined]);
    same([transport.iceParameters.iceLite, transport.dtlsParameters.role], [true, 'auto']);
    holds(transport.iceParameters.usernameFragment.length >= 4 && transport.iceParameters.password.length >= 22, 'as RFC 8445 asks');
    const [candidate] = transport.iceCandidates;
    same([candidate!.ip, candidate!.address, candidate!.protocol, candidate!.type], ['127.0.0.1', '127.0.0.1', 'udp', 'host']);
    holds(candidate!.port > 0 && candidate!.priority > 0, 'a port and a priority');
    same(transport.dtlsParameters.fingerprints.map(({ algorithm }) => algorithm).toSorted(), ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']);
    same([transport.sctpParameters!.port, transport.sctpState], [5000, 'new']);
  },
  'offers TCP where asked to': async bench => {
    const { transport } = await transportOf(bench, { listenInfos: [listenInfo, { protocol: 'tcp', ip: '127.0.0.1' }] });
    same(transport.iceCandidates.map(({ protocol, tcpType }) => [protocol, tcpType]), [['udp', undefined], ['tcp', 'passive']]);
    holds(transport.iceCandidates[0]!.priority > transport.iceCandidates[1]!.priority, 'in the order in which they were asked for');
  },
  'connect() settles the DTLS role, with the answer': async bench => {
    for (const [theirs, ours] of [['client', 'server'], ['server', 'client']] as const) {
      const { transport } = await transportOf(bench);
      const connected = transport.connect({ dtlsParameters: { role: theirs, fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('82').join(':') }] } });
      equal(transport.dtlsParameters.role, 'auto');
      equal(await connected, undefined);
      equal(transport.dtlsParameters.role, ours);
    }
  },
  'its dump and stats': async bench => {
    const { transport } = await transportOf(bench);
    await transport.setMaxIncomingBitrate(1_500_000);
    await transport.setMaxOutgoingBitrate(1_000_000);
    await transport.setMinOutgoingBitrate(300_000);
    const [dump, [stat]] = [await transport.dump(), await transport.getStats()];
    same([dump.id, dump.iceRole, dump.iceState, dump.dtlsState, dump.iceParameters], [transport.id, 'controlled', 'new', 'new', transport.iceParameters]);
    same([stat!.type, stat!.transportId, stat!.iceRole, stat!.maxIncomingBitrate, stat!.maxOutgoingBitrate, stat!.minOutgoingBitrate], ['webrtc-transport', transport.id, 'controlled', 1_500_000, 1_000_000, 300_000]);
    equal(typeof stat!.timestamp, 'number');
  },
  'on a WebRtcServer it listens where the server does': async bench => {
    const worker = await bench.worker();
    const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
    bench.after(() => server.close());
    const router = await bench.router();
    const transport = await router.createWebRtcTransport({ webRtcServer: server });
    const dump = await server.dump();
    equal(dump.webRtcTransportIds[0], transport.id);
    equal(dump.udpSockets[0]!.port, transport.iceCandidates[0]!.port);
    transport.close();
    same((await server.dump()).webRtcTransportIds, []);
  },
  'connects: states in order, each set before it is told, the entity before its observer': [['peer'], async bench => {
    const { transport } = await transportOf(bench);
    const journal = new Journal({ transport });
    const seen: string[] = [];
    transport.on('icestatechange', state => seen.push(`ice ${state} ${transport.iceState === state}`));
    transport.on('dtlsstatechange', state => seen.push(`dtls ${state} ${transport.dtlsState === state}`));
    transport.on('sctpstatechange', state => seen.push(`sctp ${state} ${transport.sctpState === state}`));
    const certificate = bench.next(transport, 'dtlsstatechange', state => state === 'connected').then(() => transport.dtlsRemoteCert);
    const sctp = bench.next(transport.observer, 'sctpstatechange', state => state === 'connected');
    const peer = await bench.connectPeer(transport, { sctp: true });
    await sctp;
    const steps = (kind: string): string[] => seen.filter(line => line.startsWith(kind));
    holds(/^ice connected true(,ice completed true)?$/.test(steps('ice').join()), steps('ice').join());
    same(steps('dtls'), ['dtls connecting true', 'dtls connected true']);
    same(steps('sctp'), ['sctp connecting true', 'sctp connected true']);
    equal((await certificate)!.replaceAll(/\s/g, ''), peer.certificatePem.replaceAll(/\s/g, ''));
    const lines = journal.take();
    lines.forEach((line, index) => line.includes('!') && equal(lines[index + 1], line.replace('!', '°')));
    equal(lines.filter(line => line.includes('iceselectedtuplechange')).length >= 2, true);
  }],
  'knows the peer once it is connected': [['peer'], async bench => {
    const { transport } = await transportOf(bench);
    const selected = bench.next<[{ remotePort: number; protocol: string; localPort: number }]>(transport, 'iceselectedtuplechange');
    const sctp = bench.next(transport, 'sctpstatechange', state => state === 'connected');
    await bench.connectPeer(transport, { sctp: true });
    const [tuple] = await selected;
    same([tuple.protocol, tuple.localPort], ['udp', transport.iceCandidates[0]!.port]);
    holds(transport.iceSelectedTuple !== transport.iceSelectedTuple && transport.iceSelectedTuple!.remotePort! > 0, 'a fresh copy each time');
    await sctp;
    same(transport.sctpNegotiatedCapabilities, { negotiatedMaxOutboundStreams: 65535, negotiatedMaxInboundStreams: 65535 });
    holds(transport.sctpNegotiatedCapabilities !== transport.sctpNegotiatedCapabilities, 'a fresh copy each time');
    const [stat] = await transport.getStats();
    same([stat!.iceSelectedTuple!.localPort, stat!.dtlsState], [tuple.localPort, 'connected']);
  }],
  'close() after that sets its states and keeps the certificate': [['peer'], async bench => {
    const { transport } = await transportOf(bench);
    const connected = bench.next(transport, 'dtlsstatechange', state => state === 'connected');
    await bench.connectPeer(transport);
    await connected;
    const journal = new Journal({ transport });
    transport.close();
    same([transport.iceState, transport.dtlsState, transport.sctpState, transport.iceSelectedTuple], ['closed', 'closed', 'closed', undefined]);
    equal(typeof transport.dtlsRemoteCert, 'string');
    same(journal.take(), ['transport°close']);
  }],
  'media of the peer reaches a consumer of the app': [['peer'], async bench => {
    const { router, transport } = await transportOf(bench);
    const peer = await bench.connectPeer(transport);
    const ssrc = newSsrc();
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const sink = await router.createDirectTransport();
    const consumer = await sink.consume({ producerId: producer.id, rtpCapabilities });
    const source = new Source('audio', ssrc);
    const [packet] = await bench.until(bench.next<[Buffer]>(consumer, 'rtp'), () => peer.sendRtp(source.packet({ payload: 'protected' })));
    equal(packet.subarray(-9).toString(), 'protected');
    const [stat] = await producer.getStats();
    same([stat!.ssrc, stat!.kind], [ssrc, 'audio']);
  }],
  'media of the app reaches the peer': [['peer'], async bench => {
    const { router, transport } = await transportOf(bench);
    const peer = await bench.connectPeer(transport);
    const ssrc = newSsrc();
    const source = await router.createDirectTransport();
    const producer = await source.produce({ kind: 'audio', rtpParameters: audioParameters(ssrc) });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
    const wanted = consumer.rtpParameters.encodings![0]!.ssrc;
    const heard = bench.soon(new Promise<string>(resolve => peer.onRtp(packet => packet.ssrc === wanted && resolve(packet.payload.toString()))), 'RTP at the peer');
    const packets = new Source('audio', ssrc);
    equal(await bench.until(heard, () => producer.send(packets.packet({ payload: 'to the peer' }))), 'to the peer');
  }],
  'messages of the peer reach the app, and those of the app the peer': [['peer'], async bench => {
    const { router, transport } = await transportOf(bench);
    const peer = await bench.connectPeer(transport, { sctp: true });
    const direct = await router.createDirectTransport();
    const up = await transport.produceData({ sctpStreamParameters: { streamId: 3 } });
    const heardHere = await direct.consumeData({ dataProducerId: up.id });
    const here = bench.next<[Buffer, number]>(heardHere, 'message');
    peer.sendData(3, 51, Buffer.from('from the peer'));
    const [message, ppid] = await here;
    same([message.toString(), ppid], ['from the peer', 51]);

    const down = await direct.produceData();
    const consumer = await transport.consumeData({ dataProducerId: down.id });
    const there: unknown[] = [];
    const both = bench.soon(new Promise<void>(resolve => peer.onData((streamId, kind, data) => there.push([streamId, kind, data.toString()]) === 2 && resolve())), 'messages at the peer');
    down.send(Buffer.from('through the router'));
    equal(typeof await consumer.send('straight from the app'), 'number');
    await both;
    same(there, [[0, 53, 'through the router'], [0, 51, 'straight from the app']]);
  }],
  'restartIce() on a connected transport keeps it connected': [['peer'], async bench => {
    const { transport } = await transportOf(bench);
    const connected = bench.next(transport, 'dtlsstatechange', state => state === 'connected');
    await bench.connectPeer(transport);
    await connected;
    const { usernameFragment } = transport.iceParameters;
    const restarted = await transport.restartIce();
    holds(restarted.usernameFragment !== usernameFragment, 'new parameters');
    equal(transport.dtlsState, 'connected');
  }],
});
