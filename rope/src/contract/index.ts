import { consumerClass, consumerMethods } from './consumer.ts';
import type { ClassSpec, Handlers, NotificationNames, ParamsOf, RequestNames, ResultOf } from './contract.ts';
import { dataConsumerClass, dataConsumerMethods } from './data-consumer.ts';
import { dataProducerClass, dataProducerMethods } from './data-producer.ts';
import { mediasoupMethods } from './mediasoup.ts';
import { directTransportClass } from './direct-transport.ts';
import { pipeTransportClass } from './pipe-transport.ts';
import { plainTransportClass } from './plain-transport.ts';
import { producerClass, producerMethods } from './producer.ts';
import { routerClass, routerMethods } from './router.ts';
import { activeSpeakerObserverClass, audioLevelObserverClass, rtpObserverMethods } from './rtp-observer.ts';
import { statsMethods } from './stats.ts';
import { transportMethods } from './transport.ts';
import { webRtcServerClass, webRtcServerMethods } from './web-rtc-server.ts';
import { webRtcTransportClass, webRtcTransportMethods } from './web-rtc-transport.ts';
import { workerClass, workerMethods } from './worker.ts';

export * from './contract.ts';
export * from './consumer.ts';
export * from './data-consumer.ts';
export * from './data-producer.ts';
export * from './direct-transport.ts';
export * from './mediasoup.ts';
export * from './pipe-transport.ts';
export * from './plain-transport.ts';
export * from './producer.ts';
export * from './router.ts';
export * from './rtp-observer.ts';
export * from './stats.ts';
export * from './transport.ts';
export * from './web-rtc-server.ts';
export * from './web-rtc-transport.ts';
export * from './worker.ts';

/** Every method that an app may call on a media node. */
export const methods = {
  ...mediasoupMethods,
  ...workerMethods,
  ...webRtcServerMethods,
  ...routerMethods,
  ...transportMethods,
  ...webRtcTransportMethods,
  ...producerMethods,
  ...consumerMethods,
  ...dataProducerMethods,
  ...dataConsumerMethods,
  ...rtpObserverMethods,
  ...statsMethods,
} as const;

/** Every class of which objects are replicated, by its name on the wire (`ObjectRecord.type`). */
export const classes = {
  worker: workerClass,
  webRtcServer: webRtcServerClass,
  router: routerClass,
  webRtcTransport: webRtcTransportClass,
  plainTransport: plainTransportClass,
  pipeTransport: pipeTransportClass,
  directTransport: directTransportClass,
  producer: producerClass,
  consumer: consumerClass,
  dataProducer: dataProducerClass,
  dataConsumer: dataConsumerClass,
  activeSpeakerObserver: activeSpeakerObserverClass,
  audioLevelObserver: audioLevelObserverClass,
} as const satisfies Record<string, ClassSpec>;

export type Methods = typeof methods;
export type ClassName = keyof typeof classes;
export type RequestName = RequestNames<Methods>;
export type NotificationName = NotificationNames<Methods>;
export type MethodParams<Name extends keyof Methods> = ParamsOf<Methods[Name]>;
export type MethodResult<Name extends keyof Methods> = ResultOf<Methods[Name]>;
export type MethodHandlers<Context> = Handlers<Methods, Context>;
