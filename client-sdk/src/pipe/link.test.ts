import { describe, expect, test } from '@jest/globals';

import { PipeAddressError } from '../errors.ts';
import { addressOf, linkOf } from './link.ts';

const here = { id: '1', name: 'node-1', pipeAddress: '10.0.0.1' };
const there = { id: '2', name: 'node-2', pipeAddress: '10.0.0.2' };
const six = { id: '3', name: 'node-3', pipeAddress: 'fd00::3' };
const large = { sendBufferSize: 4_194_304, recvBufferSize: 4_194_304 };
const tuple = (localAddress: string) => ({ localAddress, localIp: localAddress, localPort: 1, protocol: 'udp' as const });

describe('on one host', () => {
  test('a pipe takes the loopback, with large buffers', () => {
    const listen = { protocol: 'udp', ip: '127.0.0.1', ...large };
    expect(linkOf(here, here, {})).toEqual({ listenFrom: listen, listenTo: listen, enableSrtp: false, enableRtx: false });
  });

  test('a pipe listens where the app says', () => {
    const listenInfo = { protocol: 'udp', ip: '10.0.0.9', port: 7 } as const;
    expect(linkOf(here, here, { listenInfo })).toMatchObject({ listenFrom: listenInfo, listenTo: listenInfo });
    expect(linkOf(here, here, { listenIp: '10.0.0.9' }).listenTo).toEqual({ protocol: 'udp', ip: '10.0.0.9', announcedAddress: undefined });
    expect(linkOf(here, here, { listenIp: { ip: '0.0.0.0', announcedIp: '1.2.3.4' }, enableSrtp: true, enableRtx: true })).toMatchObject({
      listenFrom: { protocol: 'udp', ip: '0.0.0.0', announcedAddress: '1.2.3.4' }, enableSrtp: true, enableRtx: true,
    });
  });
});

describe('between two hosts', () => {
  test('each end listens on its own host, protected, with large buffers', () => {
    const listen = { protocol: 'udp', ip: '0.0.0.0', ...large };
    expect(linkOf(here, there, {})).toEqual({ listenFrom: listen, listenTo: listen, enableSrtp: true, enableRtx: true });
    expect(linkOf(here, six, {})).toMatchObject({ listenFrom: { ip: '0.0.0.0' }, listenTo: { ip: '::' } });
    expect(linkOf(here, { id: '4', name: 'node-4' }, {}).listenTo.ip).toBe('0.0.0.0');
  });

  test('the app may do without SRTP and RTX', () => {
    expect(linkOf(here, there, { enableSrtp: false, enableRtx: false })).toMatchObject({ enableSrtp: false, enableRtx: false });
  });

  test('no address of the app is taken, since it cannot be one of both hosts, but all else is', () => {
    const flags = { udpReusePort: true };
    const listenInfo = { protocol: 'udp', ip: '127.0.0.1', announcedAddress: 'a', announcedIp: 'b', exposeInternalIp: true, portRange: { min: 1, max: 2 }, flags, sendBufferSize: 5, recvBufferSize: 6 } as const;
    expect(linkOf(here, there, { listenInfo }).listenFrom).toEqual({ protocol: 'udp', ip: '0.0.0.0', portRange: { min: 1, max: 2 }, flags, sendBufferSize: 5, recvBufferSize: 6 });
    expect(linkOf(here, there, { listenIp: '127.0.0.1' }).listenTo).toEqual({ protocol: 'udp', ip: '0.0.0.0', ...large });
  });
});

describe('the address to connect to', () => {
  test('is the one that the other end tells', () => {
    expect(addressOf(here, tuple('10.9.9.9'))).toBe('10.9.9.9');
  });

  test.each(['0.0.0.0', '::'])('is the node\'s pipe address where the other end listens on %s', any => {
    expect(addressOf(here, tuple(any))).toBe('10.0.0.1');
  });

  test('must be known', () => {
    expect(() => addressOf({ id: '4', name: 'node-4' }, tuple('0.0.0.0'))).toThrow(
      new PipeAddressError('node node-4 listens for pipes on 0.0.0.0 and has no pipe address: give it one that the other nodes reach'),
    );
  });
});
