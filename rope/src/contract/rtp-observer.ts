import { notification, request } from './contract.ts';
import type { ClassSpec, EventSpec, ObjectId } from './contract.ts';

export interface ActiveSpeakerObserverState {
  readonly id: string;
  readonly type: 'activespeaker';
  readonly paused: boolean;
}

export interface AudioLevelObserverState {
  readonly id: string;
  readonly type: 'audiolevel';
  readonly paused: boolean;
}

const observed = {
  addproducer: { observer: 'only', names: 'producer' },
  removeproducer: { observer: 'only', names: 'producer' },
} as const satisfies Record<string, EventSpec>;

export const activeSpeakerObserverClass = {
  state: ['id', 'type', 'paused'],
  events: { dominantspeaker: { observer: true, names: 'producer' }, ...observed },
  endings: [],
} as const satisfies ClassSpec;

export const audioLevelObserverClass = {
  state: ['id', 'type', 'paused'],
  events: { volumes: { observer: true, names: 'producer' }, silence: { observer: true }, ...observed },
  endings: [],
} as const satisfies ClassSpec;

/** Both kinds take the same calls. */
export const rtpObserverMethods = {
  'rtpObserver.pause': request<{ rtpObserver: ObjectId }, void>({ changes: ['paused'] }),
  'rtpObserver.resume': request<{ rtpObserver: ObjectId }, void>({ changes: ['paused'] }),
  'rtpObserver.addProducer': request<{ rtpObserver: ObjectId; producer: ObjectId }, void>(),
  'rtpObserver.removeProducer': request<{ rtpObserver: ObjectId; producer: ObjectId }, void>(),
  'rtpObserver.close': notification<{ rtpObserver: ObjectId }>(),
} as const;
