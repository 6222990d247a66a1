import type { ReplicaRecord } from '@mediacluster/rope';
import type { RouterState } from '@mediacluster/rope/contract';
import type {
  ActiveSpeakerObserver, AppData, AudioLevelObserver, DirectTransport, PipeToRouterOptions, PipeToRouterResult, PipeTransport,
  PipeTransportOptions, PlainTransport, Router, RouterDump, RouterEvents, RouterObserverEvents, RtpCapabilities, WebRtcTransport,
  WebRtcTransportOptions,
} from 'mediasoup/types';

import type { NodeInfo } from '../manager.ts';
import type { Place } from '../pipe/link.ts';
import { PipeTable } from '../pipe/pipe-table.ts';
import { pipeToRouter } from '../pipe/pipe-to-router.ts';
import { checkAppData, clone, notCarried } from './checks.ts';
import { NotFoundError, ortc } from './local-half.ts';
import { RemotePipeTransport } from './pipe-transport.ts';
import { Producers } from './producers.ts';
import { RemoteObject } from './remote-object.ts';
import { RemoteWebRtcServer } from './web-rtc-server.ts';
import { RemoteWebRtcTransport } from './web-rtc-transport.ts';

// One for all nodes, so that two routers share a pair whichever of them was asked first. It holds its routers weakly.
const pipes: PipeTable = new PipeTable();

/** A Router in a media node. */
export class RemoteRouter<Data extends AppData = AppData>
  extends RemoteObject<RouterEvents, RouterObserverEvents, RouterState, Data> implements Router<Data> {
  static override readonly name: string = 'RouterImpl';
  readonly #transports = new Set<RemoteWebRtcTransport | RemotePipeTransport>();
  readonly #producers = new Producers();

  get id(): string {
    return this.state.id;
  }

  get rtpCapabilities(): RtpCapabilities {
    return clone(this.state.rtpCapabilities);
  }

  /** The node on which the router lives. */
  get node(): NodeInfo {
    return this.link.node;
  }

  close(): void {
    if (this.closed) return;
    this.leave('router.close', { router: this.object });
    this.end();
  }

  workerClosed(): void {
    this.end([['workerclose']]);
  }

  override endedByParent(): void {
    this.workerClosed();
  }

  dump(): Promise<RouterDump> {
    return this.request('router.dump', { router: this.object });
  }

  async createWebRtcTransport<TransportData extends AppData = AppData>(
    options: WebRtcTransportOptions<TransportData>,
  ): Promise<WebRtcTransport<TransportData>> {
    const { appData, webRtcServer, ...rest } = options;
    checkAppData(appData);
    const server = this.#serverOf(webRtcServer);
    return this.create(
      'router.createWebRtcTransport',
      { router: this.object, options: rest, webRtcServer: server?.object },
      record => this.#addWebRtcTransport(record, appData, server),
    );
  }

  async createPipeTransport<TransportData extends AppData = AppData>(
    { appData, ...options }: PipeTransportOptions<TransportData>,
  ): Promise<PipeTransport<TransportData>> {
    checkAppData(appData);
    return this.create('router.createPipeTransport', { router: this.object, options }, record => this.#addPipeTransport(record, appData));
  }

  async createPlainTransport(): Promise<PlainTransport<never>> {
    throw notCarried('router.createPlainTransport()');
  }

  async createDirectTransport(): Promise<DirectTransport<never>> {
    throw notCarried('router.createDirectTransport()');
  }

  async createActiveSpeakerObserver(): Promise<ActiveSpeakerObserver<never>> {
    throw notCarried('router.createActiveSpeakerObserver()');
  }

  async createAudioLevelObserver(): Promise<AudioLevelObserver<never>> {
    throw notCarried('router.createAudioLevelObserver()');
  }

  async pipeToRouter(options: PipeToRouterOptions): Promise<PipeToRouterResult> {
    return pipeToRouter(this, options, { table: pipes, producers: this.#producers, placeOf, NotFoundError });
  }

  canConsume({ producerId, rtpCapabilities }: { producerId: string; rtpCapabilities: RtpCapabilities }): boolean {
    const producer = this.#producers.producer(producerId);
    if (!producer) return false;
    try {
      return ortc.canConsume(producer.consumableRtpParameters, structuredClone(rtpCapabilities));
    } catch {
      return false; // as mediasoup: capabilities that make no sense can consume nothing
    }
  }

  updateMediaCodecs(): void {
    throw notCarried('router.updateMediaCodecs()');
  }

  override childAppeared(record: ReplicaRecord): void {
    if (record.type === 'webRtcTransport') this.#addWebRtcTransport(record);
    else if (record.type === 'pipeTransport') this.#addPipeTransport(record);
  }

  protected override closeChildren(): void {
    for (const transport of this.#transports) transport.routerClosed();
  }

  #serverOf(webRtcServer: unknown): RemoteWebRtcServer | undefined {
    if (webRtcServer === undefined || webRtcServer === null) return undefined;
    if (webRtcServer instanceof RemoteWebRtcServer && webRtcServer.link === this.link) return webRtcServer;
    throw new TypeError('webRtcServer does not belong to the worker of this router');
  }

  #addWebRtcTransport<ChildData extends AppData>(
    record: ReplicaRecord, appData?: ChildData, webRtcServer?: RemoteWebRtcServer,
  ): RemoteWebRtcTransport<ChildData> {
    const transport: RemoteWebRtcTransport<ChildData> = new RemoteWebRtcTransport<ChildData>({
      link: this.link, record, appData, producers: this.#producers, webRtcServer, onEnd: () => this.#transports.delete(transport),
    });
    this.#transports.add(transport);
    this.tellObserver('newtransport', transport);
    webRtcServer?.handleWebRtcTransport(transport);
    return transport;
  }

  #addPipeTransport<ChildData extends AppData>(record: ReplicaRecord, appData?: ChildData): RemotePipeTransport<ChildData> {
    const transport: RemotePipeTransport<ChildData> = new RemotePipeTransport<ChildData>({
      link: this.link, record, appData, producers: this.#producers, onEnd: () => this.#transports.delete(transport),
    });
    this.#transports.add(transport);
    this.tellObserver('newtransport', transport);
    return transport;
  }
}

/** Routers of this SDK know their node; one that does not say cannot be told where to listen. */
function placeOf(router: Router & { readonly node?: NodeInfo }): Place {
  return router.node ?? { id: router.id, name: `of router ${router.id}` };
}
