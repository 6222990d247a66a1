import { once } from 'node:events';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as mediasoup from 'mediasoup';
import type { DirectTransport, PipeToRouterOptions, PipeTransport, Router, Worker } from 'mediasoup/types';

import { MediasoupHorizontal } from '../src/horizontal/horizontal.ts';
import { LocalManager } from '../src/local/local-manager.ts';
import { consume, mediaCodecs, produce } from './media.ts';

let horizontal: MediasoupHorizontal;
let workers: [Worker, Worker];
let near: Router;
let far: Router;
let source: DirectTransport;
/** Per router, every PipeTransport that was ever made in it. */
let pipes: { near: PipeTransport[]; far: PipeTransport[] };

beforeAll(async () => {
  horizontal = new MediasoupHorizontal([new LocalManager(mediasoup), new LocalManager(mediasoup)]);
  workers = [await horizontal.mediasoup!.createWorker(), await horizontal.mediasoup!.createWorker()];
});
afterAll(() => horizontal.destroy());

beforeEach(async () => {
  [near, far] = [await workers[0].createRouter({ mediaCodecs }), await workers[1].createRouter({ mediaCodecs })];
  source = await near.createDirectTransport();
  pipes = { near: follow(near), far: follow(far) };
});

function follow(router: Router): PipeTransport[] {
  const seen: PipeTransport[] = [];
  router.observer.on('newtransport', transport => {
    if (transport.type === 'pipe') seen.push(transport as PipeTransport);
  });
  return seen;
}

/** Lets the next call of a method of one object fail, or do something first. */
function nextCall<T extends object, K extends keyof T>(object: T, method: K, instead: (original: T[K]) => unknown): void {
  const original = (object[method] as (...args: unknown[]) => unknown).bind(object) as T[K];
  Object.defineProperty(object, method, {
    configurable: true,
    value: (...args: unknown[]) => {
      delete object[method];
      return instead((() => (original as (...all: unknown[]) => unknown)(...args)) as T[K]);
    },
  });
}

const idsIn = async (router: Router): Promise<string[]> => (await router.dump()).transportIds;
const pipe = (options: Omit<PipeToRouterOptions, 'router' | 'listenInfo' | 'listenIp'>, router = far) => near.pipeToRouter({ ...options, router });

const refuse = async (): Promise<never> => {
  throw new Error('not now');
};

/** Nothing is left in either router, and the next try works. */
async function expectClean(producerId: string, before: string[][]): Promise<void> {
  expect([...pipes.near, ...pipes.far].filter(({ closed }) => !closed)).toEqual([]);
  expect([await idsIn(near), await idsIn(far)]).toEqual(before);
  const { pipeProducer } = await pipe({ producerId });
  expect(pipeProducer!.closed).toBe(false);
  await far.pipeToRouter({ producerId: (await produce(await far.createDirectTransport(), 'video')).id, router: near });
  expect([pipes.near.filter(({ closed }) => !closed).length, pipes.far.filter(({ closed }) => !closed).length]).toEqual([1, 1]);
}

describe('the options', () => {
  test.each([
    ['only one of listenInfo and listenIp must be given', { listenInfo: {}, listenIp: '127.0.0.1' }],
    ['missing producerId or dataProducerId', {}],
    ['just producerId or dataProducerId can be given', { producerId: '1', dataProducerId: '2' }],
    ['missing router', { producerId: '1', router: undefined }],
  ])('are refused as in mediasoup: %s', async (message, options) => {
    await expect(near.pipeToRouter({ router: far, ...options } as never)).rejects.toThrow(new TypeError(message));
  });

  test('are refused as in mediasoup: the router itself', async () => {
    await expect(near.pipeToRouter({ producerId: '1', router: near })).rejects.toThrow(new TypeError('cannot use this Router as destination'));
    await expect(near.pipeToRouter(undefined as never)).rejects.toThrow(TypeError);
  });

  test('name producers of this router', async () => {
    const foreign = await produce(await far.createDirectTransport(), 'audio');
    await expect(pipe({ producerId: foreign.id })).rejects.toThrow(new mediasoup.errors.NotFoundError('Producer not found'));
    const unknown = pipe({ dataProducerId: 'x' });
    await expect(unknown).rejects.toThrow(new mediasoup.errors.NotFoundError('DataProducer not found'));
    await expect(unknown).rejects.toBeInstanceOf(mediasoup.errors.NotFoundError);
  });

  test('reach both transports', async () => {
    const dataProducer = await source.produceData();
    await pipe({ dataProducerId: dataProducer.id, maxSendMessageSize: 1000, maxReceiveMessageSize: 2000 });
    const [here, there] = [await pipes.near[0]!.dump(), await pipes.far[0]!.dump()];
    expect([here.maxSendMessageSize, here.maxReceiveMessageSize, there.maxSendMessageSize]).toEqual([1000, 2000, 1000]);
  });

  test('may leave SCTP out', async () => {
    const producer = await produce(source, 'audio');
    await pipe({ producerId: producer.id, enableSctp: false });
    expect(pipes.near[0]!.sctpParameters).toBeUndefined();
  });
});

describe('the result', () => {
  test('is a consumer here and a producer there, with the original\'s id and appData', async () => {
    const producer = await produce(source, 'video', { camera: 1 });
    const told: string[] = [];
    for (const [name, router] of [['near', near], ['far', far]] as const) {
      router.observer.on('newtransport', transport => {
        told.push(`${name} newtransport`);
        transport.observer.on('newconsumer', () => told.push(`${name} newconsumer`));
        transport.observer.on('newproducer', () => told.push(`${name} newproducer`));
      });
    }
    const { pipeConsumer, pipeProducer } = await pipe({ producerId: producer.id });
    expect([pipeConsumer!.type, pipeConsumer!.producerId, pipeProducer!.id]).toEqual(['pipe', producer.id, producer.id]);
    expect(pipeProducer!.appData).toBe(producer.appData);
    expect(told).toEqual(['near newtransport', 'far newtransport', 'near newconsumer', 'far newproducer']);
    expect(far.canConsume({ producerId: producer.id, rtpCapabilities: far.rtpCapabilities })).toBe(true);
  });

  test('has an id of its own when keepId is false', async () => {
    const producer = await produce(source, 'audio');
    const { pipeProducer } = await pipe({ producerId: producer.id, keepId: false });
    expect(pipeProducer!.id).not.toBe(producer.id);
  });

  test('of data keeps label, protocol and appData', async () => {
    const dataProducer = await source.produceData({ label: 'chat', protocol: 'text', appData: { room: 1 } });
    const { pipeDataConsumer, pipeDataProducer } = await pipe({ dataProducerId: dataProducer.id });
    expect([pipeDataConsumer!.label, pipeDataProducer!.label, pipeDataProducer!.protocol, pipeDataProducer!.id]).toEqual(['chat', 'chat', 'text', dataProducer.id]);
    expect(pipeDataProducer!.appData).toBe(dataProducer.appData);
  });

  test('may be in a router that is not of the set, if it is in this process', async () => {
    const producer = await produce(source, 'audio');
    const worker = await mediasoup.createWorker({ logLevel: 'none' });
    const foreign = await worker.createRouter({ mediaCodecs });
    const { pipeProducer } = await pipe({ producerId: producer.id }, foreign);
    expect(foreign.canConsume({ producerId: producer.id, rtpCapabilities: foreign.rtpCapabilities })).toBe(true);
    const closed = once(pipeProducer!.observer, 'close');
    producer.close();
    await closed;
    worker.close();
  });

  test('between two routers of one worker needs keepId: false, as in mediasoup', async () => {
    const beside = await workers[0].createRouter({ mediaCodecs });
    const producer = await produce(source, 'audio');
    await expect(pipe({ producerId: producer.id }, beside)).rejects.toThrow(/already exists/);
    const { pipeProducer } = await pipe({ producerId: producer.id, keepId: false }, beside);
    expect(beside.canConsume({ producerId: pipeProducer!.id, rtpCapabilities: beside.rtpCapabilities })).toBe(true);
  });
});

describe('one pair for two routers', () => {
  test('serves calls from both sides at once', async () => {
    const [audio, video] = [await produce(source, 'audio'), await produce(await far.createDirectTransport(), 'video')];
    await Promise.all([pipe({ producerId: audio.id }), far.pipeToRouter({ producerId: video.id, router: near })]);
    expect([pipes.near.length, pipes.far.length]).toEqual([1, 1]);
  });

  test('serves what comes later, twice the same producer only under another id', async () => {
    const producer = await produce(source, 'audio');
    await pipe({ producerId: producer.id });
    await expect(pipe({ producerId: producer.id })).rejects.toThrow(new TypeError(`a Producer with same id "${producer.id}" already exists`));
    await pipe({ producerId: producer.id, keepId: false });
    expect([pipes.near.length, pipes.near[0]!.closed]).toEqual([1, false]);
  });

  test('is made anew after one end was closed', async () => {
    const producer = await produce(source, 'audio');
    await pipe({ producerId: producer.id });
    pipes.far[0]!.close();
    expect(pipes.near[0]!.closed).toBe(true);
    await pipe({ producerId: producer.id });
    expect([pipes.near.length, pipes.near[1]!.closed]).toEqual([2, false]);
  });
});

describe('what happens to the original', () => {
  test('pausing and resuming travel', async () => {
    const producer = await produce(source, 'audio');
    const { pipeProducer } = await pipe({ producerId: producer.id });
    const consumer = await consume(far, producer.id);
    await Promise.all([once(pipeProducer!.observer, 'pause'), once(consumer, 'producerpause'), producer.pause()]);
    await Promise.all([once(pipeProducer!.observer, 'resume'), once(consumer, 'producerresume'), producer.resume()]);
    expect([pipeProducer!.paused, consumer.producerPaused]).toEqual([false, false]);
  });

  test('a pause that does not reach the other node is tried once more', async () => {
    const producer = await produce(source, 'audio');
    const { pipeProducer } = await pipe({ producerId: producer.id });
    let refused = 0;
    nextCall(pipeProducer!, 'pause', async () => {
      refused += 1;
      throw new Error('link broken');
    });
    await Promise.all([once(pipeProducer!.observer, 'pause'), producer.pause()]);
    expect([refused, pipeProducer!.paused]).toEqual([1, true]);
  });

  test('closing it closes both ends', async () => {
    const producer = await produce(source, 'audio');
    const { pipeConsumer, pipeProducer } = await pipe({ producerId: producer.id });
    const consumer = await consume(far, producer.id);
    const closed = once(consumer, 'producerclose');
    producer.close();
    await closed;
    expect([pipeConsumer!.closed, pipeProducer!.closed]).toEqual([true, true]);
    await expect(pipe({ producerId: producer.id })).rejects.toThrow('Producer not found');
  });

  test('closing data closes both ends', async () => {
    const dataProducer = await source.produceData();
    const { pipeDataConsumer, pipeDataProducer } = await pipe({ dataProducerId: dataProducer.id });
    const closed = once(pipeDataProducer!.observer, 'close');
    dataProducer.close();
    await closed;
    expect(pipeDataConsumer!.closed).toBe(true);
  });

  test('closing the copy closes the consumer that feeds it', async () => {
    const producer = await produce(source, 'audio');
    const { pipeConsumer, pipeProducer } = await pipe({ producerId: producer.id });
    pipeProducer!.close();
    expect([pipeConsumer!.closed, producer.closed]).toEqual([true, false]);
  });

  test('closing a router closes the pipe in the other one', async () => {
    const producer = await produce(source, 'audio');
    const { pipeProducer } = await pipe({ producerId: producer.id });
    near.close();
    expect([pipes.far[0]!.closed, pipeProducer!.closed]).toEqual([true, true]);
  });

  test('a producer that is paused already is paused there too', async () => {
    const producer = await produce(source, 'audio');
    await producer.pause();
    const { pipeProducer } = await pipe({ producerId: producer.id });
    expect(pipeProducer!.paused).toBe(true);
  });

  test.each([[false], [true]])('a change of pause while the pipe is made is not lost (paused before: %s)', async paused => {
    const producer = await produce(source, 'audio');
    if (paused) await producer.pause();
    far.observer.once('newtransport', transport => nextCall(transport, 'produce', async original => {
      const made = await (original as () => Promise<unknown>)();
      await (paused ? producer.resume() : producer.pause());
      return made;
    }));
    const { pipeProducer } = await pipe({ producerId: producer.id });
    expect(pipeProducer!.paused).toBe(!paused);
  });

  test.each(['audio', 'data'])('%s that is closed while the pipe is made closes what there is of it', async kind => {
    const original = kind === 'data' ? await source.produceData() : await produce(source, 'audio');
    const method = kind === 'data' ? 'produceData' : 'produce';
    let made: { closed: boolean } | undefined;
    far.observer.once('newtransport', transport => nextCall(transport, method, async call => {
      made = await (call as () => Promise<{ closed: boolean }>)();
      original.close();
      return made;
    }));
    const id = kind === 'data' ? { dataProducerId: original.id } : { producerId: original.id };
    await expect(pipe(id)).rejects.toThrow(`original ${kind === 'data' ? 'DataProducer' : 'Producer'} closed`);
    expect(made!.closed).toBe(true);
  });
});

describe('a set-up that fails', () => {
  test.each([
    ['here', () => nextCall(near, 'createPipeTransport', refuse)],
    ['there', () => nextCall(far, 'createPipeTransport', refuse)],
    ['when connecting', () => far.observer.once('newtransport', transport => nextCall(transport, 'connect', refuse))],
    ['when consuming', () => near.observer.once('newtransport', transport => nextCall(transport, 'consume', refuse))],
    ['when producing', () => far.observer.once('newtransport', transport => nextCall(transport, 'produce', refuse))],
  ])('%s leaves nothing behind, and the next try works', async (_, fail) => {
    const producer = await produce(source, 'audio');
    const before = [await idsIn(near), await idsIn(far)];
    fail();
    await expect(pipe({ producerId: producer.id })).rejects.toThrow('not now');
    await expectClean(producer.id, before);
  });

  test('fails for all that wait for the same pair, and only for them', async () => {
    const [audio, video] = [await produce(source, 'audio'), await produce(source, 'video')];
    const before = [await idsIn(near), await idsIn(far)];
    nextCall(far, 'createPipeTransport', refuse);
    const results = await Promise.allSettled([pipe({ producerId: audio.id }), pipe({ producerId: video.id })]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expectClean(audio.id, before);
  });

  test('does not take along the pair that is made while it is undone', async () => {
    const [audio, video] = [await produce(source, 'audio'), await produce(source, 'video')];
    let second: Promise<unknown> | undefined;
    far.observer.once('newtransport', transport => nextCall(transport, 'connect', refuse));
    near.observer.once('newtransport', transport => transport.observer.once('close', () => { second = pipe({ producerId: video.id }); }));
    await expect(pipe({ producerId: audio.id })).rejects.toThrow('not now');
    await second;
    await pipe({ producerId: audio.id });
    expect([pipes.near.length, pipes.far.length]).toEqual([2, 2]);
  });

  test('keeps the pair that carries others', async () => {
    const [audio, video] = [await produce(source, 'audio'), await produce(source, 'video')];
    await pipe({ producerId: audio.id });
    nextCall(pipes.far[0]!, 'produce', refuse);
    await expect(pipe({ producerId: video.id })).rejects.toThrow('not now');
    expect(pipes.near[0]!.closed).toBe(false);
    expect((await pipes.near[0]!.dump()).consumerIds).toHaveLength(1);
    await pipe({ producerId: video.id });
  });

  test('because a router closes meanwhile', async () => {
    const producer = await produce(source, 'audio');
    const before = await idsIn(near);
    nextCall(far, 'createPipeTransport', async original => {
      const transport = await (original as () => Promise<unknown>)();
      far.close();
      return transport;
    });
    await expect(pipe({ producerId: producer.id })).rejects.toThrow();
    expect([pipes.near[0]!.closed, await idsIn(near)]).toEqual([true, before]);
  });

  test('because the pipe closes under the call', async () => {
    const dataProducer = await source.produceData();
    far.observer.once('newtransport', transport => nextCall(transport, 'produceData', async original => {
      const made = await (original as () => Promise<unknown>)();
      transport.close();
      return made;
    }));
    await expect(pipe({ dataProducerId: dataProducer.id })).rejects.toThrow('pipe of DataProducer closed while it was made');
  });
});
