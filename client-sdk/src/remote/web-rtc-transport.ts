import type { WebRtcTransportState } from '@mediacluster/rope/contract';
import type {
  AppData, DtlsParameters, DtlsState, IceCandidate, IceParameters, IceState, TransportTuple, WebRtcTransport, WebRtcTransportDump,
  WebRtcTransportEvents, WebRtcTransportObserverEvents, WebRtcTransportStat,
} from 'mediasoup/types';

import { clone } from './checks.ts';
import { RemoteTransport } from './transport.ts';
import type { TransportInit } from './transport.ts';
import type { RemoteWebRtcServer } from './web-rtc-server.ts';

/** What a WebRtcTransport is made of. */
export interface WebRtcTransportInit<Data extends AppData> extends TransportInit<Data> {
  /** The one that it listens on, if any. */
  readonly webRtcServer?: RemoteWebRtcServer;
}

/** A WebRtcTransport in a media node. */
export class RemoteWebRtcTransport<Data extends AppData = AppData>
  extends RemoteTransport<WebRtcTransportEvents, WebRtcTransportObserverEvents, WebRtcTransportState, Data> implements WebRtcTransport<Data> {
  static override readonly name: string = 'WebRtcTransportImpl';
  readonly #webRtcServer: RemoteWebRtcServer | undefined;

  constructor(init: WebRtcTransportInit<Data>) {
    super(init);
    this.#webRtcServer = init.webRtcServer;
  }

  get type(): 'webrtc' {
    return 'webrtc';
  }

  get iceRole(): 'controlled' {
    return this.state.iceRole;
  }

  get iceParameters(): IceParameters {
    return this.state.iceParameters; // as mediasoup: the same object until ICE restarts
  }

  get iceCandidates(): IceCandidate[] {
    return clone(this.state.iceCandidates);
  }

  get iceState(): IceState {
    return this.state.iceState;
  }

  get iceSelectedTuple(): TransportTuple | undefined {
    return clone(this.state.iceSelectedTuple);
  }

  get dtlsParameters(): DtlsParameters {
    return clone(this.state.dtlsParameters);
  }

  get dtlsState(): DtlsState {
    return this.state.dtlsState;
  }

  get dtlsRemoteCert(): string | undefined {
    return this.state.dtlsRemoteCert;
  }

  override close(): void {
    if (this.closed) return;
    this.leave('transport.close', { transport: this.object });
    this.#endAlone();
  }

  override listenServerClosed(): void {
    if (this.closed) return;
    // It is no child of the server, so it leaves the replica by itself.
    this.link.forget(this.object);
    super.listenServerClosed();
  }

  /**
   * A transport on a WebRtcServer that is missing after a reconnect went with its server: nobody else ends it while its router lives.
   */
  override endedByNode(event: string | undefined = this.#webRtcServer && 'listenserverclose'): void {
    if (event === undefined) {
      this.#endAlone();
      return;
    }
    this.end([[event]]);
    this.#webRtcServer?.unhandle(this);
  }

  dump(): Promise<WebRtcTransportDump> {
    return this.request<'transport.dump', WebRtcTransportDump>('transport.dump', { transport: this.object });
  }

  getStats(): Promise<WebRtcTransportStat[]> {
    return this.request<'transport.getStats', WebRtcTransportStat[]>('transport.getStats', { transport: this.object });
  }

  async connect({ dtlsParameters }: { dtlsParameters: DtlsParameters }): Promise<void> {
    if (typeof dtlsParameters !== 'object') throw new TypeError('missing dtlsParameters');
    return this.request('transport.connect', { transport: this.object, options: { dtlsParameters } });
  }

  /** The new parameters are the same object that `iceParameters` returns from now on. */
  restartIce(): Promise<IceParameters> {
    return this.request('webRtcTransport.restartIce', { transport: this.object }, () => this.state.iceParameters);
  }

  protected override closeState(): void {
    super.closeState();
    this.setState({ iceState: 'closed', iceSelectedTuple: undefined, dtlsState: 'closed' });
  }

  #endAlone(): void {
    this.end([], () => this.#webRtcServer?.unhandle(this));
  }
}
