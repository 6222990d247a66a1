import { expect, test } from '@jest/globals';
import type { RemoteMediasoupClient } from '@mediacluster/sdk';
import type mediasoupDefault from 'mediasoup';
import type * as mediasoup from 'mediasoup';
import type { types } from 'mediasoup';
import type { EnhancedEventEmitter } from 'mediasoup/extras';

import type { RemoteConsumer } from '../src/remote/consumer.ts';
import type { RemoteDataConsumer } from '../src/remote/data-consumer.ts';
import type { RemoteDataProducer } from '../src/remote/data-producer.ts';
import type { RemoteDirectTransport } from '../src/remote/direct-transport.ts';
import type { RemotePipeTransport } from '../src/remote/pipe-transport.ts';
import type { RemotePlainTransport } from '../src/remote/plain-transport.ts';
import type { RemoteProducer } from '../src/remote/producer.ts';
import type { RemoteRouter } from '../src/remote/router.ts';
import type { RemoteActiveSpeakerObserver, RemoteAudioLevelObserver } from '../src/remote/rtp-observer.ts';
import type { RemoteWebRtcServer } from '../src/remote/web-rtc-server.ts';
import type { RemoteWebRtcTransport } from '../src/remote/web-rtc-transport.ts';
import type { RemoteWorker } from '../src/remote/worker.ts';
import { ScriptedNode } from './scripted-node.ts';

/**
 * That these compile is the test (`npm run lint` checks the types of tests): an app's own declarations take what the SDK gives without a
 * cast, in each way in which an app may name mediasoup.
 */
type Remote = NonNullable<RemoteMediasoupClient['mediasoup']>;

const remote = new ScriptedNode().mediasoup satisfies Remote;
const asNamespace: typeof mediasoup = remote;
const asDefault: typeof mediasoupDefault = remote;
const asImport: typeof import('mediasoup') = remote;
const asDefaultOfNamespace: (typeof mediasoup)['default'] = remote.default;

test('the module is what an app calls mediasoup, however it imports it', () => {
  expect([asNamespace, asDefault, asImport, asDefaultOfNamespace].every(one => one === remote)).toBe(true);
});

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type EventsOf<Emitter> = Emitter extends EnhancedEventEmitter<infer Events> ? Events : never;
/** An app's own `appData`, which must come through. */
interface Mine extends types.AppData {
  readonly mine: true;
}

/** The mirror is assignable to mediasoup's class, without a cast, and neither its events nor its observer's are others. */
function held<Mirror extends Class, Class extends { readonly observer: unknown }>(
  same: Same<EventsOf<Mirror>, EventsOf<Class>> & Same<EventsOf<Mirror['observer']>, EventsOf<Class['observer']>>,
): boolean {
  return same;
}

test('every class is mediasoup\'s own, with its events and its observer\'s', () => {
  const classes = [
    held<RemoteWorker<Mine>, types.Worker<Mine>>(true),
    held<RemoteWebRtcServer<Mine>, types.WebRtcServer<Mine>>(true),
    held<RemoteRouter<Mine>, types.Router<Mine>>(true),
    held<RemoteWebRtcTransport<Mine>, types.WebRtcTransport<Mine>>(true),
    held<RemotePlainTransport<Mine>, types.PlainTransport<Mine>>(true),
    held<RemotePipeTransport<Mine>, types.PipeTransport<Mine>>(true),
    held<RemoteDirectTransport<Mine>, types.DirectTransport<Mine>>(true),
    held<RemoteActiveSpeakerObserver<Mine>, types.ActiveSpeakerObserver<Mine>>(true),
    held<RemoteAudioLevelObserver<Mine>, types.AudioLevelObserver<Mine>>(true),
    held<RemoteProducer<Mine>, types.Producer<Mine>>(true),
    held<RemoteConsumer<Mine>, types.Consumer<Mine>>(true),
    held<RemoteDataProducer<Mine>, types.DataProducer<Mine>>(true),
    held<RemoteDataConsumer<Mine>, types.DataConsumer<Mine>>(true),
  ];
  expect(classes).toHaveLength(13);
});

// @ts-expect-error: a Producer is no Consumer, so the comparison does tell them apart.
held<RemoteProducer<Mine>, types.Consumer<Mine>>(true);

test('appData keeps its type through every call that creates', async () => {
  const appData: Mine = { mine: true };
  const worker: types.Worker<Mine> = await remote.createWorker({ appData });
  const router: types.Router<Mine> = await worker.createRouter({ appData });
  const transport: types.DirectTransport<Mine> = await router.createDirectTransport({ appData });
  const producer: types.DataProducer<Mine> = await transport.produceData({ appData });
  expect([worker, router, transport, producer].map(object => object.appData)).toEqual([appData, appData, appData, appData]);
});
