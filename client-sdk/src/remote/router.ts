import type { ReplicaRecord } from '@mediacluster/rope';
import type { ObjectId, RouterState } from '@mediacluster/rope/contract';
import type {
  ActiveSpeakerObserver, ActiveSpeakerObserverOptions, AppData, AudioLevelObserver, AudioLevelObserverOptions, DirectTransport, DirectTransportOptions,
  PipeToRouterOptions, PipeToRouterResult, PipeTransport, PipeTransportOptions, PlainTransport, PlainTransportOptions, Router, RouterDump, RouterEvents,
  RouterObserverEvents, RouterRtpCodecCapability, RtpCapabilities, WebRtcTransport, WebRtcTransportOptions,
} from 'mediasoup/types';

import type { NodeInfo } from '../manager.ts';
import { nodeInfo } from '../node-name.ts';
import type { Place } from '../pipe/link.ts';
import { PipeTable } from '../pipe/pipe-table.ts';
import { pipeToRouter } from '../pipe/pipe-to-router.ts';
import { checkAppData, checkAudioLevels, checkInterval, checkListen, clone } from './checks.ts';
import { RemoteDirectTransport } from './direct-transport.ts';
import { appeared, childEnded, closeChildren, create, end, leave, link, objectId, request, setState, state, tellObserver } from './internals.ts';
import { NotFoundError, ortc } from './local-half.ts';
import { RemotePipeTransport } from './pipe-transport.ts';
import { RemotePlainTransport } from './plain-transport.ts';
import { Producers } from './producers.ts';
import { RemoteObject } from './remote-object.ts';
import type { AnyChild, AnyMirror, Made } from './remote-object.ts';
import { RemoteActiveSpeakerObserver, RemoteAudioLevelObserver } from './rtp-observer.ts';
import { RemoteWebRtcServer } from './web-rtc-server.ts';
import { RemoteWebRtcTransport } from './web-rtc-transport.ts';

type AnyTransport = RemoteWebRtcTransport | RemotePlainTransport | RemotePipeTransport | RemoteDirectTransport;
type AnyRtpObserver = RemoteActiveSpeakerObserver | RemoteAudioLevelObserver;

// One for all nodes, so that two routers share a pair whichever of them was asked first. It holds its routers weakly.
const pipes: PipeTable = new PipeTable();

/** A Router in a media node. */
export class RemoteRouter<Data extends AppData = AppData>
  extends RemoteObject<RouterEvents, RouterObserverEvents, RouterState, Data> implements Router<Data> {
  static override readonly name: string = 'RouterImpl';
  readonly #transports = new Set<AnyTransport>();
  readonly #rtpObservers = new Set<AnyRtpObserver>();
  readonly #producers = new Producers();

  get id(): string {
    return this[state].id;
  }

  get rtpCapabilities(): RtpCapabilities {
    return clone(this[state].rtpCapabilities);
  }

  /** The node on which the router lives. */
  get [nodeInfo](): NodeInfo {
    return this[link].node;
  }

  close(): void {
    if (this.closed) return;
    this[leave]('router.close', { router: this[objectId] });
    this[end]();
  }

  workerClosed(): void {
    this[end]([['workerclose']]);
  }

  dump(): Promise<RouterDump> {
    return this[request]('router.dump', { router: this[objectId] });
  }

  async createWebRtcTransport<TransportData extends AppData = AppData>(
    options: WebRtcTransportOptions<TransportData>,
  ): Promise<WebRtcTransport<TransportData>> {
    const { appData, webRtcServer, ...rest } = options;
    // The node makes this check; on a closed router it is not asked, and wrong arguments are told first.
    if (this.closed) checkListen([webRtcServer, ...[rest.listenInfos, rest.listenIps].map(list => Array.isArray(list))], 'webRtcServer, listenInfos and listenIps');
    checkAppData(appData);
    const server = this.#numberOf(webRtcServer);
    return this[create]('router.createWebRtcTransport', { router: this[objectId], options: rest, webRtcServer: server }, appData);
  }

  async createPlainTransport<TransportData extends AppData = AppData>(
    { appData, ...options }: PlainTransportOptions<TransportData>,
  ): Promise<PlainTransport<TransportData>> {
    if (this.closed) checkListen([options.listenInfo, options.listenIp], 'listenInfo and listenIp');
    checkAppData(appData);
    return this[create]('router.createPlainTransport', { router: this[objectId], options }, appData);
  }

  async createPipeTransport<TransportData extends AppData = AppData>(
    { appData, ...options }: PipeTransportOptions<TransportData>,
  ): Promise<PipeTransport<TransportData>> {
    if (this.closed) checkListen([options.listenInfo, options.listenIp], 'listenInfo and listenIp');
    checkAppData(appData);
    return this[create]('router.createPipeTransport', { router: this[objectId], options }, appData);
  }

  async createDirectTransport<TransportData extends AppData = AppData>(
    { appData, ...options }: DirectTransportOptions<TransportData> = {},
  ): Promise<DirectTransport<TransportData>> {
    checkAppData(appData);
    return this[create]('router.createDirectTransport', { router: this[objectId], options }, appData);
  }

  async createActiveSpeakerObserver<ObserverData extends AppData = AppData>(
    { appData, ...options }: ActiveSpeakerObserverOptions<ObserverData> = {},
  ): Promise<ActiveSpeakerObserver<ObserverData>> {
    checkInterval(options);
    checkAppData(appData);
    return this[create]('router.createActiveSpeakerObserver', { router: this[objectId], options }, appData);
  }

  async createAudioLevelObserver<ObserverData extends AppData = AppData>(
    { appData, ...options }: AudioLevelObserverOptions<ObserverData> = {},
  ): Promise<AudioLevelObserver<ObserverData>> {
    checkAudioLevels(options);
    checkInterval(options);
    checkAppData(appData);
    return this[create]('router.createAudioLevelObserver', { router: this[objectId], options }, appData);
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

  /** Takes effect here at once; what is wrong is thrown, and the node is told behind it. */
  updateMediaCodecs(mediaCodecs: RouterRtpCodecCapability[]): void {
    this[setState]({ rtpCapabilities: ortc.generateRouterRtpCapabilities(structuredClone(mediaCodecs)) });
    if (!this.closed) this[link].notify('router.updateMediaCodecs', { router: this[objectId], mediaCodecs });
  }

  override [appeared](record: ReplicaRecord, made?: Made): AnyChild | undefined {
    const init = { link: this[link], record, parent: this as unknown as AnyMirror, made, producers: this.#producers };
    switch (record.type) {
      case 'webRtcTransport': {
        const { webRtcServer: number } = record.state as { webRtcServer?: ObjectId };
        const mirror = number === undefined ? undefined : this[link].mirrorOf(number);
        const webRtcServer = mirror instanceof RemoteWebRtcServer ? mirror : undefined;
        const transport = new RemoteWebRtcTransport({ ...init, webRtcServer });
        this.#add(transport);
        webRtcServer?.handleWebRtcTransport(transport);
        return transport;
      }
      case 'plainTransport':
        return this.#add(new RemotePlainTransport(init));
      case 'pipeTransport':
        return this.#add(new RemotePipeTransport(init));
      case 'directTransport':
        return this.#add(new RemoteDirectTransport(init));
      case 'activeSpeakerObserver':
        return this.#addRtpObserver(new RemoteActiveSpeakerObserver(init));
      case 'audioLevelObserver':
        return this.#addRtpObserver(new RemoteAudioLevelObserver(init));
      default:
        return undefined;
    }
  }

  override [childEnded](child: unknown): void {
    this.#transports.delete(child as AnyTransport);
    this.#rtpObservers.delete(child as AnyRtpObserver);
  }

  override [closeChildren](): void {
    for (const transport of this.#transports) transport.routerClosed();
    for (const rtpObserver of this.#rtpObservers) rtpObserver.routerClosed();
  }

  #numberOf(webRtcServer: unknown): ObjectId | undefined {
    if (webRtcServer === undefined || webRtcServer === null) return undefined;
    if (!(webRtcServer instanceof RemoteWebRtcServer)) throw new TypeError('webRtcServer must be one of the worker of this router');
    // The worker's own words, for one that it does not have. Of a closed router it would not look at that.
    if (!this.closed && (webRtcServer.closed || webRtcServer[link] !== this[link])) throw new Error('wrong webRtcServerId (no associated WebRtcServer found)');
    return webRtcServer[objectId];
  }

  #add(transport: AnyTransport): AnyChild {
    this.#transports.add(transport);
    this[tellObserver]('newtransport', transport);
    return transport;
  }

  #addRtpObserver(rtpObserver: AnyRtpObserver): AnyChild {
    this.#rtpObservers.add(rtpObserver);
    this[tellObserver]('newrtpobserver', rtpObserver);
    return rtpObserver;
  }
}

/** Routers of this SDK know their node; one that does not say cannot be told where to listen. */
function placeOf(router: Router & { readonly [nodeInfo]?: NodeInfo }): Place {
  return router[nodeInfo] ?? { id: router.id, name: `of router ${router.id}` };
}
