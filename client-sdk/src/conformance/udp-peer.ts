import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP port of this process: the other end of a PlainTransport without ICE and DTLS. */
export interface UdpPeer {
  readonly port: number;
  send(packet: Buffer, port: number): void;
  /** The next packet that fits. */
  received(fits: (packet: Buffer) => boolean): Promise<Buffer>;
  close(): void;
}

/** On the loopback, any port. */
export async function openUdpPeer(): Promise<UdpPeer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    send: (packet, port) => socket.send(packet, port, '127.0.0.1'),
    received: fits => new Promise(resolve => socket.on('message', packet => fits(packet) && resolve(packet))),
    close: () => socket.close(),
  };
}

/** RTP and RTCP share a port at times: RTCP's types are 192 to 223 (RFC 5761, section 4). */
export function isRtcp(packet: Buffer): boolean {
  return packet[1]! >= 192 && packet[1]! <= 223;
}
