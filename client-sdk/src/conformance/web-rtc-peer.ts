import type { WebRtcTransport } from 'mediasoup/types';

/** The other end of a WebRtcTransport: ICE, DTLS, SRTP and SCTP as a browser does them. */
export interface WebRtcPeer {
  /** What the transport's `dtlsRemoteCert` must be. */
  readonly certificatePem: string;
  /** Protects one RTP packet and sends it. */
  sendRtp(packet: Buffer): void;
  /** Sends one SCTP message. */
  sendData(streamId: number, ppid: number, data: Buffer): void;
  /** RTP packets that came and could be unprotected. */
  onRtp(listener: (packet: { ssrc: number; payload: Buffer }) => void): void;
  /** SCTP messages that came. */
  onData(listener: (streamId: number, ppid: number, data: Buffer) => void): void;
  /** Leaves, telling the transport so. Safe to call twice. */
  close(): Promise<void>;
}

/** Calls `transport.connect()` itself, and resolves when ICE and DTLS are done, and SCTP where asked for. */
export type ConnectPeer = (transport: WebRtcTransport, options?: { sctp?: boolean }) => Promise<WebRtcPeer>;
