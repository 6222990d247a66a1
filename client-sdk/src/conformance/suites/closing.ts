import type { EventEmitter } from 'node:events';

import { equal, holds, same } from '../check.ts';
import { byObject, Journal } from '../journal.ts';
import { audio, listenInfo, rtpCapabilities } from '../media.ts';
import { each, suite } from '../suite.ts';
import type { Suite } from '../suite.ts';
import { makeTree, oneOfEach } from '../tree.ts';
import type { Tree } from '../tree.ts';

interface Expected {
  /** What `close()` emits before it returns, in order. */
  readonly atOnce: readonly string[];
  /** What comes from the worker afterwards; events of one object in order. */
  readonly later: readonly string[];
  /** Who is closed in the end. */
  readonly closed: readonly (keyof Tree)[];
}

const ofP = ['c!producerclose', 'c°close', 'c2!producerclose', 'c2°close', 'pc!producerclose', 'pc°close'];
const ofDp = ['dc!dataproducerclose', 'dc°close', 'dc2!dataproducerclose', 'dc2°close'];

/** Producers, Consumers, DataProducers, DataConsumers: whatever order they were made in. */
const inT1 = ['p!transportclose', 'p°close', 'dp!transportclose', 'dp°close'];
const inT2 = ['p2!transportclose', 'p2°close', 'c!transportclose', 'c°close', 'dp2!transportclose', 'dp2°close', 'dc!transportclose', 'dc°close'];
const inPipe = ['pc!transportclose', 'pc°close'];
const inPlain = ['c2!transportclose', 'c2°close'];
const inDirect = ['dc2!transportclose', 'dc2°close'];

const TABLE: Readonly<Partial<Record<keyof Tree, Expected>>> = {
  p: { atOnce: ['p°close'], later: ofP, closed: ['p', 'c', 'c2', 'pc'] },
  dp: { atOnce: ['dp°close'], later: ofDp, closed: ['dp', 'dc', 'dc2'] },
  p2: { atOnce: ['p2°close'], later: [], closed: ['p2'] },
  c: { atOnce: ['c°close'], later: [], closed: ['c'] },
  pc: { atOnce: ['pc°close'], later: [], closed: ['pc'] },
  dc: { atOnce: ['dc°close'], later: [], closed: ['dc'] },
  dc2: { atOnce: ['dc2°close'], later: [], closed: ['dc2'] },
  speaker: { atOnce: ['speaker°close'], later: [], closed: ['speaker'] },
  levels: { atOnce: ['levels°close'], later: [], closed: ['levels'] },
  t1: {
    atOnce: [...inT1, 'server°webrtctransportunhandled t1', 't1°close'],
    later: byObject([...ofP, ...ofDp]),
    closed: ['t1', 'p', 'dp', 'c', 'c2', 'pc', 'dc', 'dc2'],
  },
  t2: { atOnce: [...inT2, 't2°close'], later: [], closed: ['t2', 'p2', 'c', 'dp2', 'dc'] },
  pipe: { atOnce: [...inPipe, 'pipe°close'], later: [], closed: ['pipe', 'pc'] },
  plain: { atOnce: [...inPlain, 'plain°close'], later: [], closed: ['plain', 'c2'] },
  direct: { atOnce: [...inDirect, 'direct°close'], later: [], closed: ['direct', 'dc2'] },
  server: {
    atOnce: [...inT1, 't1!listenserverclose', 't1°close', 'server°webrtctransportunhandled t1', 'server°close'],
    later: byObject([...ofP, ...ofDp]),
    closed: ['server', 't1', 'p', 'dp', 'c', 'c2', 'pc', 'dc', 'dc2'],
  },
};

/** The same for the end of a router and of a worker, but for the cause's name. */
const inRouter = (cause: string): readonly string[] => [
  ...inT1, `t1!${cause}`, 't1°close', ...inT2, `t2!${cause}`, 't2°close', ...inPipe, `pipe!${cause}`, 'pipe°close', ...inPlain, `plain!${cause}`, 'plain°close',
  ...inDirect, `direct!${cause}`, 'direct°close', `speaker!${cause}`, 'speaker°close', `levels!${cause}`, 'levels°close',
];
const UNHANDLED = 'server°webrtctransportunhandled t1';
const inWorker = [...inRouter('routerclose'), 'router!workerclose', 'router°close', 'server!workerclose', 'server°close'];

function closedOf(tree: Tree): string[] {
  return Object.entries(tree).filter(([, object]) => (object as { closed: boolean }).closed).map(([name]) => name);
}

/** Who hears of the end of whom, in which order. */
export const closing: Suite = suite('closing', {
  ...each(TABLE, name => `of ${name}: these events at once, these later, twice is once`, async (bench, expected: Expected, name) => {
    const tree = await makeTree(bench);
    const journal = new Journal(tree);
    const object = tree[name as keyof Tree];
    object.close();
    const told = journal.take();
    object.close();
    same(told, expected.atOnce);
    same(journal.take(), [], 'the second close() is silent');
    await bench.settled();
    same(byObject(journal.take()), byObject(expected.later));
    same(closedOf(tree).toSorted(), expected.closed.toSorted());
    object.close();
    same(journal.take(), [], 'a late close() is silent too');
  }),

  'of a router: its transports with all they hold, then its RtpObservers, then itself; nothing comes later': async bench => {
    const missed = bench.quirk('serverMissesRouterClose') ? [UNHANDLED] : [];
    const tree = await makeTree(bench);
    const journal = new Journal(tree);
    tree.router.close();
    const told = journal.take();
    same(told.filter(line => line !== UNHANDLED), [...inRouter('routerclose'), 'router°close']);
    equal(told.includes(UNHANDLED), missed.length === 0);
    await bench.settled();
    same(journal.take(), []);
    holds(!tree.server.closed && !tree.worker.closed, 'the server and the worker stay open');
    tree.server.close();
    same(journal.take(), [...missed, 'server°close']);
  },
  'of a worker: its routers, then its WebRtcServers, then itself; later its process': async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    const journal = new Journal(tree);
    const ended = bench.next(tree.worker, 'subprocessclose');
    tree.worker.close();
    const told = journal.take();
    same(told.filter(line => line !== UNHANDLED && line !== 'worker!subprocessclose'), [...inWorker, 'worker°close']);
    if (bench.quirk('subprocessCloseLater')) equal(tree.worker.subprocessClosed, false);
    await ended;
    same(closedOf(tree), Object.keys(tree));
    equal(tree.worker.died, false);
    equal(tree.worker.subprocessClosed, true);
  },
  'of a worker whose process dies: the same, then died, and everybody says so already': [['signalWorker'], async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    const journal = new Journal(tree);
    const flags: boolean[] = [];
    tree.p.on('transportclose', () => flags.push(tree.worker.closed, tree.worker.died, tree.worker.subprocessClosed, tree.router.closed));
    const ended = bench.next(tree.worker.observer, 'close');
    const died = bench.next<[Error]>(tree.worker, 'died');
    process.kill(tree.worker.pid, 'SIGKILL');
    await ended;
    same(journal.take().filter(line => line !== UNHANDLED), [...inWorker, 'worker!died', 'worker!subprocessclose', 'worker°close']);
    same(flags, [true, true, true, true]);
    const [error] = await died;
    equal(error.message, `[pid:${tree.worker.pid}, code:null, signal:SIGKILL]`);
    same(closedOf(tree), Object.keys(tree));
  }],
  'of a dead worker by close() does nothing': [['signalWorker'], async bench => {
    const worker = await bench.newWorker();
    const died = bench.next(worker, 'died');
    process.kill(worker.pid, 'SIGKILL');
    await died;
    const journal = new Journal({ worker });
    worker.close();
    same(journal.take(), []);
    equal(worker.died, true);
  }],

  'of a parent before its child: the child is closed already and stays silent': async bench => {
    const tree = await makeTree(bench);
    tree.router.close();
    const journal = new Journal(tree);
    for (const object of Object.values(tree)) if (object !== tree.worker && object !== tree.server) (object as { close(): void }).close();
    same(journal.take(), []);
    await bench.settled();
    same(journal.take(), []);
  },
  'of children before their parent: each tells once': async bench => {
    const { p, c, t1, t2, router } = await makeTree(bench);
    const journal = new Journal({ p, c, t1, t2, router });
    c.close();
    p.close();
    t2.close();
    t1.close();
    router.close();
    same(journal.take(), ['c°close', 'p°close', 't2°close', 't1°close', 'router°close']);
    await bench.settled();
    same(journal.take(), [], 'a consumer that was closed does not hear of its producer');
  },
  'twice, of every class': async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    const told: string[] = [];
    for (const [name, object] of Object.entries(oneOfEach(tree)).toReversed()) {
      const { observer, close } = object as unknown as { observer: EventEmitter; close(): void };
      observer.on('close', () => told.push(name));
      close.call(object);
      close.call(object);
    }
    same(told, Object.keys(oneOfEach(tree)).toReversed());
  },
  'never throws, also with the worker gone': async bench => {
    const tree = await makeTree(bench, await bench.newWorker());
    tree.worker.close();
    for (const object of Object.values(tree)) (object as { close(): void }).close();
    same(closedOf(tree), Object.keys(tree));
  },
  'from within an observer\'s close event is silent': async bench => {
    const { p, t1 } = await makeTree(bench);
    const journal = new Journal({ p, t1 });
    p.observer.on('close', () => t1.close());
    t1.observer.on('close', () => t1.close());
    p.close();
    same(journal.take(), ['p°close', 't1°close']);
  },
  'of a sibling from within a transportclose event: it hears nothing more': async bench => {
    const { t2, p2, c } = await makeTree(bench);
    const journal = new Journal({ p2, c, t2 });
    p2.on('transportclose', () => c.close());
    t2.close();
    same(journal.take(), ['p2!transportclose', 'c°close', 'p2°close', 't2°close']);
  },
  'sets closed on the descendants before anything is told of them': async bench => {
    const { router, t1, p } = await makeTree(bench);
    const seen: boolean[] = [];
    p.on('transportclose', () => seen.push(p.closed, t1.closed, router.closed));
    router.close();
    same(seen, [true, true, true]);
  },
  'of a WebRtcTransport sets its states': async bench => {
    const { t1 } = await makeTree(bench);
    same([t1.iceState, t1.dtlsState, t1.sctpState], ['new', 'new', 'new']);
    t1.close();
    same([t1.iceState, t1.dtlsState, t1.sctpState, t1.iceSelectedTuple], ['closed', 'closed', 'closed', undefined]);
  },
  'of a router sets the states of its transports, without an event for them': async bench => {
    const { router, t1, plain, pipe } = await makeTree(bench);
    const journal = new Journal({ t1, plain, pipe });
    router.close();
    same([t1.iceState, t1.dtlsState, t1.sctpState, plain.sctpState, pipe.sctpState], ['closed', 'closed', 'closed', 'closed', 'closed']);
    same(journal.take().filter(line => line.includes('state')), []);
  },
  'of a server sets the states of its transports': async bench => {
    const { server, t1 } = await makeTree(bench);
    server.close();
    same([t1.iceState, t1.dtlsState, t1.sctpState], ['closed', 'closed', 'closed']);
  },
  'of a transport without SCTP leaves sctpState undefined': async bench => {
    const router = await bench.router();
    const transport = await router.createPlainTransport({ listenInfo });
    transport.close();
    equal(transport.sctpState, undefined);
  },
  'leaves all other getters as they were': async bench => {
    const { p, c, dp, router, plain, worker } = await makeTree(bench, await bench.newWorker());
    const read = () => ({
      p: [p.id, p.kind, p.type, p.paused, p.rtpParameters, p.consumableRtpParameters], c: [c.id, c.producerId, c.rtpParameters, c.priority, c.score],
      dp: [dp.id, dp.label, dp.protocol, dp.sctpStreamParameters], router: [router.id, router.rtpCapabilities], tuple: plain.tuple, pid: worker.pid,
    });
    const before = read();
    worker.close();
    same(read(), before);
  },
  'of a producer ends canConsume()': async bench => {
    const { router, p } = await makeTree(bench);
    equal(router.canConsume({ producerId: p.id, rtpCapabilities }), true);
    p.close();
    equal(router.canConsume({ producerId: p.id, rtpCapabilities }), false);
  },
  'of a transport ends canConsume() of its producers, and of no other': async bench => {
    const { router, t1, p, p2 } = await makeTree(bench);
    t1.close();
    same([p, p2].map(({ id }) => router.canConsume({ producerId: id, rtpCapabilities })), [false, true]);
  },
  'of a server and canConsume() of what came through it': async bench => {
    const { router, server, p } = await makeTree(bench);
    server.close();
    equal(router.canConsume({ producerId: p.id, rtpCapabilities }), bench.quirk('canConsumeAfterServerClose'));
  },
  'of a router ends canConsume()': async bench => {
    const { router, p } = await makeTree(bench);
    router.close();
    equal(router.canConsume({ producerId: p.id, rtpCapabilities }), false);
  },
  'frees the id: another producer may take it': async bench => {
    const { t1 } = await makeTree(bench);
    const first = await t1.produce(audio({ id: 'the-one' }));
    first.close();
    const second = await t1.produce(audio({ id: 'the-one' }));
    same([second.id, second.closed, first.closed], ['the-one', false, true]);
    second.close();
  },
  'and what the worker says of it afterwards': async bench => {
    const { worker, router, server, t2, p, speaker } = await makeTree(bench);
    p.close();
    t2.close();
    speaker.close();
    const dump = await router.dump();
    equal(dump.transportIds.length, 4);
    equal(dump.rtpObserverIds.length, 1);
    router.close();
    server.close();
    const { routerIds, webRtcServerIds } = await worker.dump();
    holds(!routerIds.includes(router.id) && !webRtcServerIds.includes(server.id), 'neither is left in the worker');
  },
});
