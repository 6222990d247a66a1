import type { MethodParams, Methods, SharedAppData } from '@mediacluster/rope/contract';
import { z } from 'zod';

/**
 * What a client may send: the shape of every method's parameters. mediasoup's own rules are mediasoup's own affair: what it is handed
 * (`options`, `bitrate`, `types` …) goes through as it came, keys that are new included, so that its errors are those an app knows.
 */

type Shape<Params> = { readonly [Key in keyof Params]-?: z.ZodType<Params[Key] | undefined> };

const object = z.int('must be the number of an object').positive('must be the number of an object');
const bytes = z.custom<Uint8Array>(value => ArrayBuffer.isView(value), 'must be bytes, in a binary frame');
const flag = z.boolean('must be true or false');
const appData = z.custom<SharedAppData>(value => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object').optional();
const text = z.string('must be a string').optional();
/** mediasoup says what is wrong with it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the contract's type, taken from where it stands
const given = <T>(): z.ZodType<T> => z.unknown().optional() as z.ZodType<T>;

/** A method without a shape does not compile, nor does a parameter. */
const shapes: { readonly [Name in keyof Methods]: Shape<MethodParams<Name>> } = {
  'mediasoup.createWorker': { settings: given(), appData },
  'mediasoup.setLogLevels': { debug: flag, warn: flag, error: flag },
  'mediasoup.setAppData': { object, appData },
  'worker.dump': { worker: object },
  'worker.getResourceUsage': { worker: object },
  'worker.updateSettings': { worker: object, settings: given() },
  'worker.createWebRtcServer': { worker: object, options: given(), appData },
  'worker.createRouter': { worker: object, options: given(), appData },
  'worker.close': { worker: object },
  'webRtcServer.dump': { webRtcServer: object },
  'webRtcServer.close': { webRtcServer: object },
  'router.dump': { router: object },
  'router.createWebRtcTransport': { router: object, options: given(), webRtcServer: object.optional(), appData },
  'router.createPlainTransport': { router: object, options: given(), appData },
  'router.createPipeTransport': { router: object, options: given(), appData },
  'router.createDirectTransport': { router: object, options: given(), appData },
  'router.createActiveSpeakerObserver': { router: object, options: given(), appData },
  'router.createAudioLevelObserver': { router: object, options: given(), appData },
  'router.updateMediaCodecs': { router: object, mediaCodecs: given() },
  'router.close': { router: object },
  'transport.dump': { transport: object },
  'transport.getStats': { transport: object },
  'transport.connect': { transport: object, options: given() },
  'transport.setMaxIncomingBitrate': { transport: object, bitrate: given() },
  'transport.setMaxOutgoingBitrate': { transport: object, bitrate: given() },
  'transport.setMinOutgoingBitrate': { transport: object, bitrate: given() },
  'transport.produce': { transport: object, options: given(), appData },
  'transport.consume': { transport: object, options: given(), appData },
  'transport.produceData': { transport: object, options: given(), appData },
  'transport.consumeData': { transport: object, options: given(), appData },
  'transport.enableTraceEvent': { transport: object, types: given() },
  'transport.sendRtcp': { transport: object, data: bytes },
  'transport.close': { transport: object },
  'webRtcTransport.restartIce': { transport: object },
  'producer.dump': { producer: object },
  'producer.getStats': { producer: object },
  'producer.pause': { producer: object },
  'producer.resume': { producer: object },
  'producer.enableTraceEvent': { producer: object, types: given() },
  'producer.send': { producer: object, data: bytes },
  'producer.close': { producer: object },
  'consumer.dump': { consumer: object },
  'consumer.getStats': { consumer: object },
  'consumer.pause': { consumer: object },
  'consumer.resume': { consumer: object },
  'consumer.setPreferredLayers': { consumer: object, layers: given() },
  'consumer.setPriority': { consumer: object, priority: given() },
  'consumer.unsetPriority': { consumer: object },
  'consumer.requestKeyFrame': { consumer: object },
  'consumer.enableTraceEvent': { consumer: object, types: given() },
  'consumer.close': { consumer: object },
  'dataProducer.dump': { dataProducer: object },
  'dataProducer.getStats': { dataProducer: object },
  'dataProducer.pause': { dataProducer: object },
  'dataProducer.resume': { dataProducer: object },
  'dataProducer.send': {
    dataProducer: object, data: bytes.optional(), text, ppid: given(), subchannels: given(), requiredSubchannel: given(), ignoredSubchannel: given(),
  },
  'dataProducer.close': { dataProducer: object },
  'dataConsumer.dump': { dataConsumer: object },
  'dataConsumer.getStats': { dataConsumer: object },
  'dataConsumer.pause': { dataConsumer: object },
  'dataConsumer.resume': { dataConsumer: object },
  'dataConsumer.getBufferedAmount': { dataConsumer: object },
  'dataConsumer.setBufferedAmountLowThreshold': { dataConsumer: object, threshold: given() },
  'dataConsumer.setSubchannels': { dataConsumer: object, subchannels: given() },
  'dataConsumer.addSubchannel': { dataConsumer: object, subchannel: given() },
  'dataConsumer.removeSubchannel': { dataConsumer: object, subchannel: given() },
  'dataConsumer.send': { dataConsumer: object, data: bytes.optional(), text, ppid: given() },
  'dataConsumer.close': { dataConsumer: object },
  'rtpObserver.pause': { rtpObserver: object },
  'rtpObserver.resume': { rtpObserver: object },
  'rtpObserver.addProducer': { rtpObserver: object, producer: object },
  'rtpObserver.removeProducer': { rtpObserver: object, producer: object },
  'rtpObserver.close': { rtpObserver: object },
  'node.getStats': {},
};

const schemas = new Map<string, z.ZodType>(Object.entries(shapes).map(([method, shape]) => [method, z.object(shape)]));

/**
 * Checks a message's parameters before its handler sees them. Depth, and keys that reach for a prototype, are rope's affair.
 *
 * @throws TypeError that names the method, the parameter and what it must be
 */
export function checkParams(method: string, params: Record<string, unknown>): void {
  const schema = schemas.get(method);
  if (!schema) return; // no method of ours: the dispatcher says so
  const { error } = schema.safeParse(params);
  if (error) {
    const { path, message } = error.issues[0]!;
    throw new TypeError(`${method}: ${String(path[0])} ${message} (it is ${shown(params[path[0] as string])})`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40);
}
