import type { ConnectPeer } from '@mediacluster/sdk/conformance';
import { IceCandidate, RTCDtlsParameters, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport, RTCSctpTransport, RtpHeader, RtpPacket } from 'werift';

const SRTP_AES128_CM_HMAC_SHA1_80 = 1; // RFC 5764, section 4.1.2

/** A WebRTC endpoint in this process, made of werift's transports. */
export const connectWerift: ConnectPeer = async (transport, { sctp: withSctp = false } = {}) => {
  const gatherer = new RTCIceGatherer({ useIpv4: true, useIpv6: false, additionalHostAddresses: ['127.0.0.1'] });
  const ice = new RTCIceTransport(gatherer);
  ice.connection.iceControlling = true; // mediasoup is ICE lite
  const dtls = new RTCDtlsTransport({}, ice, await RTCDtlsTransport.SetupCertificate(), [SRTP_AES128_CM_HMAC_SHA1_80]);
  await gatherer.gather();
  ice.setRemoteParams(transport.iceParameters as never);
  for (const { foundation, ip, port, priority, protocol, type } of transport.iceCandidates) {
    await ice.addRemoteCandidate(new IceCandidate(1, foundation, ip, port, priority, protocol, type));
  }
  await ice.addRemoteCandidate(undefined);
  dtls.role = 'client';
  dtls.setRemoteParams(new RTCDtlsParameters(transport.dtlsParameters.fingerprints.filter(({ algorithm }) => algorithm === 'sha-256'), 'server'));
  await transport.connect({ dtlsParameters: { role: 'client', fingerprints: dtls.localParameters.fingerprints.map(({ algorithm, value }) => ({ algorithm, value })) as never } });
  await ice.start();
  await dtls.start();
  let sctp: RTCSctpTransport | undefined;
  if (withSctp) {
    sctp = new RTCSctpTransport(5000);
    sctp.setDtlsTransport(dtls);
    await sctp.start(transport.sctpParameters!.port);
    if (sctp.sctp.state !== 'connected') await sctp.sctp.stateChanged.connected.asPromise();
  }
  let closed: Promise<void> | undefined;
  return {
    certificatePem: dtls.localCertificate!.certPem,
    sendRtp(packet) {
      const { header, payload } = RtpPacket.deSerialize(packet);
      void dtls.sendRtp(payload, new RtpHeader(header));
    },
    sendData: (streamId, ppid, data) => void sctp!.sctp.send(streamId, ppid, data),
    onRtp: listener => void dtls.onRtp.subscribe(({ header, payload }) => listener({ ssrc: header.ssrc, payload })),
    onData: listener => void sctp!.sctp.onReceive.subscribe((streamId, ppid, data) => listener(streamId, ppid, data)),
    close() {
      closed ??= (async () => {
        await sctp?.stop();
        await dtls.stop();
        await ice.stop();
      })();
      return closed;
    },
  };
};
