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

/** What two transports that cannot see each other send one another goes through here, until it is cut. */
export interface UdpRelay {
  /** Where the one at the near end sends to, and the one at the far end. */
  readonly near: number;
  readonly far: number;
  /** From now on everything is lost. */
  cut(): void;
  close(): void;
}

/** Between two ports of the loopback. */
export async function openUdpRelay(nearPort: number, farPort: number): Promise<UdpRelay> {
  const [near, far] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4').bind(0, '127.0.0.1')];
  await Promise.all([once(near, 'listening'), once(far, 'listening')]);
  let open = true;
  near.on('message', packet => open && far.send(packet, farPort, '127.0.0.1'));
  far.on('message', packet => open && near.send(packet, nearPort, '127.0.0.1'));
  return {
    near: near.address().port,
    far: far.address().port,
    cut: () => {
      open = false;
    },
    close: () => [near, far].forEach(socket => socket.close()),
  };
}

/** RTP and RTCP share a port at times: RTCP's types are 192 to 223 (RFC 5761, section 4). */
export function isRtcp(packet: Buffer): boolean {
  return packet[1]! >= 192 && packet[1]! <= 223;
}
