import { EventEmitter } from 'node:events';

import { beforeEach, expect, test } from '@jest/globals';
import type { Consumer, DataConsumer, DataProducer, Producer } from 'mediasoup/types';

import { followConsumer, followDataConsumer } from './follow-consumer.ts';

class End {
  readonly observer = new EventEmitter();
  closed = false;

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.observer.emit('close');
  }
}

class PipeConsumer extends End {
  paused = false;
  producerPaused = false;

  set(change: { paused?: boolean; producerPaused?: boolean }): void {
    const before = this.paused || this.producerPaused;
    Object.assign(this, change);
    const now = this.paused || this.producerPaused;
    if (now !== before) this.observer.emit(now ? 'pause' : 'resume');
  }
}

/** Its node answers a call when the test says so. */
class PipeProducer extends End {
  readonly id = 'p';
  readonly calls: string[] = [];
  readonly #answers: PromiseWithResolvers<void>[] = [];

  pause(): Promise<void> {
    return this.#call('pause');
  }

  resume(): Promise<void> {
    return this.#call('resume');
  }

  async answer(error?: Error): Promise<void> {
    const answer = this.#answers.shift()!;
    if (error) answer.reject(error);
    else answer.resolve();
    await new Promise(setImmediate);
  }

  #call(name: string): Promise<void> {
    this.calls.push(name);
    const answer = Promise.withResolvers<void>();
    this.#answers.push(answer);
    return answer.promise;
  }
}

let consumer: PipeConsumer;
let producer: PipeProducer;
const lost = new Error('the link broke');

beforeEach(() => {
  consumer = new PipeConsumer();
  producer = new PipeProducer();
  followConsumer(consumer as unknown as Consumer, producer as unknown as Producer);
});

test('a piped producer pauses when its consumer does or what that consumes, and resumes when neither is paused', async () => {
  consumer.set({ paused: true });
  consumer.set({ producerPaused: true });
  consumer.set({ paused: false });
  consumer.set({ producerPaused: false });
  await producer.answer();
  await producer.answer();
  expect(producer.calls).toEqual(['pause', 'resume']);
});

test('a call that was lost is made once more, with what holds by then', async () => {
  consumer.set({ paused: true });
  consumer.paused = false; // its event comes later
  await producer.answer(lost);
  await producer.answer();
  expect(producer.calls).toEqual(['pause', 'resume']);
});

test('after two lost calls it waits for the next change', async () => {
  consumer.set({ paused: true });
  await producer.answer(lost);
  await producer.answer(lost);
  expect(producer.calls).toEqual(['pause', 'pause']);
  consumer.set({ paused: false });
  await producer.answer();
  expect(producer.calls).toEqual(['pause', 'pause', 'resume']);
});

test('nothing more is asked of a producer that was closed meanwhile', async () => {
  consumer.set({ paused: true });
  producer.close();
  await producer.answer(lost);
  expect(producer.calls).toEqual(['pause']);
});

test.each([['consumer', 'producer'], ['producer', 'consumer']] as const)('the %s closes the %s, of media and of data', (first, second) => {
  const media = { consumer, producer };
  const data = { consumer: new End(), producer: new End() };
  followDataConsumer(data.consumer as unknown as DataConsumer, data.producer as unknown as DataProducer);
  for (const pipe of [media, data]) {
    pipe[first].close();
    expect(pipe[second].closed).toBe(true);
  }
});
