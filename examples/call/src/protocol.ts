import type { types } from 'mediasoup';

/** A peer as the others see it. */
export interface PeerInfo {
  id: string;
  name: string;
  /** Where the peer's router lives, in words: a node's name, or a process id. */
  node: string;
}

/** Something that a peer sends and others may receive. */
export interface MediaInfo {
  peerId: string;
  producerId: string;
  kind: types.MediaKind | 'data';
}

/** What a browser needs to build its end of a WebRtcTransport. */
export interface TransportInfo {
  id: string;
  iceParameters: types.IceParameters;
  iceCandidates: types.IceCandidate[];
  dtlsParameters: types.DtlsParameters;
  sctpParameters?: types.SctpParameters;
}

/** mediasoup and mediasoup-client each type these in their own way; between them they are the same JSON. */
export interface MediaTypes {
  routerRtpCapabilities: unknown;
  rtpCapabilities: unknown;
  rtpParameters: unknown;
  sctpStreamParameters: unknown;
}

/** The page asks, the server answers: `{ id, method, data }` → `{ id, result }` or `{ id, error }`. */
export interface Calls<T extends MediaTypes> {
  join: {
    data: { name: string };
    result: {
      me: PeerInfo;
      peers: PeerInfo[];
      media: MediaInfo[];
      rtpCapabilities: T['routerRtpCapabilities'];
      send: TransportInfo;
      receive: TransportInfo;
    };
  };
  connect: { data: { transportId: string; dtlsParameters: types.DtlsParameters }; result: void };
  restartIce: { data: { transportId: string }; result: types.IceParameters };
  produce: { data: { kind: types.MediaKind; rtpParameters: T['rtpParameters'] }; result: { id: string } };
  produceData: { data: { sctpStreamParameters: T['sctpStreamParameters']; label?: string }; result: { id: string } };
  setPaused: { data: { producerId: string; paused: boolean }; result: void };
  consume: {
    data: { peerId: string; producerId: string; rtpCapabilities: T['rtpCapabilities'] };
    result: { id: string; producerId: string; kind: types.MediaKind; rtpParameters: T['rtpParameters']; paused: boolean };
  };
  resume: { data: { consumerId: string }; result: void };
  consumeData: {
    data: { peerId: string; producerId: string };
    result: { id: string; dataProducerId: string; sctpStreamParameters: T['sctpStreamParameters']; label: string; protocol: string };
  };
}

/** The calls as the server types them. */
export type ServerCalls = Calls<{
  routerRtpCapabilities: types.RouterRtpCapabilities;
  rtpCapabilities: types.RtpCapabilities;
  rtpParameters: types.RtpParameters;
  sctpStreamParameters: types.SctpStreamParameters | undefined;
}>;

/** The server tells, nobody answers: `{ event, data }`. */
export interface Events {
  peerJoined: PeerInfo;
  peerLeft: { peerId: string };
  media: MediaInfo;
  paused: { consumerId: string; paused: boolean };
  consumerClosed: { consumerId: string };
}

/** Why the server ends a page's connection: the WebSocket's close code. The page joins again after each of them. */
export const CLOSE = {
  /** The worker died, or its node is lost. */
  lost: 4001,
  /** The worker was closed as planned: its node is leaving. */
  moved: 4002,
} as const;
