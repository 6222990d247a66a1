import type { WebRtcServerState } from '@mediacluster/rope/contract';
import type { AppData, WebRtcServer, WebRtcServerDump, WebRtcServerEvents, WebRtcServerObserverEvents, WebRtcTransport } from 'mediasoup/types';

import { RemoteObject } from './remote-object.ts';

/** A WebRtcServer in a media node. */
export class RemoteWebRtcServer<Data extends AppData = AppData>
  extends RemoteObject<WebRtcServerEvents, WebRtcServerObserverEvents, WebRtcServerState, Data> implements WebRtcServer<Data> {
  static override readonly name: string = 'WebRtcServerImpl';
  readonly #transports = new Set<WebRtcTransport>();

  get id(): string {
    return this.state.id;
  }

  close(): void {
    if (this.closed) return;
    this.leave('webRtcServer.close', { webRtcServer: this.object });
    this.end();
  }

  /** Its transports are not closed here: they are children of their routers, which hear of the worker too. */
  workerClosed(): void {
    this.#transports.clear();
    this.end([['workerclose']]);
  }

  override endedByParent(): void {
    this.workerClosed();
  }

  dump(): Promise<WebRtcServerDump> {
    return this.request('webRtcServer.dump', { webRtcServer: this.object });
  }

  handleWebRtcTransport(transport: WebRtcTransport): void {
    this.#transports.add(transport);
    this.tellObserver('webrtctransporthandled', transport);
  }

  /** The transport was closed by itself. For `remote/` alone. */
  unhandle(transport: WebRtcTransport): void {
    if (this.#transports.delete(transport)) this.tellObserver('webrtctransportunhandled', transport);
  }

  protected override closeChildren(): void {
    for (const transport of this.#transports) {
      transport.listenServerClosed();
      // As mediasoup, also for one whose router was closed long ago.
      this.unhandle(transport);
    }
  }
}
