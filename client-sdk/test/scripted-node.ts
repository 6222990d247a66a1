import { RopeClient } from '@mediacluster/rope';
import type { Replica } from '@mediacluster/rope';
import type { NodePayload, ObjectId, ObjectRecord } from '@mediacluster/rope/contract';
import type { RtpCapabilities, RtpParameters } from 'mediasoup/types';

import type { MediasoupModule } from '../src/manager.ts';
import { objectId } from '../src/remote/internals.ts';
import { RemoteMediasoup } from '../src/remote/mediasoup.ts';
import { Mirrors } from '../src/remote/mirrors.ts';
import type { Wire } from '../src/remote/worker-link.ts';

/** What the app sent. */
export interface Sent {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

type Answer = (params: Record<string, unknown>) => unknown;

export const rtpParameters: RtpParameters = {
  codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1 }],
};

export const rtpCapabilities: RtpCapabilities = {
  codecs: [{ kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 }],
};

const STATES: Readonly<Record<string, Record<string, unknown>>> = {
  worker: { pid: 7 },
  webRtcServer: {},
  router: { rtpCapabilities },
  webRtcTransport: {
    type: 'webrtc', iceRole: 'controlled', iceParameters: { usernameFragment: 'u', password: 'p' }, iceCandidates: [], iceState: 'new',
    dtlsParameters: { role: 'auto', fingerprints: [] }, dtlsState: 'new', sctpParameters: { port: 5000 }, sctpState: 'new',
  },
  plainTransport: {
    type: 'plain', tuple: { localAddress: '127.0.0.1', localPort: 4000 }, rtcpTuple: { localAddress: '127.0.0.1', localPort: 4001 }, sctpState: 'new',
    srtpParameters: { cryptoSuite: 'x' },
  },
  directTransport: { type: 'direct' },
  activeSpeakerObserver: { type: 'activespeaker', paused: false },
  audioLevelObserver: { type: 'audiolevel', paused: false },
  pipeTransport: { type: 'pipe', tuple: { localAddress: '127.0.0.1', localPort: 4000 }, srtpParameters: { cryptoSuite: 'x' } },
  producer: { kind: 'audio', type: 'simple', rtpParameters, consumableRtpParameters: rtpParameters, paused: false, score: [] },
  consumer: {
    kind: 'audio', type: 'simple', rtpParameters, paused: false, producerPaused: false, priority: 1,
    score: { score: 10, producerScore: 10, producerScores: [] },
  },
  dataProducer: { type: 'sctp', sctpStreamParameters: { streamId: 0 }, label: 'l', protocol: 'p', paused: false },
  dataConsumer: {
    type: 'sctp', sctpStreamParameters: { streamId: 0 }, label: 'l', protocol: 'p', paused: false, dataProducerPaused: false, subchannels: [],
  },
};

const CREATES: Readonly<Record<string, readonly [type: string, parent?: string]>> = {
  'mediasoup.createWorker': ['worker'],
  'worker.createWebRtcServer': ['webRtcServer', 'worker'],
  'worker.createRouter': ['router', 'worker'],
  'router.createWebRtcTransport': ['webRtcTransport', 'router'],
  'router.createPlainTransport': ['plainTransport', 'router'],
  'router.createPipeTransport': ['pipeTransport', 'router'],
  'router.createDirectTransport': ['directTransport', 'router'],
  'router.createActiveSpeakerObserver': ['activeSpeakerObserver', 'router'],
  'router.createAudioLevelObserver': ['audioLevelObserver', 'router'],
  'transport.produce': ['producer', 'transport'],
  'transport.consume': ['consumer', 'transport'],
  'transport.produceData': ['dataProducer', 'transport'],
  'transport.consumeData': ['dataConsumer', 'transport'],
};

export const payload: NodePayload = {
  mediasoupVersion: '3.27.1', workerBin: '/node/mediasoup-worker', supportedRtpCapabilities: { codecs: [], headerExtensions: [] }, pipeAddress: '10.0.0.1',
};

/**
 * A node that answers as it is told, behind rope's real replica: what the mirrors do can be seen without a socket or a worker. Each
 * request is answered in a macrotask of its own.
 */
export class ScriptedNode {
  readonly sent: Sent[] = [];
  readonly answers: Record<string, Answer> = {};
  readonly replica: Replica;
  readonly remote: RemoteMediasoup;
  /** What an app gets. */
  readonly mediasoup: MediasoupModule;
  #last = 0;

  constructor(name = 'media-0') {
    const node = { id: name, name, epoch: '1', mediasoupVersion: '3.27.1', pipeAddress: '10.0.0.1' };
    this.remote = new RemoteMediasoup(() => ({ wire: this as Wire, node, payload }));
    this.mediasoup = this.remote.module;
    // Never opened: only its replica is of use here.
    this.replica = new RopeClient({ host: new Mirrors(this.remote, () => this.replica) }).replica;
  }

  request<T>(method: string, params: Record<string, unknown>, { onResult }: { onResult?: (result: unknown) => T } = {}): Promise<T> {
    this.sent.push({ method, params });
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          const result = (this.answers[method] ?? (() => this.#create(method, params)))(params);
          resolve(onResult ? onResult(result) : (result as T));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  notify(method: string, params: Record<string, unknown>): void {
    this.sent.push({ method, params });
  }

  /** What was sent since the last time, without parameters. */
  takeSent(): string[] {
    return this.sent.splice(0).map(({ method }) => method);
  }

  /** A record as the node would make it. */
  record(type: string, parent?: ObjectId, state: Record<string, unknown> = {}, appData?: unknown): ObjectRecord {
    this.#last += 1;
    return { object: this.#last, type, ...(parent !== undefined && { parent }), state: { id: `${type}-${this.#last}`, ...structuredClone(STATES[type]), ...state }, ...(appData !== undefined && { appData: appData as Record<string, unknown> }) };
  }

  /** The state as a snapshot: what the replica has, changed by `change`, without what `change` makes undefined. */
  snapshot(change: (record: ObjectRecord) => ObjectRecord | undefined = record => record, more: readonly ObjectRecord[] = []): void {
    const walk = (object: ObjectId): ObjectRecord[] => {
      const { type, parent, state } = this.replica.get(object)!;
      const record = change({ object, type, ...(parent !== undefined && { parent }), state: structuredClone(state) });
      return record ? [record, ...[...this.replica.children(object)].flatMap(child => walk(child.object))] : [];
    };
    this.replica.applySnapshot([...this.replica.roots().flatMap(({ object }) => walk(object)), ...more], true);
  }

  #create(method: string, params: Record<string, unknown>): unknown {
    const created = CREATES[method];
    if (!created) return undefined;
    const [type, parent] = created;
    const { producerId, dataProducerId, paused, id } = (params['options'] ?? {}) as Record<string, unknown>;
    return this.record(type, parent === undefined ? undefined : (params[parent] as ObjectId), {
      ...(id !== undefined && { id }),
      ...(producerId !== undefined && { producerId }),
      ...(dataProducerId !== undefined && { dataProducerId }),
      ...(paused !== undefined && { paused }),
      ...(params['webRtcServer'] !== undefined && { webRtcServer: params['webRtcServer'] }),
    }, params['appData']);
  }
}

/** The node's number of a mirror. */
export function numberOf(object: unknown): ObjectId {
  return (object as { readonly [objectId]: ObjectId })[objectId];
}
