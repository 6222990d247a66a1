import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FakeClock } from '../testing/index.ts';
import { WorkQueue } from './workqueue.ts';

let clock: FakeClock;
let queue: WorkQueue;

beforeEach(() => {
  clock = new FakeClock();
  queue = new WorkQueue({ clock });
});

async function take(from = queue): Promise<string | undefined> {
  return (await from.take())?.key;
}

describe('adding', () => {
  test('hands keys out in order, each once however often it was added', async () => {
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.metrics).toMatchObject({ depth: 3, adds: 3 });
    expect([await take(), await take(), await take()]).toEqual(['a', 'b', 'c']);
    expect(queue.metrics).toMatchObject({ depth: 0, processing: 3 });
  });

  test('wakes who waits, in the order of waiting', async () => {
    const first = take();
    const second = take();
    queue.add('a');
    queue.add('b');
    expect([await first, await second]).toEqual(['a', 'b']);
  });

  test('keeps a key back while it is in work, and hands it out once more afterwards', async () => {
    queue.add('a');
    await take();
    queue.add('a');
    queue.add('a');
    expect(queue.metrics).toMatchObject({ depth: 0, processing: 1, adds: 2 });
    const next = take();
    queue.add('b');
    expect(await next).toBe('b');
    queue.done('a');
    expect(await take()).toBe('a');
    queue.done('a');
    expect(queue.metrics).toMatchObject({ depth: 0, processing: 1, adds: 3 });
  });

  test('lets what just happened go before what a start or a resync brings', async () => {
    queue.add('a', 'low');
    queue.add('b', 'low');
    queue.add('c', 'high');
    queue.add('b', 'high'); // it has changed, too
    queue.add('c', 'low');
    queue.add('a', 'low');
    expect(queue.metrics.adds).toBe(3);
    expect([await take(), await take(), await take()]).toEqual(['c', 'b', 'a']);
    queue.add('c', 'low');
    queue.add('c', 'high'); // while in work: the higher counts
    queue.add('c', 'low');
    queue.add('d', 'low');
    queue.done('c');
    expect([await take(), await take()]).toEqual(['c', 'd']);
  });

  test('says how long a key was ready before it was taken', async () => {
    queue.add('a');
    clock.advance(250);
    expect(queue.metrics.oldestMs).toBe(250);
    expect(await queue.take()).toEqual({ key: 'a', queuedMs: 250 });
    clock.advance(50);
    expect(queue.metrics).toMatchObject({ oldestMs: 0, longestRunningMs: 50 });
  });
});

describe('adding later', () => {
  test('waits for its time; of several the earliest counts', async () => {
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 3000);
    queue.addAfter('b', 2000);
    expect(queue.metrics).toMatchObject({ depth: 0, waiting: 2 });
    clock.advance(1000);
    expect(await take()).toBe('a');
    clock.advance(1000);
    expect(await take()).toBe('b');
    clock.advance(10_000);
    expect(queue.metrics).toMatchObject({ depth: 0, waiting: 0 });
    expect(clock.delaysMs).toEqual([]);
  });

  test('means at once when there is nothing to wait for', async () => {
    queue.addAfter('a', 0);
    queue.addAfter('b', -1);
    queue.addAfter('c', Number.NaN);
    expect([await take(), await take(), await take()]).toEqual(['a', 'b', 'c']);
  });

  test('does not keep an event from being handled at once', async () => {
    queue.addAfter('a', 1000);
    queue.add('a');
    expect(await take()).toBe('a');
    queue.done('a');
    clock.advance(1000);
    expect(await take()).toBe('a');
  });
});

describe('retry', () => {
  test('doubles the wait with each failure, up to its longest, until the key is forgotten', () => {
    queue = new WorkQueue({ clock, minBackoffMs: 5, maxBackoffMs: 100 });
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 6; i += 1) {
      queue.retry('a');
      waits.push(clock.delaysMs.at(-1));
      clock.advance(1000);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 100]);
    expect(queue.failures('a')).toBe(6);
    expect(queue.failures('b')).toBe(0);
    queue.forget('a');
    queue.retry('b');
    expect(clock.delaysMs).toEqual([5]);
    expect(queue.metrics.retries).toBe(7);
  });

  test('waits as long as a server asked for', () => {
    queue.retry('a', 17_000);
    expect(clock.delaysMs).toEqual([17_000]);
  });

  test('slows down when many keys fail together', () => {
    queue = new WorkQueue({ clock, rate: { perSecond: 10, burst: 2 } });
    for (const key of ['a', 'b', 'c', 'd']) queue.retry(key);
    expect(clock.delaysMs).toEqual([5, 5, 100, 200]);
  });
});

describe('shutDown', () => {
  test('sends home who waits, drops what is there, and takes nothing more', async () => {
    queue.add('a');
    await take();
    const waiting = take();
    queue.addAfter('b', 1000);
    queue.add('a');
    queue.shutDown();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.add('c');
    queue.addAfter('c', 1);
    queue.retry('c');
    queue.done('a');
    expect(await take()).toBeUndefined();
    expect(queue.metrics).toMatchObject({ depth: 0, waiting: 0, processing: 0 });
    expect(clock.delaysMs).toEqual([]);
  });

  test('a queue of its own makes do with the machine\'s clock', async () => {
    const own = new WorkQueue<number>();
    own.addAfter(7, 1);
    expect((await own.take())?.key).toBe(7);
    own.shutDown();
  });
});

describe('whatever happens', () => {
  const keys = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: keys, low: fc.boolean() }),
    fc.record({ do: fc.constant('after' as const), key: keys, ms: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ do: fc.constant('retry' as const), key: keys }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), nth: fc.nat(2) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(100) }),
  );

  test('no key is lost and none is handed out twice at once', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      clock = new FakeClock();
      queue = new WorkQueue({ clock });
      /** Keys that were asked for and not yet handed out since. */
      const owed = new Set<string>();
      const inWork: string[] = [];
      const take = async (): Promise<void> => {
        if (queue.metrics.depth === 0) return;
        const key = (await queue.take())?.key as string;
        expect(inWork).not.toContain(key);
        inWork.push(key);
        owed.delete(key);
      };
      const later = new Set<string>();
      for (const one of steps) {
        if (one.do === 'add') {
          queue.add(one.key, one.low ? 'low' : 'high');
          owed.add(one.key);
        } else if (one.do === 'after') {
          queue.addAfter(one.key, one.ms);
          later.add(one.key);
        } else if (one.do === 'retry') {
          queue.retry(one.key);
          later.add(one.key);
        } else if (one.do === 'take') {
          await take();
        } else if (one.do === 'done') {
          const [key] = inWork.splice(one.nth % Math.max(1, inWork.length), 1);
          if (key !== undefined) queue.done(key);
        } else {
          clock.advance(one.ms);
        }
      }
      // What waits for its time comes when that is over, whatever was taken before.
      const waiting = queue.metrics.waiting;
      expect(waiting).toBeLessThanOrEqual(later.size);
      clock.advance(1_000_000_000);
      expect(queue.metrics.waiting).toBe(0);
      for (const key of inWork.splice(0)) queue.done(key);
      while (queue.metrics.depth > 0) {
        await take();
        for (const key of inWork.splice(0)) queue.done(key);
      }
      expect([...owed]).toEqual([]);
      expect(queue.metrics).toMatchObject({ depth: 0, processing: 0, waiting: 0 });
    }), { numRuns: 300 });
  });
});
