import { describe, expect, test } from '@jest/globals';
import type { TransportListenInfo } from 'mediasoup/types';

import { listenPipe, listenPlain, listenServer, listenWebRtc, workerServerListenInfos } from './listen.ts';
import type { ListenPolicy } from './listen.ts';

const bare: ListenPolicy = { announcedAddress: '203.0.113.7', pipeAddress: '10.0.0.7', webRtcServer: 'off', fixedPorts: false };
const pod: ListenPolicy = { ...bare, webRtcServer: 'auto' };
const udp = (info: Partial<TransportListenInfo> = {}): TransportListenInfo => ({ protocol: 'udp', ip: '0.0.0.0', ...info });
const tcp = (info: Partial<TransportListenInfo> = {}): TransportListenInfo => ({ protocol: 'tcp', ip: '0.0.0.0', ...info });
const webRtc = (options: object, policy: ListenPolicy): ReturnType<typeof listenWebRtc> => listenWebRtc(options, policy);

describe('a WebRtcTransport', () => {
  test.each([
    ['nothing', {}],
    ['an empty list', { listenInfos: [] }],
    ['no list', { listenInfos: 'any' }],
    ['a list of nonsense', { listenInfos: [null] }],
  ])('with %s to listen on is left to mediasoup and its TypeError', (_what, options) => {
    expect(webRtc(options, pod)).toEqual({ on: 'options', options });
  });

  test.each([['announcedAddress'], ['announcedIp']])('keeps an announced address of the app\'s own (%s)', key => {
    const options = { listenInfos: [udp({ [key]: '198.51.100.1' })], preferUdp: true };
    expect(webRtc(options, pod)).toEqual({ on: 'options', options });
  });

  test.each([['0.0.0.0'], ['::'], ['0:0:0:0:0:0:0:0']])('gets the node\'s announced address for %s', ip => {
    expect(webRtc({ listenInfos: [udp({ ip })] }, bare)).toEqual({ on: 'options', options: { listenInfos: [udp({ ip, announcedAddress: '203.0.113.7' })] } });
  });

  test('keeps an address of the node\'s own that the app names', () => {
    const options = { listenInfos: [udp({ ip: '10.0.0.7', port: 5000 })] };
    expect(webRtc(options, pod)).toEqual({ on: 'options', options });
  });

  test('keeps the app\'s port, and has the address filled in, where ports are free to choose', () => {
    expect(webRtc({ listenInfos: [udp({ port: 5000 })] }, pod))
      .toEqual({ on: 'options', options: { listenInfos: [udp({ port: 5000, announcedAddress: '203.0.113.7' })] } });
    expect(webRtc({ listenInfos: [udp({ portRange: { min: 1, max: 9 } })] }, pod)).toMatchObject({ on: 'options' });
  });

  test('stands on the worker\'s own server when the app leaves everything open, with the protocols asked for', () => {
    expect(webRtc({ listenInfos: [udp(), tcp()], preferUdp: true }, pod))
      .toEqual({ on: 'workerServer', overruled: false, options: { enableUdp: true, enableTcp: true, preferUdp: true } });
    expect(webRtc({ listenInfos: [udp()] }, pod)).toEqual({ on: 'workerServer', overruled: false, options: { enableUdp: true, enableTcp: false } });
    // As in mediasoup, enableTcp says nothing where listenInfos name the protocols.
    expect(webRtc({ listenInfos: [tcp()], enableUdp: true }, pod)).toMatchObject({ options: { enableUdp: false, enableTcp: true } });
  });

  test('understands the deprecated listenIps, whose protocols the flags choose', () => {
    expect(webRtc({ listenIps: ['0.0.0.0'] }, pod)).toMatchObject({ on: 'workerServer', options: { enableUdp: true, enableTcp: false } });
    expect(webRtc({ listenIps: [{ ip: '0.0.0.0' }], enableTcp: true }, bare)).toEqual({
      on: 'options',
      options: { enableTcp: true, listenInfos: [udp({ announcedAddress: '203.0.113.7' }), tcp({ announcedAddress: '203.0.113.7' })] },
    });
    expect(webRtc({ listenIps: ['0.0.0.0'], enableTcp: true, preferTcp: true, port: 7 }, bare)).toMatchObject({
      options: { listenInfos: [tcp({ port: 7 }), udp({ port: 7 })] },
    });
    expect(webRtc({ listenIps: [{ ip: '0.0.0.0', announcedIp: '198.51.100.1' }], enableUdp: false, enableTcp: true }, pod)).toEqual({
      on: 'options',
      options: { enableUdp: false, enableTcp: true, listenInfos: [tcp({ announcedAddress: '198.51.100.1' })] },
    });
  });

  test('stands on the reserved port whatever the app says, where only that one is reachable', () => {
    expect(webRtc({ listenInfos: [udp({ port: 5000, announcedAddress: '198.51.100.1' })] }, { ...pod, fixedPorts: true }))
      .toEqual({ on: 'workerServer', overruled: true, options: { enableUdp: true, enableTcp: false } });
    expect(webRtc({ listenInfos: [udp()] }, { ...pod, fixedPorts: true })).toMatchObject({ overruled: false });
  });
});

describe('a PipeTransport', () => {
  const pipe = (options: object, policy = bare): object => listenPipe(options, policy);

  test('listens on the node\'s pipe address, and nothing is announced', () => {
    expect(pipe({ listenInfo: udp({ announcedAddress: '198.51.100.1', sendBufferSize: 9 }), enableRtx: true }))
      .toEqual({ listenInfo: udp({ ip: '10.0.0.7', sendBufferSize: 9 }), enableRtx: true });
    expect(pipe({ listenIp: '0.0.0.0' })).toEqual({ listenInfo: udp({ ip: '10.0.0.7' }) });
    expect(pipe({ listenIp: { ip: '::', announcedIp: '198.51.100.1' }, port: 8 })).toEqual({ listenInfo: udp({ ip: '10.0.0.7', port: 8 }) });
  });

  test('takes its port from the pipes\' range, unless the app names one', () => {
    const policy = { ...bare, pipePorts: { min: 41_000, max: 41_999 } };
    expect(pipe({ listenIp: '0.0.0.0' }, policy)).toEqual({ listenInfo: udp({ ip: '10.0.0.7', portRange: { min: 41_000, max: 41_999 } }) });
    expect(pipe({ listenInfo: udp({ port: 8 }) }, policy)).toEqual({ listenInfo: udp({ ip: '10.0.0.7', port: 8 }) });
  });

  test.each([
    ['an address of the app\'s own', { listenIp: '127.0.0.1' }],
    ['nothing', {}],
    ['both kinds', { listenInfo: udp(), listenIp: '0.0.0.0' }],
    ['nonsense', { listenInfo: 5 }],
    ['null', { listenIp: null }],
  ])('with %s is left to mediasoup', (_what, options) => {
    expect(pipe(options)).toEqual(options);
  });
});

describe('a PlainTransport', () => {
  const plain = (options: object, policy = bare): object => listenPlain(options, policy);
  const ranged = { ...bare, rtcPorts: { min: 40_000, max: 40_099 } };

  test('is announced as the node where the app asks for any address and announces none', () => {
    expect(plain({ listenInfo: udp({ sendBufferSize: 9 }), comedia: true })).toEqual({ listenInfo: udp({ announcedAddress: '203.0.113.7', sendBufferSize: 9 }), comedia: true });
    expect(plain({ listenIp: '::', port: 8 })).toEqual({ listenInfo: udp({ ip: '::', announcedAddress: '203.0.113.7', port: 8 }) });
    expect(plain({ listenIp: { ip: '0.0.0.0', announcedIp: '198.51.100.1' } })).toEqual({ listenInfo: udp({ announcedAddress: '198.51.100.1' }) });
  });

  test('has its RTCP treated alike', () => {
    const rtcp = { rtcpMux: false, rtcpListenInfo: udp({ port: 9 }) };
    expect(plain({ ...rtcp, listenInfo: udp({ ip: '127.0.0.1' }) }))
      .toEqual({ rtcpMux: false, listenInfo: udp({ ip: '127.0.0.1' }), rtcpListenInfo: udp({ port: 9, announcedAddress: '203.0.113.7' }) });
    expect(plain({ rtcpListenInfo: udp(), listenInfo: udp() }, ranged)).toEqual({
      listenInfo: udp({ announcedAddress: '203.0.113.7', portRange: { min: 40_000, max: 40_099 } }),
      rtcpListenInfo: udp({ announcedAddress: '203.0.113.7', portRange: { min: 40_000, max: 40_099 } }),
    });
  });

  test('takes its port from the range, unless the app names one', () => {
    expect(plain({ listenIp: '0.0.0.0' }, ranged)).toMatchObject({ listenInfo: { portRange: { min: 40_000, max: 40_099 } } });
    expect(plain({ listenInfo: udp({ port: 8 }) }, ranged)).toEqual({ listenInfo: udp({ port: 8, announcedAddress: '203.0.113.7' }) });
    expect(plain({ listenInfo: udp({ portRange: { min: 1, max: 2 } }) }, ranged)).toMatchObject({ listenInfo: { portRange: { min: 1, max: 2 } } });
  });

  test.each([
    ['an address of the app\'s own', { listenIp: '127.0.0.1', port: 8 }],
    ['nothing', {}],
    ['both kinds', { listenInfo: udp(), listenIp: '0.0.0.0' }],
    ['nonsense', { listenInfo: 5, rtcpListenInfo: 6 }],
    ['null', { listenInfo: null }],
  ])('with %s is left to mediasoup', (_what, options) => {
    expect(plain(options)).toEqual(options);
  });
});

describe('a WebRtcServer', () => {
  test('of the app\'s gets the node\'s announced address where it names none', () => {
    expect(listenServer([udp({ port: 9 }), tcp({ ip: '10.0.0.7' })], bare)).toEqual([udp({ port: 9, announcedAddress: '203.0.113.7' }), tcp({ ip: '10.0.0.7' })]);
    expect(listenServer(undefined as never, bare)).toBeUndefined();
    expect(listenServer([null as never], bare)).toEqual([null]);
  });

  test('of a worker\'s own has one UDP and one TCP port, in the range if there is one', () => {
    expect(workerServerListenInfos(pod)).toEqual([udp({ announcedAddress: '203.0.113.7' }), tcp({ announcedAddress: '203.0.113.7' })]);
    expect(workerServerListenInfos({ ...pod, rtcPorts: { min: 4, max: 5 } })[1]).toEqual(tcp({ announcedAddress: '203.0.113.7', portRange: { min: 4, max: 5 } }));
  });
});
