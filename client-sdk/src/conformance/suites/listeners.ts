import { equal, holds, same } from '../check.ts';
import { suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree } from '../tree.ts';

/** What listeners may do, and what becomes of those that throw. */
export const listeners: Suite = suite('listeners', {
  'one that throws is told as listenererror, with the event and the error, and nothing else breaks': async bench => {
    const { p, c } = await makeTree(bench);
    const error = new Error('of the app');
    c.on('producerpause', () => {
      throw error;
    });
    const told = bench.next<[string, Error]>(c, 'listenererror');
    const observed = bench.next(c.observer, 'pause');
    await p.pause();
    const [event, caught] = await told;
    equal(event, 'producerpause');
    equal(caught, error);
    await observed;
    equal(c.producerPaused, true);
  },
  'after one that throws the others of that event are not called, those of the next event are': async bench => {
    const { p, c } = await makeTree(bench);
    const lines: string[] = [];
    c.on('producerpause', () => {
      lines.push('first');
      throw new Error('of the app');
    });
    c.on('producerpause', () => lines.push('second'));
    c.on('producerresume', () => lines.push('resume'));
    await p.pause();
    await p.resume();
    await bench.settled();
    same(lines, ['first', 'resume']);
  },
  'of an observer too: on the observer': async bench => {
    const { p } = await makeTree(bench);
    const error = new Error('of the app');
    p.observer.on('pause', () => {
      throw error;
    });
    const told = bench.next<[string, Error]>(p.observer, 'listenererror');
    await p.pause();
    same([(await told)[0], (await told)[1] === error, p.paused], ['pause', true, true]);
  },
  'close() goes through to the end whatever listeners throw': async bench => {
    const { router, t1, p, dp, t2 } = await makeTree(bench);
    for (const [object, event] of [[p, 'transportclose'], [t1, 'routerclose']] as const) {
      (object as NodeJS.EventEmitter).on(event, () => {
        throw new Error('of the app');
      });
      (object.observer as NodeJS.EventEmitter).on('close', () => {
        throw new Error('of the app');
      });
    }
    router.close();
    same([router, t1, p, dp, t2].map(({ closed }) => closed), [true, true, true, true, true]);
  },
  'a creation resolves although a listener of its observer event throws': async bench => {
    const router = await bench.router();
    router.observer.on('newtransport', () => {
      throw new Error('of the app');
    });
    const told = bench.next<[string]>(router.observer, 'listenererror');
    const transport = await router.createDirectTransport();
    equal(transport.closed, false);
    equal((await told)[0], 'newtransport');
  },
  'of the module\'s observer: the worker is made all the same': async bench => {
    const throwing = (): void => {
      throw new Error('of the app');
    };
    bench.mediasoup.observer.on('newworker', throwing);
    bench.after(() => bench.mediasoup.observer.off('newworker', throwing));
    equal((await bench.newWorker()).closed, false);
  },
  'once() is once, off() is off, and prependListener() comes first': async bench => {
    const { p, c } = await makeTree(bench);
    const lines: string[] = [];
    const second = (): void => void lines.push('on');
    c.once('producerpause', () => lines.push('once'));
    c.on('producerpause', second);
    c.prependListener('producerpause', () => lines.push('first'));
    await p.pause();
    await p.resume();
    await bench.settled();
    c.off('producerpause', second);
    await p.pause();
    await bench.settled();
    same(lines, ['first', 'once', 'on', 'first']);
  },
  'a listener added within an event is not called for that one': async bench => {
    const { p, c } = await makeTree(bench);
    let late = 0;
    c.once('producerpause', () => c.on('producerpause', () => late++));
    await p.pause();
    await bench.settled();
    equal(late, 0);
  },
  'an event without a listener is no error': async bench => {
    const { router, t2 } = await makeTree(bench);
    t2.close();
    router.close();
    holds(router.closed, 'closed');
  },
  'emit() and listenerCount() are there for the app': async bench => {
    const { p } = await makeTree(bench);
    let told: unknown;
    const listener = (trace: unknown): void => {
      told = trace;
    };
    p.on('trace', listener);
    equal(p.listenerCount('trace'), 1);
    const trace = { type: 'rtp', timestamp: 1, direction: 'in', info: {} } as never;
    equal(p.emit('trace', trace), true);
    equal(told, trace);
    p.removeListener('trace', listener);
    equal(p.emit('trace', trace), false);
  },
});
