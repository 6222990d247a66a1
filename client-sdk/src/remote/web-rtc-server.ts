import type { WebRtcServerState } from '@mediacluster/rope/contract';
import type { AppData, WebRtcServer, WebRtcServerDump, WebRtcServerEvents, WebRtcServerObserverEvents, WebRtcTransport } from 'mediasoup/types';

import { closeChildren, end, leave, objectId, request, state, tellObserver, unhandle } from './internals.ts';
import { RemoteObject } from './remote-object.ts';

/** A WebRtcServer in a media node. */
export class RemoteWebRtcServer<Data extends AppData = AppData>
  extends RemoteObject<WebRtcServerEvents, WebRtcServerObserverEvents, WebRtcServerState, Data> implements WebRtcServer<Data> {
  static override readonly name: string = 'WebRtcServerImpl';
  readonly #transports = new Set<WebRtcTransport>();

  get id(): string {
    return this[state].id;
  }

  close(): void {
    if (this.closed) return;
    this[leave]('webRtcServer.close', { webRtcServer: this[objectId] });
    this[end]();
  }

  /** Its transports are not closed here: they are children of their routers, which hear of the worker too. */
  workerClosed(): void {
    this.#transports.clear();
    this[end]([['workerclose']]);
  }

  dump(): Promise<WebRtcServerDump> {
    return this[request]('webRtcServer.dump', { webRtcServer: this[objectId] });
  }

  handleWebRtcTransport(transport: WebRtcTransport): void {
    this.#transports.add(transport);
    this[tellObserver]('webrtctransporthandled', transport);
  }

  [unhandle](transport: WebRtcTransport): void {
    if (this.#transports.delete(transport)) this[tellObserver]('webrtctransportunhandled', transport);
  }

  override [closeChildren](): void {
    for (const transport of this.#transports) {
      transport.listenServerClosed();
      // As mediasoup, also for one whose router was closed long ago.
      this[unhandle](transport);
    }
  }
}
