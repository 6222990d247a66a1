import { randomUUID } from 'node:crypto';

import type { DataProducer, PipeToRouterOptions, PipeToRouterResult, PipeTransport, Producer, Router } from 'mediasoup/types';

import { followConsumer, followDataConsumer } from './follow-consumer.ts';
import { linkOf } from './link.ts';
import type { Place } from './link.ts';
import type { PipePair, PipeTable } from './pipe-table.ts';
import type { ProducerLookup } from './producer-index.ts';

/**
 *     createPipeTransport ┐              ┌ connect ────────────────┐
 *                         ├─ both ends ─▶┤                         ├─▶ piped
 *     createPipeTransport ┘              └ consume here ─▶ produce there ┘
 *
 * Three steps in sequence for the first producer of a router pair, two for each further one.
 */

/** What piping needs besides the two routers. */
export interface Piping {
  readonly table: PipeTable;
  /** The producers of the router that is piped from. */
  readonly producers: ProducerLookup;
  placeOf(router: Router): Place;
  /** mediasoup's class, so that the app's `instanceof` holds. */
  readonly NotFoundError: new (message: string) => Error;
}

/**
 * mediasoup's `router.pipeToRouter()` between any two routers, on one worker, one node or two: its options, its errors and its
 * result. Unlike there, a failed set-up leaves nothing behind and the next call starts afresh.
 */
export async function pipeToRouter(from: Router, options: PipeToRouterOptions, piping: Piping): Promise<PipeToRouterResult> {
  const { producerId, dataProducerId, router: to, keepId = true, listenInfo, listenIp, enableSrtp, enableRtx, ...rest } = options;
  checkOptions(from, options);
  const producer = producerId ? piping.producers.producer(producerId) : undefined;
  const dataProducer = dataProducerId ? piping.producers.dataProducer(dataProducerId) : undefined;
  if (producerId && !producer) throw new piping.NotFoundError('Producer not found');
  if (dataProducerId && !dataProducer) throw new piping.NotFoundError('DataProducer not found');

  const [here, there] = [{ router: from, place: piping.placeOf(from) }, { router: to, place: piping.placeOf(to) }];
  const link = () => linkOf(here.place, there.place, { listenInfo, listenIp, enableSrtp, enableRtx });
  // The pair serves both ways and for all that comes later, so data may pass by default. Options of a newer mediasoup pass too.
  const pair = await piping.table.pair(here, there, link, { enableSctp: true, ...rest });
  const release = pair.hold();
  try {
    const id = keepId ? (producerId ?? dataProducerId)! : randomUUID();
    const job = { pair, local: pair.transports.get(from)!, remote: pair.transports.get(to)!, id, NotFoundError: piping.NotFoundError };
    const result = producer ? await pipeMedia(producer, job) : await pipeData(dataProducer!, job);
    release(true);
    return result;
  } catch (error) {
    release(false);
    throw error;
  }
}

interface Job {
  readonly pair: PipePair;
  readonly local: PipeTransport;
  readonly remote: PipeTransport;
  readonly id: string;
  readonly NotFoundError: Piping['NotFoundError'];
}

async function pipeMedia(producer: Producer, job: Job): Promise<PipeToRouterResult> {
  const { local, remote, id } = job;
  const made: Closable[] = [];
  try {
    const pipeConsumer = keep(made, await local.consume({ producerId: producer.id }));
    const { kind, rtpParameters, producerPaused } = pipeConsumer;
    const pipeProducer = keep(made, await remote.produce({ id, kind, rtpParameters, paused: producerPaused, appData: producer.appData }));
    followConsumer(pipeConsumer, pipeProducer); // in the same step, so that no event is missed from here on
    await assertPiped('Producer', producer, made, job);
    // What happened before the consumer was followed.
    if (pipeProducer.paused !== producer.paused) await (producer.paused ? pipeProducer.pause() : pipeProducer.resume());
    return { pipeConsumer, pipeProducer };
  } catch (error) {
    throw await undo(error, made, job);
  }
}

async function pipeData(dataProducer: DataProducer, job: Job): Promise<PipeToRouterResult> {
  const { local, remote, id } = job;
  const made: Closable[] = [];
  try {
    const pipeDataConsumer = keep(made, await local.consumeData({ dataProducerId: dataProducer.id }));
    const { sctpStreamParameters, label, protocol } = pipeDataConsumer;
    const pipeDataProducer = keep(made, await remote.produceData({ id, sctpStreamParameters, label, protocol, appData: dataProducer.appData }));
    followDataConsumer(pipeDataConsumer, pipeDataProducer);
    await assertPiped('DataProducer', dataProducer, made, job);
    return { pipeDataConsumer, pipeDataProducer };
  } catch (error) {
    throw await undo(error, made, job);
  }
}

interface Closable {
  readonly closed: boolean;
  close(): void;
}

function keep<T extends Closable>(made: Closable[], object: T): T {
  made.push(object);
  return object;
}

/** Both ends are connected, and nothing was closed on the way there: not the original, and not a router that a call was under way to. */
async function assertPiped(what: string, original: Closable, made: readonly Closable[], { pair, local, remote, NotFoundError }: Job): Promise<void> {
  await pair.connected;
  if (original.closed) throw new NotFoundError(`original ${what} closed`);
  if ([...made, local, remote].some(object => object.closed)) throw new NotFoundError(`pipe of ${what} closed while it was made`);
}

/** Closes what was made and tells why it failed: a pair that could not connect closes under the calls that use it. */
async function undo(error: unknown, made: readonly Closable[], { pair }: Job): Promise<unknown> {
  for (const object of made) object.close();
  return pair.connected.then(() => error, reason => reason);
}

/** As mediasoup checks them, in its order and with its words. */
function checkOptions(from: Router, { producerId, dataProducerId, router, listenInfo, listenIp }: Partial<PipeToRouterOptions>): void {
  if (listenInfo && listenIp) throw new TypeError('only one of listenInfo and listenIp must be given');
  if (!producerId && !dataProducerId) throw new TypeError('missing producerId or dataProducerId');
  if (producerId && dataProducerId) throw new TypeError('just producerId or dataProducerId can be given');
  if (!router) throw new TypeError('missing router');
  if (router === from) throw new TypeError('cannot use this Router as destination');
}
