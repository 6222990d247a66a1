import { Device, type types } from 'mediasoup-client';
import { CLOSE, type MediaInfo, type PeerInfo } from '../src/protocol.ts';
import { ServerLink, type PageCalls } from './server-link.ts';

/** joining ⇄ connected → left; a lost node or server leads from `connected` to `joining` again */
export type CallState = 'joining' | 'connected' | 'left';

/** Another person in the room, and what we receive of them. */
export interface RemotePeer extends PeerInfo {
  stream: MediaStream;
  /** By kind; missing while nothing of that kind is received. */
  consumers: Partial<Record<'audio' | 'video', types.Consumer>>;
  /** Brings their chat lines; missing until it has been made. */
  chat?: types.DataConsumer;
  /** What they have muted themselves. */
  paused: { audio: boolean; video: boolean };
}

export interface ChatLine {
  from: string;
  text: string;
  mine: boolean;
}

/** Received of one person since their media began to arrive. */
export interface Received {
  id: string;
  framesDecoded: number;
  /** The sum over time of what was heard, loud or low; of a silent person it stands still. */
  audioEnergy: number;
}

/** What has been received, in all and of each person. */
export interface CallStats {
  framesDecoded: number;
  audioEnergy: number;
  people: Received[];
  /** State of the two connections to the media nodes. */
  connections: string[];
}

const RETRY_MS = [0, 500, 1_000, 2_000, 4_000]; // the last one again and again

/** One person's part in a call: joins, sends, receives, chats, and joins again when the node or the server is lost. */
export class Call {
  state: CallState = 'joining';
  me: PeerInfo | undefined;
  readonly peers = new Map<string, RemotePeer>();
  readonly chat: ChatLine[] = [];
  readonly muted = { audio: false, video: false };
  /** Everything that was told to the person, oldest first. */
  readonly notices: string[] = [];

  #url: string;
  #name: string;
  #local: MediaStream;
  #changed: () => void;
  #link: ServerLink | undefined;
  #device: Device | undefined;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  #producers: Partial<Record<'audio' | 'video', types.Producer>> = {};
  #chatOut: types.DataProducer | undefined;
  /** Producers that are received, or about to be. */
  #known = new Set<string>();
  /** Told before we could receive anything. */
  #early: MediaInfo[] = [];
  #tries = 0;

  /** `changed` is called after every change of what can be read here. */
  constructor(options: { url: string; name: string; local: MediaStream; changed: () => void }) {
    this.#url = options.url;
    this.#name = options.name;
    this.#local = options.local;
    this.#changed = options.changed;
  }

  /** Joins, and goes on trying until it has joined or `leave()` is called. */
  async join(): Promise<void> {
    let link: ServerLink;
    try {
      link = await ServerLink.open(this.#url, {
        peerJoined: peer => this.#peerJoined(peer),
        peerLeft: ({ peerId }) => this.#peerLeft(peerId),
        media: media => void this.#receiveMedia(media),
        paused: ({ consumerId, paused }) => this.#peerPaused(consumerId, paused),
        consumerClosed: ({ consumerId }) => this.#consumerClosed(consumerId),
        closed: (code, reason) => this.#closed(code, reason),
      });
    } catch {
      return; // `closed` was heard as well, and tries again
    }
    if (this.state === 'left') return link.close();
    this.#link = link;
    try {
      await this.#connect(link, await link.ask('join', { name: this.#name }));
      this.#tries = 0;
      this.#to('connected');
    } catch (error) {
      if (this.#link !== link) return; // it ended meanwhile, and the next try has begun
      this.#say(`Joining failed: ${error instanceof Error ? error.message : String(error)}`);
      link.close();
    }
  }

  /** Leaves for good. */
  leave(): void {
    this.state = 'left';
    this.#link?.close();
    this.#drop();
    this.#changed();
  }

  async setMuted(kind: 'audio' | 'video', muted: boolean): Promise<void> {
    this.muted[kind] = muted;
    for (const track of this.#local.getTracks()) if (track.kind === kind) track.enabled = !muted;
    this.#changed();
    const producer = this.#producers[kind];
    if (!producer) return;
    if (muted) producer.pause();
    else producer.resume();
    // Where the server can't be told, the next join begins muted.
    await this.#link?.ask('setPaused', { producerId: producer.id, paused: muted }).catch(() => {});
  }

  /** Sends a chat line to everybody in the room. `false` while there is no connection for it. */
  say(text: string): boolean {
    if (this.#chatOut?.readyState !== 'open') return false;
    this.#chatOut.send(JSON.stringify({ from: this.#name, text }));
    this.#heard({ from: this.#name, text, mine: true });
    return true;
  }

  get canChat(): boolean {
    return this.#chatOut?.readyState === 'open';
  }

  async stats(): Promise<CallStats> {
    const people = await Promise.all([...this.peers.values()].map(receivedFrom));
    return {
      framesDecoded: people.reduce((sum, { framesDecoded }) => sum + framesDecoded, 0),
      audioEnergy: people.reduce((sum, { audioEnergy }) => sum + audioEnergy, 0),
      people,
      connections: [this.#send, this.#receive].map(transport => transport?.connectionState ?? 'none'),
    };
  }

  async #connect(link: ServerLink, { me, peers, media, rtpCapabilities, send, receive }: PageCalls['join']['result']): Promise<void> {
    this.me = me;
    for (const peer of peers) this.#peerJoined(peer);
    this.#device = await Device.factory();
    await this.#device.load({ routerRtpCapabilities: rtpCapabilities });
    this.#send = this.#device.createSendTransport(send);
    this.#receive = this.#device.createRecvTransport(receive);
    this.#wire(link, this.#send);
    this.#wire(link, this.#receive);
    const transport = this.#send;
    for (const track of this.#local.getTracks()) {
      const kind = track.kind === 'audio' ? 'audio' : 'video';
      // The tracks outlive the transport: they are sent again after a rejoin.
      this.#producers[kind] = await transport.produce({ track, stopTracks: false, disableTrackOnPause: false, zeroRtpOnPause: true });
      if (this.muted[kind]) await this.setMuted(kind, true);
    }
    this.#chatOut = await transport.produceData({ label: 'chat' });
    this.#chatOut.on('open', this.#changed);
    await Promise.all([...media, ...this.#early.splice(0)].map(each => this.#receiveMedia(each)));
  }

  #wire(link: ServerLink, transport: types.Transport): void {
    const answerTo = <T>(asked: Promise<T>, done: (result: T) => void, failed: (error: Error) => void) => void asked.then(done, failed);
    const transportId = transport.id;
    transport.on('connect', ({ dtlsParameters }, done, failed) => answerTo(link.ask('connect', { transportId, dtlsParameters }), done, failed));
    transport.on('produce', ({ kind, rtpParameters }, done, failed) => answerTo(link.ask('produce', { kind, rtpParameters }), done, failed));
    transport.on('producedata', ({ sctpStreamParameters, label }, done, failed) => answerTo(link.ask('produceData', { sctpStreamParameters, label }), done, failed));
    const mend = async (): Promise<void> => {
      this.#say('The connection to the media node broke: trying again');
      try {
        await transport.restartIce({ iceParameters: await link.ask('restartIce', { transportId }) });
      } catch {
        link.close(); // a fresh start is what is left
      }
    };
    transport.on('connectionstatechange', state => {
      this.#changed();
      if (state === 'failed') void mend();
    });
  }

  async #receiveMedia(media: MediaInfo): Promise<void> {
    const { peerId, producerId, kind } = media;
    const [link, device, transport] = [this.#link, this.#device, this.#receive];
    if (!link || !device || !transport) return void this.#early.push(media);
    if (this.#known.has(producerId)) return;
    this.#known.add(producerId);
    try {
      if (kind === 'data') {
        const options = await link.ask('consumeData', { peerId, producerId });
        const consumer = await transport.consumeData(options);
        consumer.on('message', (data: string) => this.#heard({ ...JSON.parse(data), mine: false }));
        const peer = this.peers.get(peerId);
        if (peer) peer.chat = consumer;
        return;
      }
      const { paused, ...options } = await link.ask('consume', { peerId, producerId, rtpCapabilities: device.recvRtpCapabilities });
      const consumer = await transport.consume(options);
      const peer = this.peers.get(peerId);
      if (!peer) return consumer.close();
      peer.consumers[kind] = consumer;
      peer.paused[kind] = paused;
      peer.stream.addTrack(consumer.track);
      await link.ask('resume', { consumerId: consumer.id });
    } catch (error) {
      if (this.#link !== link || !this.peers.has(peerId)) return; // either side left meanwhile
      this.#known.delete(producerId);
      this.#say(`Can't receive ${kind}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#changed();
    }
  }

  #peerJoined(info: PeerInfo): void {
    if (this.peers.has(info.id) || info.id === this.me?.id) return;
    this.peers.set(info.id, { ...info, stream: new MediaStream(), consumers: {}, paused: { audio: false, video: false } });
    this.#changed();
  }

  #peerLeft(peerId: string): void {
    const peer = this.peers.get(peerId);
    if (!this.peers.delete(peerId) || !peer) return;
    for (const consumer of Object.values(peer.consumers)) consumer.close();
    this.#say(`${peer.name} left`);
  }

  #peerPaused(consumerId: string, paused: boolean): void {
    this.#eachConsumer(consumerId, (peer, kind) => (peer.paused[kind] = paused));
  }

  #consumerClosed(consumerId: string): void {
    this.#eachConsumer(consumerId, (peer, kind, consumer) => {
      consumer.close();
      peer.stream.removeTrack(consumer.track);
      delete peer.consumers[kind];
    });
  }

  #eachConsumer(id: string, act: (peer: RemotePeer, kind: 'audio' | 'video', consumer: types.Consumer) => void): void {
    for (const peer of this.peers.values()) {
      for (const kind of ['audio', 'video'] as const) {
        const consumer = peer.consumers[kind];
        if (consumer?.id === id) act(peer, kind, consumer);
      }
    }
    this.#changed();
  }

  #heard(line: ChatLine): void {
    this.chat.push(line);
    this.#changed();
  }

  /** The connection to the server ended, or never came about. */
  #closed(code: number, reason: string): void {
    if (this.state === 'left') return;
    const wasIn = this.state === 'connected';
    if (code === CLOSE.lost) this.#say(`The media node ${reason} was lost: joining again on another one`);
    else if (code === CLOSE.moved) this.#say(`The media node ${reason} is leaving: joining again on another one`);
    else if (wasIn) this.#say('The server is gone: joining again as soon as it is back');
    this.#drop();
    this.#to('joining');
    const waitMs = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
    setTimeout(() => this.state === 'joining' && void this.join(), waitMs);
  }

  #drop(): void {
    this.#send?.close();
    this.#receive?.close();
    this.#link = this.#device = this.#send = this.#receive = this.#chatOut = this.me = undefined;
    this.#producers = {};
    this.peers.clear();
    this.#known.clear();
    this.#early = [];
  }

  #to(state: CallState): void {
    this.state = state;
    this.#changed();
  }

  #say(notice: string): void {
    if (this.notices.at(-1) !== notice) this.notices.push(notice);
    this.#changed();
  }
}

async function receivedFrom({ id, consumers }: RemotePeer): Promise<Received> {
  const received = { id, framesDecoded: 0, audioEnergy: 0 };
  for (const consumer of Object.values(consumers)) {
    const stats = await consumer.getStats().catch(() => new Map()); // closed meanwhile
    for (const stat of stats.values()) {
      if (stat.type !== 'inbound-rtp') continue;
      received.framesDecoded += stat.framesDecoded ?? 0;
      received.audioEnergy += stat.totalAudioEnergy ?? 0;
    }
  }
  return received;
}
