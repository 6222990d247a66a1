import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Mediasoup } from '@mediacluster/sdk';
import { differentMembers, membersOf } from '@mediacluster/sdk/conformance';
import * as mediasoup from 'mediasoup';
import type { Worker } from 'mediasoup/types';

import { makeCall } from '../../client-sdk/test/call.ts';
import type { Call } from '../../client-sdk/test/call.ts';
import { EventLog } from '../../client-sdk/test/event-log.ts';
import { rtpCapabilities, rtpParameters } from '../../client-sdk/test/scripted-node.ts';
import { connect, endAll, startSocketNode } from './node-on-socket.ts';

/**
 * Each scenario runs twice, on mediasoup itself and on mediasoup in a node across a socket, with real workers; what the app sees must
 * be the same.
 */
let remote: Mediasoup;
// mediasoup completes its own table when the first router is made; the node told it before.
const supported = mediasoup.getSupportedRtpCapabilities();

beforeAll(async () => {
  remote = (await connect((await startSocketNode()).url)).mediasoup;
});
afterAll(endAll);

type Scenario = (made: Call, log: EventLog) => unknown;

async function seenBy(api: Mediasoup, scenario: Scenario): Promise<unknown> {
  const call = await makeCall(api);
  const log = new EventLog();
  for (const [name, object] of Object.entries(call)) log.follow(name, object);
  try {
    return await scenario(call, log);
  } finally {
    call.worker.close();
  }
}

/** Runs it on both and returns what was seen, which was the same. */
async function same(scenario: Scenario): Promise<unknown> {
  const expected = await seenBy(mediasoup, scenario);
  expect(await seenBy(remote, scenario)).toEqual(expected);
  return expected;
}

/** What the worker says of a change to others has arrived after two round trips: mediasoup delivers it a macrotask later. */
async function settled(worker: Worker): Promise<void> {
  for (let trip = 0; trip < 2; trip++) {
    await worker.dump();
    await new Promise(setImmediate);
  }
}

/** An error as an app tells it from others, without ids that differ by run; a method is `worker.dump` for us where it may be `WORKER_DUMP` for mediasoup. */
async function errorOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'none';
  } catch (error) {
    const { name, message } = error as Error;
    const plain = message.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').replaceAll(/, id:\d+/g, '');
    return `${name}: ${plain.replaceAll(/method:[\w.]+/g, method => method.toLowerCase().replaceAll(/[_.]/g, ''))}`;
  }
}

describe('closing', () => {
  it.each(['p', 'dp', 'c', 'dc', 't1', 't2', 'pipe', 'router', 'server'] as const)('%s: the same events in the same order, at once and later', async name => {
    await same(async (call, log) => {
      call[name].close();
      call[name].close();
      const atOnce = log.take();
      await settled(call.worker);
      return { atOnce, later: log.take(), closed: Object.values(call).map(({ closed }) => closed) };
    });
  });

  it('the worker', async () => {
    await same(async ({ worker }, log) => {
      const subprocessClosed = once(worker, 'subprocessclose');
      worker.close();
      const atOnce = log.take();
      await subprocessClosed;
      const { closed, died } = worker;
      return { atOnce, later: log.take(), closed, died, subprocessClosed: worker.subprocessClosed };
    });
  });

  it('the worker\'s process dies', async () => {
    const seen = await same(async (call, log) => {
      const { worker } = call;
      const flags: boolean[] = [];
      call.p.on('transportclose', () => flags.push(worker.closed, worker.died, worker.subprocessClosed));
      const died = once(worker, 'died');
      process.kill(worker.pid, 'SIGKILL');
      const [error] = await died;
      return { lines: log.take(), flags, message: (error as Error).message.replace(String(worker.pid), 'PID') };
    });
    expect(seen).toMatchObject({ flags: [true, true, true], message: '[pid:PID, code:null, signal:SIGKILL]' });
  });

  it('a transport, with the state that goes with it', async () => {
    await same(async ({ t1, pipe, p, router }) => {
      const before = { ice: t1.iceState, dtls: t1.dtlsState, sctp: t1.sctpState };
      const { id } = p;
      router.close();
      return {
        before, after: { ice: t1.iceState, dtls: t1.dtlsState, sctp: t1.sctpState, tuple: t1.iceSelectedTuple, pipe: pipe.sctpState },
        same: p.id === id, paused: p.paused, rtpParameters: p.rtpParameters.codecs, canConsume: router.canConsume({ producerId: id, rtpCapabilities }),
      };
    });
  });
});

describe('order', () => {
  it('of creation: observers before the promise, with the same object', async () => {
    await same(async ({ router, server, t1, t2 }, log) => {
      log.take();
      const lines: string[] = [];
      const step = async (what: string, make: () => Promise<unknown>): Promise<void> => {
        const made = make();
        const order: string[] = [];
        void made.then(() => order.push('promise'));
        await made;
        lines.push(what, ...log.take(), ...order);
      };
      await step('webrtc', () => router.createWebRtcTransport({ webRtcServer: server }));
      await step('pipe', () => router.createPipeTransport({ listenIp: '127.0.0.1' }));
      await step('produce', () => t1.produce({ kind: 'audio', rtpParameters: { ...rtpParameters, encodings: [{ ssrc: 2 }] } }));
      await step('produceData', () => t2.produceData({ sctpStreamParameters: { streamId: 7 } }));
      return lines;
    });
  });

  it('of an answer and the events after it', async () => {
    await same(async ({ t1, t2, worker }, log) => {
      const producer = await t1.produce({ kind: 'audio', rtpParameters: { ...rtpParameters, encodings: [{ ssrc: 3 }] } });
      const consuming = t2.consume({ producerId: producer.id, rtpCapabilities });
      producer.close();
      const consumer = await consuming;
      log.follow('late', consumer);
      const { closed } = consumer;
      await settled(worker);
      return { closed, closedLater: consumer.closed, lines: log.take() };
    });
  });

  it('of calls that are not awaited', async () => {
    await same(async ({ p, t2 }) => {
      void p.pause();
      const consumer = await t2.consume({ producerId: p.id, rtpCapabilities });
      return { producerPaused: consumer.producerPaused, paused: p.paused };
    });
  });

  it('of pausing on both ends', async () => {
    await same(async ({ p, c, dp, dc, worker }, log) => {
      const steps: [string, () => Promise<unknown>][] = [
        ['producer', () => p.pause()], ['consumer', () => c.pause()], ['producer', () => p.resume()], ['consumer', () => c.resume()],
        ['twice', () => Promise.all([p.pause(), p.pause()])], ['again', () => p.pause()], ['resume', () => p.resume()],
        ['data producer', () => dp.pause()], ['data consumer', () => dc.pause()], ['data producer', () => dp.resume()], ['data consumer', () => dc.resume()],
      ];
      const seen: unknown[] = [];
      for (const [what, act] of steps) {
        await act();
        const atOnce = [p.paused, c.paused, dp.paused, dc.paused];
        await settled(worker);
        // Whether the answer or the other object's event comes first depends on how the worker's bytes arrive, in mediasoup too.
        seen.push(what, atOnce, log.take().toSorted(), [p.paused, c.paused, c.producerPaused, dp.paused, dc.paused, dc.dataProducerPaused]);
      }
      return seen;
    });
  });
});

describe('errors', () => {
  it('of wrong calls', async () => {
    const seen = await same(async ({ worker, router, t1, t2, pipe, p, c, dc }) => {
      const calls: (() => unknown)[] = [
        () => worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/chicken', clockRate: 8000 }] }),
        () => worker.createRouter({ appData: 'x' as never }),
        () => worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '1.2.3.4', port: 9 }] }),
        () => router.createWebRtcTransport({} as never),
        () => router.createPipeTransport({} as never),
        () => t1.produce({ kind: 'audio', rtpParameters: { codecs: [{ mimeType: 'audio/PCMA', payloadType: 8, clockRate: 8000 }], encodings: [{ ssrc: 4 }] } }),
        () => t1.produce({ kind: 'audio', rtpParameters }),
        () => t1.produce({ id: p.id, kind: 'audio', rtpParameters }),
        () => t2.produce({ id: p.id, kind: 'audio', rtpParameters }),
        () => t1.produce({ kind: 'chicken' as never, rtpParameters }),
        () => t2.consume({ producerId: 'x', rtpCapabilities }),
        () => t2.consume({ producerId: p.id, rtpCapabilities: { codecs: [] } }),
        () => t2.consumeData({ dataProducerId: 'x' }),
        () => pipe.consume({ producerId: 'x' }),
        () => t1.connect({} as never),
        () => c.setPreferredLayers({} as never),
        () => c.setPriority(-1),
        () => dc.setBufferedAmountLowThreshold('x' as never),
      ];
      const errors: string[] = [];
      for (const call of calls) errors.push(await errorOf(call));
      // V8 names the variable that was undefined; ours is called otherwise.
      return errors.map(error => error.replace(/^TypeError: Cannot .*/, 'TypeError: missing dtlsParameters'));
    });
    expect(seen).toContain('TypeError: a Producer with same id "<id>" already exists');
  });

  it.each(['p', 't1', 'router', 'worker'] as const)('of calls after %s was closed', async name => {
    await same(async call => {
      const { worker, server, router, t1, t2, p, c, dp } = call;
      call[name].close();
      const calls: (() => unknown)[] = [
        () => worker.dump(), () => worker.createRouter(), () => server.dump(), () => router.dump(), () => t1.dump(), () => t1.getStats(), () => p.dump(),
        () => p.pause(), () => t2.consume({ producerId: p.id, rtpCapabilities }), () => t2.consumeData({ dataProducerId: dp.id }), () => dp.dump(),
        () => c.setPreferredLayers({} as never), () => router.createPipeTransport({ listenIp: '127.0.0.1' }),
      ];
      const errors: string[] = [];
      for (const one of calls) errors.push(await errorOf(one));
      return errors;
    });
  });

  it('of calls that a closing worker leaves unanswered', async () => {
    await same(async ({ worker, router, p }) => {
      const asked = [() => worker.dump(), () => router.dump(), () => p.getStats()].map(call => errorOf(call));
      worker.close();
      return Promise.all(asked.map(async error => (await error).replace(/\[method:[^\]]*\]/, '')));
    });
  });
});

describe('objects', () => {
  it('have every public member of mediasoup\'s, under the same class name', async () => {
    const [real, ours] = [await makeCall(mediasoup), await makeCall(remote)];
    for (const [name, object] of Object.entries(real)) {
      const mine = ours[name as keyof Call];
      expect([name, differentMembers(object, mine)]).toEqual([name, []]);
      for (const key of membersOf(object).inherited.filter(member => member in mine && !member.startsWith('_'))) {
        const [theirs, own] = [(object as never)[key], (mine as never)[key]] as unknown[];
        expect([name, key, typeof own]).toEqual([name, key, typeof theirs]);
        if (typeof theirs === 'object' && !['observer', 'constructor'].includes(key)) expect(Object.keys(own as object).toSorted()).toEqual(Object.keys(JSON.parse(JSON.stringify(theirs))).toSorted());
      }
    }
    real.worker.close();
    ours.worker.close();
  });

  it('say of themselves what mediasoup\'s say', async () => {
    await same(async ({ worker, router, t1, pipe, p, c, dp, dc }) => {
      await t1.setMaxIncomingBitrate(1_000_000);
      await c.setPriority(3);
      await dc.setSubchannels([3, 1, 3]);
      await dc.addSubchannel(2);
      const ice = await t1.restartIce();
      return {
        ice: ice === t1.iceParameters, priority: c.priority, subchannels: dc.subchannels, kind: p.kind, label: dp.label, type: c.type, pipe: pipe.tuple.protocol,
        capabilities: router.rtpCapabilities, canConsume: router.canConsume({ producerId: p.id, rtpCapabilities }), mid: c.rtpParameters.mid,
        dump: (await worker.dump()).routerIds.length === 1 && (await router.dump()).transportIds.length === 3,
        stats: [(await p.getStats()).length, (await t1.getStats())[0]?.type, (await c.getStats()).length, (await dc.getStats()).length, (await dp.getStats()).length],
        dumps: [(await p.dump()).kind, (await c.dump()).kind, (await dp.dump()).label, (await dc.dump()).type, (await pipe.dump()).rtx],
        usage: (await worker.getResourceUsage()).ru_maxrss > 0, buffered: await errorOf(() => dc.getBufferedAmount()),
      };
    });
  });

  it('follow the worker: SCTP connects between two pipe transports', async () => {
    await same(async ({ router, pipe }, log) => {
      const other = await router.createPipeTransport({ listenIp: '127.0.0.1', enableSctp: true });
      log.take();
      const connected = new Promise<void>(resolve => pipe.observer.on('sctpstatechange', state => state === 'connected' && resolve()));
      await pipe.connect({ ip: '127.0.0.1', port: other.tuple.localPort });
      await other.connect({ ip: '127.0.0.1', port: pipe.tuple.localPort });
      await pipe.produceData({ sctpStreamParameters: { streamId: 0 } }); // the association begins with the first stream
      await connected;
      // How often it says `connecting` depends on the time between the two calls.
      return { lines: [...new Set(log.take())].toSorted(), state: pipe.sctpState, capabilities: pipe.sctpNegotiatedCapabilities };
    });
  });

  it('connect, and tell the role that was settled', async () => {
    await same(async ({ t1, pipe }) => {
      await t1.connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('82').join(':') }] } });
      await pipe.connect({ ip: '127.0.0.1', port: 9999 });
      return { role: t1.dtlsParameters.role, remote: pipe.tuple.remotePort };
    });
  });
});

describe('the module', () => {
  it('answers as mediasoup\'s', () => {
    expect(remote.version).toBe(mediasoup.version);
    expect(remote.workerBin).toBe(mediasoup.workerBin);
    expect(remote.getSupportedRtpCapabilities()).toEqual(supported);
    expect(remote.parseScalabilityMode('L2T3_KEY')).toEqual(mediasoup.parseScalabilityMode('L2T3_KEY'));
  });

  it('tells of a worker before the promise resolves', async () => {
    const seen: Worker[] = [];
    remote.observer.once('newworker', worker => seen.push(worker));
    const worker = await remote.createWorker({ logLevel: 'warn' });
    expect(seen).toEqual([worker]);
    await worker.updateSettings({ logLevel: 'error' });
    worker.close();
  });

  it('refuses a program of the client\'s choice', async () => {
    await expect(remote.createWorker({ workerBin: '/bin/true' })).rejects.toThrow(/workerBin is refused/);
  });
});
