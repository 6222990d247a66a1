import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { makeCall } from '../../test/call.ts';
import type { Call } from '../../test/call.ts';
import { EventLog } from '../../test/event-log.ts';
import { ScriptedNode, numberOf } from '../../test/scripted-node.ts';
import { NotFoundError, WorkerClosedError } from './local-half.ts';

const T1 = ['p!transportclose', 'p°close', 'dp!transportclose', 'dp°close'];
const T2 = ['c!transportclose', 'c°close', 'dc!transportclose', 'dc°close'];
const ROUTER = [...T1, 't1!routerclose', 't1°close', ...T2, 't2!routerclose', 't2°close', 'pipe!routerclose', 'pipe°close'];
const WORKER = [...ROUTER, 'router!workerclose', 'router°close', 'server!workerclose', 'server°close'];

let node: ScriptedNode;
let call: Call;
let log: EventLog;

const objectOf = (name: keyof Call): number => numberOf(call[name]);

beforeEach(async () => {
  node = new ScriptedNode();
  call = await makeCall(node.mediasoup);
  log = new EventLog();
  for (const [name, object] of Object.entries(call)) log.follow(name, object);
  node.takeSent();
});

describe('close() of the app', () => {
  it.each([
    ['p', 'producer.close', ['p°close']],
    ['c', 'consumer.close', ['c°close']],
    ['dp', 'dataProducer.close', ['dp°close']],
    ['dc', 'dataConsumer.close', ['dc°close']],
    ['t1', 'transport.close', [...T1, 'server°webrtctransportunhandled t1', 't1°close']],
    ['t2', 'transport.close', [...T2, 't2°close']],
    ['pipe', 'transport.close', ['pipe°close']],
    ['router', 'router.close', [...ROUTER, 'router°close']],
    ['server', 'webRtcServer.close', [...T1, 't1!listenserverclose', 't1°close', 'server°webrtctransportunhandled t1', 'server°close']],
    ['worker', 'worker.close', [...WORKER, 'worker°close']],
  ] as const)('closes %s at once, tells the node %s, and everybody below hears of it in mediasoup\'s order', (name, method, heard) => {
    call[name].close();
    call[name].close();
    expect(call[name].closed).toBe(true);
    expect(log.take()).toEqual(heard);
    expect(node.takeSent()).toEqual([method]);
    expect(node.replica.get(objectOf(name))).toBeUndefined();
  });

  it('is the end: what mediasoup itself calls when a parent closes does nothing any more', () => {
    for (const name of ['p', 'c', 'dp', 'dc', 't1', 't2', 'pipe', 'router', 'server'] as const) call[name].close();
    log.take();
    for (const object of [call.p, call.c, call.dp, call.dc]) object.transportClosed();
    for (const object of [call.t1, call.t2, call.pipe]) {
      object.routerClosed();
      object.listenServerClosed();
    }
    for (const object of [call.router, call.server]) object.workerClosed();
    expect(log.take()).toEqual([]);
    expect(call.router.id).toMatch(/^router-/);
  });

  it('swallows the node\'s echo', () => {
    call.t1.close();
    log.take();
    node.replica.closed(objectOf('t1'));
    expect(log.take()).toEqual([]);
  });

  it('tells the consumers on other transports later, when the node does', () => {
    call.t1.close();
    expect(call.c.closed).toBe(false);
    log.take();
    node.replica.closed(objectOf('c'), 'producerclose');
    node.replica.closed(objectOf('dc'), 'dataproducerclose');
    expect(log.take()).toEqual(['c!producerclose', 'c°close', 'dc!dataproducerclose', 'dc°close']);
  });

  it('says later that the worker\'s process has ended', async () => {
    call.worker.close();
    expect(call.worker).toMatchObject({ closed: true, died: false, subprocessClosed: false });
    log.take();
    await new Promise(setImmediate);
    expect(call.worker.subprocessClosed).toBe(true);
    expect(log.take()).toEqual(['worker!subprocessclose']);
  });

  it('leaves the getters as they were, besides those that tell of the connection', () => {
    const { id } = call.t1;
    call.router.close();
    expect(call.t1).toMatchObject({ id, iceState: 'closed', dtlsState: 'closed', sctpState: 'closed', iceSelectedTuple: undefined });
    expect(call.pipe.sctpState).toBeUndefined();
    expect(call.p.rtpParameters.codecs).toHaveLength(1);
    expect(call.router.rtpCapabilities.codecs).toHaveLength(1);
  });

  it('says of a transport that its server unhandled it though its router was closed before, as mediasoup does', () => {
    call.router.close();
    log.take();
    call.server.close();
    expect(log.take()).toEqual(['server°webrtctransportunhandled t1', 'server°close']);
  });

  it('makes the closed object\'s calls reject without a round trip', async () => {
    call.p.close();
    node.takeSent();
    await expect(call.p.dump()).rejects.toThrow(new NotFoundError(`Channel request handler with ID ${call.p.id} not found [method:producer.dump]`));
    expect(node.takeSent()).toEqual([]);
  });

  it('still answers what was asked before, for all but a worker', async () => {
    node.answers['transport.dump'] = () => ({ id: 'dumped' });
    const dump = call.t1.dump();
    call.t1.close();
    await expect(dump).resolves.toEqual({ id: 'dumped' });
  });

  it('rejects what a closed worker has not answered, and what is asked later, with WorkerClosedError', async () => {
    const asked = [call.worker.dump(), call.router.dump(), call.t1.produce({ kind: 'audio', rtpParameters: { codecs: [] } }), call.p.getStats()];
    call.worker.close();
    for (const one of asked) await expect(one).rejects.toThrow(WorkerClosedError);
    await expect(call.worker.createRouter()).rejects.toThrow('Channel closed, cannot send request [method:worker.createRouter]');
    await expect(call.p.pause()).rejects.toThrow(WorkerClosedError);
    // The registry of producers is empty, and mediasoup looks there first.
    await expect(call.t2.consume({ producerId: call.p.id, rtpCapabilities: {} })).rejects.toThrow(NotFoundError);
    expect(call.c.closed).toBe(true);
    call.p.close();
    expect(log.take().filter(line => line === 'p°close')).toHaveLength(1);
  });

  it('closes at once what was still being created below it', async () => {
    const transport = call.router.createWebRtcTransport({ listenInfos: [] });
    const seen: unknown[] = [];
    call.router.observer.on('newtransport', made => seen.push(made));
    call.router.close();
    expect((await transport).closed).toBe(true);
    expect(seen).toEqual([await transport]);
    expect(node.replica.get(numberOf(await transport))).toBeUndefined();
  });

  it('may be called inside the event that tells of the object', async () => {
    call.t1.observer.on('newproducer', producer => producer.close());
    const producer = await call.t1.produce({ kind: 'audio', rtpParameters: { codecs: [] } });
    expect(producer.closed).toBe(true);
    expect(node.takeSent()).toEqual(['transport.produce', 'producer.close']);
  });
});

describe('what the node closes', () => {
  it.each([
    ['p', undefined, ['p°close']],
    ['c', 'producerclose', ['c!producerclose', 'c°close']],
    ['dc', 'dataproducerclose', ['dc!dataproducerclose', 'dc°close']],
    ['t1', 'listenserverclose', [...T1, 't1!listenserverclose', 't1°close', 'server°webrtctransportunhandled t1']],
    ['t2', undefined, [...T2, 't2°close']],
    ['router', undefined, [...ROUTER, 'router°close']],
  ] as const)('is heard of by %s and everybody below', (name, event, heard) => {
    node.replica.closed(objectOf(name), event);
    expect(log.take()).toEqual(heard);
    expect(call[name].closed).toBe(true);
    expect(node.takeSent()).toEqual([]);
  });

  it.each([
    ['an Error', new Error('[pid:7, code:1]'), '[pid:7, code:1]'],
    ['its plain form', { message: '[pid:7, code:1]' }, '[pid:7, code:1]'],
    ['its message', '[pid:7, code:1]', '[pid:7, code:1]'],
    ['nothing', undefined, 'worker is gone from node media-0 [pid:7]'],
  ])('emits died with the error, sent as %s, in mediasoup\'s order', (_form, sent, message) => {
    const errors: Error[] = [];
    const flags: boolean[] = [];
    call.worker.on('died', error => errors.push(error));
    call.router.on('workerclose', () => flags.push(call.worker.closed, call.worker.died, call.worker.subprocessClosed));
    node.replica.closed(objectOf('worker'), 'died', [sent]);
    expect(log.take()).toEqual([...WORKER, 'worker!died', 'worker!subprocessclose', 'worker°close']);
    expect(errors.map(error => error.message)).toEqual([message]);
    expect(flags).toEqual([true, true, true]);
  });
});

describe('a node that is gone', () => {
  it('emits died on its workers when it is lost', async () => {
    const asked = call.router.dump();
    const errors: Error[] = [];
    call.worker.on('died', error => errors.push(error));
    node.replica.lost('refused');
    expect(log.take()).toEqual([...WORKER, 'worker!died', 'worker!subprocessclose', 'worker°close']);
    expect(errors[0]?.message).toBe('node media-0 is lost [pid:7, reason:refused]');
    await expect(asked).rejects.toThrow(WorkerClosedError);
    call.worker.close();
    expect(log.take()).toEqual([]);
  });

  it('closes quietly when it leaves as planned', async () => {
    node.replica.left('goodbye');
    expect(log.take()).toEqual([...WORKER, 'worker°close']);
    expect(call.worker.died).toBe(false);
    await new Promise(setImmediate);
    expect(log.take()).toEqual(['worker!subprocessclose']);
  });
});

describe('an app that closes a worker because it hears of another', () => {
  it.each<[string, () => void, string[]]>([
    ['died', () => node.replica.lost('refused'), ['one!died', 'one!subprocessclose', 'two°close', 'one°close']],
    ['left', () => node.replica.left('goodbye'), ['two°close', 'one°close']],
  ])('that %s hears of each once', async (_how, happen, heard) => {
    call.worker.close();
    await new Promise(setImmediate);
    const [one, two] = [await node.mediasoup.createWorker(), await node.mediasoup.createWorker()];
    log.take();
    one.observer.on('close', () => two.close());
    log.follow('one', one).follow('two', two);
    happen();
    expect(log.take()).toEqual(heard);
    await new Promise(setImmediate);
    expect(log.take().filter(line => line === 'two!subprocessclose')).toHaveLength(1);
    expect(two.died).toBe(false);
  });
});

describe('what was missed while the link was broken', () => {
  it.each([
    ['a consumer whose producer closed', ['p', 'c'], ['p°close', 'c!producerclose', 'c°close']],
    ['a data consumer whose producer closed', ['dp', 'dc'], ['dp°close', 'dc!dataproducerclose', 'dc°close']],
    ['a consumer that another session closed', ['c'], ['c°close']],
    ['a data consumer that another session closed', ['dc'], ['dc°close']],
    ['a producer', ['p'], ['p°close']],
    ['a transport and its WebRtcServer', ['server', 't1'], [...T1, 't1!listenserverclose', 't1°close', 'server°webrtctransportunhandled t1', 'server°close']],
    ['a transport on a WebRtcServer', ['t1'], [...T1, 'server°webrtctransportunhandled t1', 't1°close']],
    ['a transport', ['t2'], [...T2, 't2°close']],
    ['a worker', ['worker'], [...WORKER, 'worker!died', 'worker!subprocessclose', 'worker°close']],
  ] as [string, (keyof Call)[], string[]][])('is told for %s', (_what, names, heard) => {
    const gone = new Set(names.map(objectOf));
    node.snapshot(record => (gone.has(record.object) ? undefined : record));
    expect(log.take()).toEqual(heard);
    node.snapshot();
    expect(log.take()).toEqual([]);
  });
});

afterEach(() => {
  // Whatever happened, nobody was told of a close by an object that said it was open.
  expect(log.take().filter(line => line.endsWith('?'))).toEqual([]);
});
