import type { PipeToRouterOptions, TransportListenInfo, TransportTuple } from 'mediasoup/types';

import { PipeAddressError } from '../errors.ts';

/** Where one end of a pipe lives. */
export interface Place {
  /** Equal ids are one host: its loopback reaches both ends. */
  readonly id: string;
  readonly name: string;
  /** The address at which other hosts reach this one's pipes. */
  readonly pipeAddress?: string;
}

/** How the two ends of a pipe listen, and what protects what flows between them. */
export interface Link {
  readonly listenFrom: TransportListenInfo;
  readonly listenTo: TransportListenInfo;
  readonly enableSrtp: boolean;
  readonly enableRtx: boolean;
}

// The kernel's default of 208 KiB is about 100 packets and lost up to 2.7 % while the receiving worker waited for its turn;
// with 4 MiB nothing was lost. The kernel caps it at its own limit without an error.
const PIPE_BUFFER_BYTES = 4 * 1024 * 1024;

type LinkOptions = Pick<PipeToRouterOptions, 'listenInfo' | 'listenIp' | 'enableSrtp' | 'enableRtx'>;

/**
 * Decides how a pipe is laid. On one host as mediasoup does: loopback, or what the app asks for. Between two hosts one listen
 * information cannot name an address of both, so each end listens on its own host's pipe address, whatever address the app named,
 * and SRTP and RTX are on unless the app says no.
 */
export function linkOf(from: Place, to: Place, options: LinkOptions): Link {
  const asked = askedInfo(options);
  const { enableSrtp, enableRtx } = options;
  if (from.id === to.id) {
    const listen = asked ?? { protocol: 'udp', ip: '127.0.0.1', ...buffers({}) };
    return { listenFrom: listen, listenTo: listen, enableSrtp: enableSrtp ?? false, enableRtx: enableRtx ?? false };
  }
  return {
    listenFrom: listenOn(from, asked),
    listenTo: listenOn(to, asked),
    enableSrtp: enableSrtp ?? true,
    enableRtx: enableRtx ?? true,
  };
}

/**
 * The address to which the other end connects.
 * @throws PipeAddressError when the end listens on all addresses and nobody told which of them others reach.
 */
export function addressOf(place: Place, tuple: TransportTuple): string {
  if (!isUnspecified(tuple.localAddress)) return tuple.localAddress;
  if (place.pipeAddress) return place.pipeAddress;
  throw new PipeAddressError(`node ${place.name} listens for pipes on ${tuple.localAddress} and has no pipe address: give it one that the other nodes reach`);
}

function askedInfo({ listenInfo, listenIp }: LinkOptions): TransportListenInfo | undefined {
  if (listenInfo) return listenInfo;
  if (!listenIp) return undefined;
  const { ip, announcedIp } = typeof listenIp === 'string' ? { ip: listenIp, announcedIp: undefined } : listenIp;
  return { protocol: 'udp', ip, announcedAddress: announcedIp };
}

function listenOn(place: Place, asked: Partial<TransportListenInfo> = {}): TransportListenInfo {
  const { announcedAddress: _address, announcedIp: _ip, exposeInternalIp: _expose, ...rest } = asked;
  return { ...rest, ...buffers(asked), protocol: 'udp', ip: place.pipeAddress?.includes(':') ? '::' : '0.0.0.0' };
}

function buffers({ sendBufferSize, recvBufferSize }: Partial<TransportListenInfo>): Pick<TransportListenInfo, 'sendBufferSize' | 'recvBufferSize'> {
  return { sendBufferSize: sendBufferSize ?? PIPE_BUFFER_BYTES, recvBufferSize: recvBufferSize ?? PIPE_BUFFER_BYTES };
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
