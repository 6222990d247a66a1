import type { WebRtcTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, DtlsParameters, DtlsState, IceCandidate, IceParameters, IceState, TransportTuple, WebRtcTransport, WebRtcTransportDump,
  WebRtcTransportEvents, WebRtcTransportObserverEvents, WebRtcTransportStat,
} from 'mediasoup/types';

import { clone } from './checks.ts';
import { closeState, end, endedByNode, leave, link, objectId, request, setState, state, unhandle } from './internals.ts';
import { RemoteSctpTransport } from './sctp-transport.ts';
import type { TransportInit } from './transport.ts';
import type { RemoteWebRtcServer } from './web-rtc-server.ts';

/** What a WebRtcTransport is made of. */
export interface WebRtcTransportInit extends TransportInit {
  /** The one that it listens on, if any. */
  readonly webRtcServer?: RemoteWebRtcServer;
}

/** A WebRtcTransport in a media node. */
export class RemoteWebRtcTransport<Data extends AppData = AppData>
  extends RemoteSctpTransport<WebRtcTransportEvents, WebRtcTransportObserverEvents, WebRtcTransportState, Data> implements WebRtcTransport<Data> {
  static override readonly name: string = 'WebRtcTransportImpl';
  readonly #webRtcServer: RemoteWebRtcServer | undefined;

  constructor(init: WebRtcTransportInit) {
    super(init);
    this.#webRtcServer = init.webRtcServer;
  }

  get type(): 'webrtc' {
    return 'webrtc';
  }

  get iceRole(): 'controlled' {
    return this[state].iceRole;
  }

  get iceParameters(): IceParameters {
    return this[state].iceParameters; // as mediasoup: the same object until ICE restarts
  }

  get iceCandidates(): IceCandidate[] {
    return clone(this[state].iceCandidates);
  }

  get iceState(): IceState {
    return this[state].iceState;
  }

  get iceSelectedTuple(): TransportTuple | undefined {
    return clone(this[state].iceSelectedTuple);
  }

  get dtlsParameters(): DtlsParameters {
    return clone(this[state].dtlsParameters);
  }

  get dtlsState(): DtlsState {
    return this[state].dtlsState;
  }

  get dtlsRemoteCert(): string | undefined {
    return this[state].dtlsRemoteCert;
  }

  override close(): void {
    if (this.closed) return;
    this[leave]('transport.close', { transport: this[objectId] });
    this.#endAlone();
  }

  override listenServerClosed(): void {
    if (this.closed) return;
    // It is no child of the server, so it leaves the replica by itself.
    this[link].forget(this[objectId]);
    super.listenServerClosed();
  }

  /** Without an event another session closed it. What a WebRtcServer takes along hears it of that. */
  override [endedByNode](event?: string): void {
    if (event === undefined) {
      this.#endAlone();
      return;
    }
    this[end]([[event]]);
    this.#webRtcServer?.[unhandle](this);
  }

  dump(): Promise<WebRtcTransportDump> {
    return this[request]<'transport.dump', WebRtcTransportDump>('transport.dump', { transport: this[objectId] });
  }

  getStats(): Promise<WebRtcTransportStat[]> {
    return this[request]<'transport.getStats', WebRtcTransportStat[]>('transport.getStats', { transport: this[objectId] });
  }

  async connect({ dtlsParameters }: { dtlsParameters: DtlsParameters }): Promise<void> {
    // mediasoup's own check, which on a closed transport nobody else makes.
    const { fingerprints } = dtlsParameters;
    if (!Array.isArray(fingerprints)) throw new TypeError('dtlsParameters.fingerprints is not iterable');
    return this[request]('transport.connect', { transport: this[objectId], options: { dtlsParameters } });
  }

  /** The new parameters are the same object that `iceParameters` returns from now on. */
  restartIce(): Promise<IceParameters> {
    return this[request]('webRtcTransport.restartIce', { transport: this[objectId] }, () => this[state].iceParameters);
  }

  override [closeState](): void {
    super[closeState]();
    this[setState]({ iceState: 'closed', iceSelectedTuple: undefined, dtlsState: 'closed' });
  }

  #endAlone(): void {
    this[end]([], () => this.#webRtcServer?.[unhandle](this));
  }
}
