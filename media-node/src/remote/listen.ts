import { isIP } from 'node:net';

import type { PipeTransportOptions, PlainTransportOptions, TransportListenInfo } from 'mediasoup/types';
import type { RemoteWebRtcTransportOptions } from '@mediacluster/rope/contract';

/**
 * What the app cannot know: at which address a node's peers reach it, and which ports are free there. Pure: options in,
 * options out. `docs/configuration.md` has the table, row by row.
 */
export interface ListenPolicy {
  /** The address that peers are told where the app asks for 0.0.0.0 or :: without naming one. */
  readonly announcedAddress: string;
  /** The address at which this node's pipes listen; never an announced one. */
  readonly pipeAddress: string;
  /** Whether each worker has a WebRtcServer of its own, so that all its WebRtcTransports share one UDP and one TCP port. */
  readonly webRtcServer: 'auto' | 'off';
  /** Only the worker's reserved ports are reachable (they are mapped): ports and addresses of the app's own do not count. */
  readonly fixedPorts: boolean;
  /** Ports of the workers' own WebRtcServers and of PlainTransports; undefined leaves the choice to mediasoup. */
  readonly rtcPorts?: PortRange;
  /** Ports of pipes; undefined leaves the choice to mediasoup. */
  readonly pipePorts?: PortRange;
}

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** Where a WebRtcTransport is to listen: as the options say, or on the worker's own WebRtcServer. */
export type WebRtcListening =
  | { readonly on: 'options'; readonly options: RemoteWebRtcTransportOptions }
  | { readonly on: 'workerServer'; readonly options: RemoteWebRtcTransportOptions; readonly overruled: boolean };

/** Decides for `router.createWebRtcTransport()` without a `webRtcServer`. What is not understood is left to mediasoup's own errors. */
export function listenWebRtc(options: RemoteWebRtcTransportOptions, policy: ListenPolicy): WebRtcListening {
  const infos = listenInfosOf(options);
  if (!infos) return { on: 'options', options };
  const free = infos.every(info => isWildcard(info.ip) && !isAnnounced(info) && !info.port && !info.portRange);
  if (policy.webRtcServer === 'auto' && (free || policy.fixedPorts)) {
    return { on: 'workerServer', options: { ...withoutListening(options), ...protocolsOf(infos) }, overruled: !free };
  }
  return { on: 'options', options: { ...withoutListening(options), listenInfos: infos.map(info => announce(info, policy)) } };
}

type PlainOptions = Omit<PlainTransportOptions, 'appData'>;

/** Decides for `router.createPlainTransport()`: a wildcard is announced as the node, and takes a port that is reachable. */
export function listenPlain(options: PlainOptions, policy: ListenPolicy): PlainOptions {
  const { listenInfo, listenIp, port, ...rest } = options as Partial<OneListening> & PlainOptions;
  if ((listenInfo !== undefined) === (listenIp !== undefined)) return options; // none or both: mediasoup's TypeError
  const asked = askedFor({ listenInfo, listenIp, port });
  const rtcp = (options as { rtcpListenInfo?: TransportListenInfo }).rtcpListenInfo;
  return {
    ...(isWildcard(asked.ip) ? { ...rest, listenInfo: open(asked, policy) } : options),
    ...(isWildcard(rtcp?.ip) ? { rtcpListenInfo: open(rtcp as TransportListenInfo, policy) } : {}),
  };
}

function open(asked: TransportListenInfo, policy: ListenPolicy): TransportListenInfo {
  const { rtcPorts } = policy;
  return { ...announce(asked, policy), ...(rtcPorts && !asked.port && !asked.portRange ? { portRange: { ...rtcPorts } } : {}) };
}

/** Decides for `router.createPipeTransport()`: a wildcard becomes the node's pipe address, and nothing is announced. */
export function listenPipe(options: Omit<PipeTransportOptions, 'appData'>, policy: ListenPolicy): Omit<PipeTransportOptions, 'appData'> {
  const { listenInfo, listenIp, port, ...rest } = options as Partial<OneListening> & Omit<PipeTransportOptions, 'appData'>;
  if ((listenInfo !== undefined) === (listenIp !== undefined)) return options; // none or both: mediasoup's TypeError
  const asked = askedFor({ listenInfo, listenIp, port });
  if (!isWildcard(asked.ip)) return options;
  const { announcedAddress: _announced, announcedIp: _deprecated, ...bare } = asked;
  return {
    ...rest,
    listenInfo: {
      ...bare,
      ip: policy.pipeAddress,
      ...(policy.pipePorts && !asked.port && !asked.portRange ? { portRange: { ...policy.pipePorts } } : {}),
    },
  };
}

/** The listen information of a WebRtcServer that an app makes itself. */
export function listenServer(listenInfos: readonly TransportListenInfo[], policy: ListenPolicy): TransportListenInfo[] {
  return Array.isArray(listenInfos) ? listenInfos.map(info => announce(info, policy)) : (listenInfos as never);
}

/** One UDP and one TCP port for all WebRtcTransports of a worker. */
export function workerServerListenInfos(policy: ListenPolicy): TransportListenInfo[] {
  return (['udp', 'tcp'] as const).map(protocol => ({
    protocol,
    ip: '0.0.0.0',
    announcedAddress: policy.announcedAddress,
    ...(policy.rtcPorts ? { portRange: { ...policy.rtcPorts } } : {}),
  }));
}

type ListenIp = string | { ip: string; announcedIp?: string };

/** What a transport with one address takes: the newer form, or the deprecated one. */
interface OneListening {
  listenInfo: TransportListenInfo;
  listenIp: ListenIp;
  port: number;
}

/** In the newer form. Its `ip` is undefined when it makes no sense. */
function askedFor({ listenInfo, listenIp, port }: { [Key in keyof OneListening]: OneListening[Key] | undefined }): TransportListenInfo {
  return listenInfo ?? { protocol: 'udp', ...addressOf(listenIp as ListenIp), ...(port ? { port } : {}) };
}

interface WebRtcListenOptions {
  listenInfos?: TransportListenInfo[];
  listenIps?: ListenIp[];
  port?: number;
}

/** The listen information asked for, in mediasoup's newer form; undefined when there is none or it makes no sense. */
function listenInfosOf(options: RemoteWebRtcTransportOptions): TransportListenInfo[] | undefined {
  const { listenInfos, listenIps, port } = options as WebRtcListenOptions;
  const infos = Array.isArray(listenInfos)
    ? listenInfos
    : Array.isArray(listenIps)
      ? listenIps.flatMap(listenIp => orderedProtocols(options).map(protocol => ({ protocol, ...addressOf(listenIp), ...(port ? { port } : {}) })))
      : undefined;
  return infos !== undefined && infos.length > 0 && infos.every(isObject) ? infos : undefined;
}

/** mediasoup's own order for the deprecated `listenIps`, which name no protocol. */
function orderedProtocols({ enableUdp = true, enableTcp = false, preferUdp = false, preferTcp = false }: RemoteWebRtcTransportOptions): ('udp' | 'tcp')[] {
  const enabled: ('udp' | 'tcp')[] = [];
  if (enableUdp) enabled.push('udp');
  if (enableTcp) enabled.push('tcp');
  return preferTcp && !preferUdp ? enabled.toReversed() : enabled;
}

/**
 * A shared server offers both protocols: the candidates are limited to those that were asked for. `enableUdp` and `enableTcp`
 * count only for `listenIps`, as in mediasoup, and there they are in the infos already.
 */
function protocolsOf(infos: readonly TransportListenInfo[]): { enableUdp: boolean; enableTcp: boolean } {
  const asked = new Set(infos.map(info => info.protocol));
  return { enableUdp: asked.has('udp'), enableTcp: asked.has('tcp') };
}

function withoutListening(options: RemoteWebRtcTransportOptions): RemoteWebRtcTransportOptions {
  const { listenInfos: _infos, listenIps: _ips, port: _port, ...rest } = options as WebRtcListenOptions & RemoteWebRtcTransportOptions;
  return rest;
}

function announce(info: TransportListenInfo, policy: ListenPolicy): TransportListenInfo {
  return isObject(info) && isWildcard(info.ip) && !isAnnounced(info) ? { ...info, announcedAddress: policy.announcedAddress } : info;
}

function isAnnounced(info: TransportListenInfo): boolean {
  return Boolean(info.announcedAddress ?? info.announcedIp);
}

/** 0.0.0.0 and every spelling of `::`. */
function isWildcard(ip: unknown): boolean {
  return typeof ip === 'string' && (ip === '0.0.0.0' || (isIP(ip) === 6 && /^[0:]+$/.test(ip)));
}

function addressOf(listenIp: ListenIp): { ip: string; announcedAddress?: string } {
  if (typeof listenIp === 'string') return { ip: listenIp };
  return { ip: listenIp?.ip, ...(listenIp?.announcedIp ? { announcedAddress: listenIp.announcedIp } : {}) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
