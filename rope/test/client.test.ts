import { format } from 'node:util';

import { afterEach, describe, expect, test } from '@jest/globals';
import debug from 'debug';

import { UnauthorizedError } from '../src/errors.ts';
import type { ObjectRecord } from '../src/protocol/message.ts';
import type { Transport, TransportHandlers } from '../src/session/transport.ts';
import { MemoryHarness } from './harness.ts';
import type { Caller } from './harness.ts';

let harness: MemoryHarness;
const start = (options: ConstructorParameters<typeof MemoryHarness>[0] = {}) => (harness = new MemoryHarness(options));
afterEach(() => harness.end());

const settled = async <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  await harness.settle();
  return promise;
};
const create = ({ client }: Caller, parent?: number) =>
  settled(client.request('counter.create', { parent }, { onResult: (record: ObjectRecord) => client.replica.adopt(record) }));

describe('a token', () => {
  const authenticate = ({ token }: { token?: string }) => {
    if (token === undefined || !token.startsWith('good')) throw new UnauthorizedError('this token is not known here');
    return { name: 'app', scopes: ['own', 'all', 'observe'] as const };
  };

  test('is asked for at every attempt, and may take its time', async () => {
    start({ authenticate });
    const tokens = ['old', 'good 1', 'good 2'];
    const { client, events } = await harness.connected({ token: async () => tokens.shift() });
    expect(events).toEqual([['open'], ['websocketOpen'], ['error', 'ROPE_UNAUTHORIZED'], ['websocketClose', true]]);
    await harness.clock.advance(100);
    expect([client.readyState, tokens]).toEqual([4, ['good 2']]);
    harness.cut();
    await harness.clock.advance(100);
    expect([client.readyState, tokens, events.at(-1)]).toEqual([4, [], ['connected', { resume: 'replay' }]]);
  });

  test('that is not accepted fails the calls that wait, and no other', async () => {
    start({ authenticate });
    let token = 'good';
    const { client } = await harness.connected({ token: () => token });
    const underWay = client.request('counter.createLater', {});
    await harness.settle();
    token = 'bad';
    harness.cut();
    await harness.settle();
    const waiting = client.request('echo', {});
    waiting.catch(() => {});
    await harness.clock.advance(100);
    await expect(waiting).rejects.toThrow(UnauthorizedError);
    token = 'good';
    await harness.clock.advance(500);
    harness.house.gate.resolve();
    expect(await settled(underWay)).toMatchObject({ object: 1 });
  });

  test('that does not come is an error, and the next attempt asks again', async () => {
    start({ authenticate });
    const answers = [() => Promise.reject(new Error('no file')), () => {
      throw new TypeError('no such function');
    }, () => new Promise<string>(() => {}), () => 'good'];
    const { client, events } = await harness.connected({ token: () => answers.shift()!(), connectTimeoutMs: 1_000, backoff: { maxMs: 100 } });
    await harness.clock.advance(1_400);
    expect(events).toEqual([['open'], ['error', 'no file'], ['error', 'no such function'], ['error', 'no token within 1000 ms'], ['websocketOpen'], ['connected', { resume: 'new' }]]);
    client.close();
    await harness.settle();
    expect(harness.clock.timers).toBe(0);
  });

  test('that comes after the client was closed is not used', async () => {
    start();
    const { promise, resolve } = Promise.withResolvers<string>();
    const { client, events } = await harness.connected({ token: () => promise });
    client.close();
    resolve('good');
    await harness.settle();
    expect([events, harness.network.links.length, harness.clock.timers]).toEqual([[['open'], ['close']], 0, 0]);
  });

  test('that is refused when its client has left is no matter', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    start({ authenticate: () => promise });
    const { client } = await harness.connected({ token: 'any' });
    client.destroy();
    harness.network.link.cut();
    await harness.settle();
    reject(new UnauthorizedError('nobody hears this'));
    await harness.settle();
    expect(harness.server.sessions.size).toBe(0);
  });

  test('is never on paper, nor a session\'s id', async () => {
    start({ authenticate });
    const lines: string[] = [];
    const { log } = debug;
    debug.log = (...args: unknown[]) => void lines.push(format(...args));
    debug.enable('mediacluster:rope*');
    try {
      const stranger = await harness.connected({ methods: undefined });
      stranger.client.destroy();
      const caller = await harness.connected({ token: 'good but secret', ownerId: 'me', scope: 'all', clientName: 'app' });
      const { object } = await create(caller);
      const { client } = caller;
      await settled(client.request('counter.fail', { how: 'sync', code: 'E1' })).catch(() => {});
      await settled(client.request('counter.bytes', { counter: object, data: Buffer.from('abc') }));
      client.notify('counter.poke', { counter: object });
      const given = client.request('echo', { value: 'a parameter' }, { signal: AbortSignal.timeout(0) });
      given.catch(() => {});
      await harness.settle();
      harness.cut();
      await harness.clock.advance(100);
      harness.network.link.client.send('{"seq":7,"ack":4,"messages":[null,{"id":9,"method":"echo","params":{}},{"method":"rope.cancel","params":{"id":1}}]}');
      harness.network.link.server.send('{"seq":20,"ack":0,"messages":[{"id":3,"error":{"code":1,"message":"a message"}}]}');
      await harness.settle();
      const wire = lines.map(line => line.replace(/^.*mediacluster:rope:wire /, '').replace(/ \+\d+\w+$/, ''));
      expect(wire).toEqual(expect.arrayContaining([
        expect.stringContaining('> hello app, scope all, owner me, with a token'),
        expect.stringMatching(/> hello rope, scope own, no token$/),
        expect.stringContaining('> welcome to node, new, received up to #0'),
        expect.stringMatching(/> frame #1 to #1, ack #1 \(\d+\)/),
        expect.stringMatching(/> #1 request 1 counter\.create \(\d+\)/),
        expect.stringMatching(/< #2 answer 1 ok \(\d+\)/),
        expect.stringMatching(/< #3 answer 2 E1 \(\d+\)/),
        expect.stringMatching(/> #3 request 3 counter\.bytes 1 \(\d+\) \+ 3/),
        expect.stringMatching(/< #4 event 1 bytes \(\d+\) \+ 3/),
        expect.stringMatching(/> #4 notification counter\.poke 1 \(\d+\)/),
        expect.stringContaining('goes on after #'),
        expect.stringContaining('dropped'),
        expect.stringMatching(/answer 3 error \(\d+\)/),
      ]));
      const [session] = harness.server.sessions.values();
      for (const secret of ['secret', 'a parameter', ...(session ? [session.id] : [])]) expect(lines.join('\n')).not.toContain(secret);
    } finally {
      debug.disable();
      debug.log = log;
    }
  });
});

describe('a client', () => {
  test('hands bytes of an event to its host as the first argument', async () => {
    start();
    const caller = await harness.connected();
    const { object } = await create(caller);
    expect(await settled(caller.client.request('counter.bytes', { counter: object, data: Buffer.from('abc') }))).toBe(3);
    const [[word, , args]] = caller.host.take() as [[string, number, unknown[]]];
    expect([word, args]).toEqual(['bytes', [Buffer.from('abc'), 3]]);
  });

  test('tells notices to whoever asked for them, and survives what that throws', async () => {
    start();
    const heard: unknown[] = [];
    const { client } = await harness.connected({ notices: { 'counter.log': params => void heard.push(params) } });
    const [session] = harness.server.sessions.values();
    session!.notify('counter.log', { line: 'one' });
    session!.notify('counter.other', {});
    session!.notify('toString', {});
    await harness.settle();
    expect([heard, client.readyState]).toEqual([[{ line: 'one' }], 4]);
  });

  test('sends a large parameter once, whatever becomes of the call that brings it', async () => {
    start();
    const { client } = await harness.connected();
    const table = { codecs: Array.from({ length: 50 }, (_, index) => ({ index })) };
    const match = (options?: { signal?: AbortSignal }) => client.request('counter.match', { options: { table } }, options);
    harness.cut();
    await harness.settle();
    const controller = new AbortController();
    const given = match({ signal: controller.signal });
    controller.abort(new Error('not needed'));
    await expect(given).rejects.toThrow('not needed');
    const waiting = [match(), match()];
    await harness.clock.advance(100);
    const before = client.metrics.bytesSent;
    const later = [match(), match()];
    await harness.settle();
    expect(await Promise.all([...waiting, ...later])).toEqual([table, table, table, table]);
    expect(client.metrics.bytesSent - before).toBeLessThan(300);
    expect(client.readyState).toBe(4);
  });

  test('counts what it does, and shows how it stands', async () => {
    start();
    const caller = harness.caller();
    const { client } = caller;
    expect(client.metrics).toEqual({
      calls: [], latencies: [], resumes: { new: 0, snapshot: 0, replay: 0 },
      objects: 0, pendingCalls: 0, queuedMessages: 0, queuedBytes: 0, bytesSent: 0, bytesReceived: 0,
    });
    expect(client.inspect()).toEqual({ url: 'memory:', readyState: 3, session: undefined, node: undefined, resumes: { new: 0, snapshot: 0, replay: 0 }, objects: 0 });
    client.open();
    await harness.settle();
    await create(caller);
    await settled(client.request('counter.fail', { how: 'sync' })).catch(() => {});
    client.request('counter.never', {}, { timeoutMs: 50 }).catch(() => {});
    await harness.settle();
    harness.cut();
    await harness.settle();
    client.request('echo', {}, { timeoutMs: 10 }).catch(() => {});
    await harness.clock.advance(40);
    client.request('echo', {}).catch(() => {});
    const { calls, latencies, ...rest } = client.metrics;
    expect(calls).toEqual([
      { method: 'counter.create', outcome: 'ok', count: 1 }, { method: 'counter.fail', outcome: 'error', count: 1 }, { method: 'echo', outcome: 'unsent', count: 1 },
    ]);
    expect(latencies.map(({ method, count }) => [method, count])).toEqual([['counter.create', 1], ['counter.fail', 1]]);
    expect(rest).toMatchObject({ objects: 1, pendingCalls: 2, queuedMessages: 2, resumes: { new: 1 } });
    const [session] = harness.server.sessions.values();
    expect(client.inspect()).toMatchObject({
      readyState: 0, session: session!.id.slice(0, 8), node: { name: 'node' }, objects: 1, sent: 3, acknowledged: 2, received: 3, waiting: 2,
      pending: [{ method: 'counter.never', ageMs: 40 }, { method: 'echo', ageMs: 0 }],
    });
    await harness.clock.advance(100);
    expect(client.metrics.calls).toContainEqual({ method: 'counter.never', outcome: 'timeout', count: 1 });
    expect(session!.inspect()).toMatchObject({ client: 'rope', principal: 'anonymous', scope: 'own', state: 'linked', links: { new: 1, replay: 1, snapshot: 0 }, received: 6, working: [{ id: 3, method: 'counter.never', ageMs: 140 }] });
    client.destroy();
    await harness.settle();
    expect(session!.inspect().state).toBe('ended');
  });

  test('may be closed by whoever hears of its socket, or of a loss', async () => {
    start();
    const { client } = harness.caller();
    client.on('websocketOpen', () => client.close());
    client.open();
    await harness.settle();
    expect([client.readyState, harness.server.sessions.size]).toEqual([3, 0]);
    const other = await harness.connected();
    other.client.on('lost', () => other.client.close());
    harness.restart();
    await harness.clock.advance(200);
    expect([other.client.readyState, harness.network.links.length, harness.server.sessions.size]).toEqual([3, 3, 0]);
  });

  test('may be closed, and opened again, by whoever hears that its node drains no more', async () => {
    start();
    harness.server.setDraining(true);
    const { client, events } = await harness.connected();
    client.once('draining', () => {
      client.close();
      client.open();
    });
    harness.restart();
    await harness.clock.advance(100);
    expect(events.slice(4)).toEqual([
      ['disconnected'], ['websocketClose', false], ['websocketOpen'], ['lost', 'epoch'], ['draining', false],
      ['close'], ['open'], ['websocketOpen'], ['connected', { resume: 'new' }],
    ]);
    await create({ client } as Caller);
    expect(client.replica.size).toBe(1);
  });

  test('does not speak to a socket that comes up after it was closed', async () => {
    start();
    let handlers: TransportHandlers | undefined;
    const said: unknown[] = [];
    const nothing = () => {};
    const transport: Transport = {
      start: its => {
        handlers = its;
      },
      send: frame => void said.push(frame), sendAll: frames => void said.push(...frames),
      bufferedBytes: 0, close: nothing, terminate: nothing, pause: nothing, resume: nothing,
    };
    const { client } = await harness.connected({ connect: () => transport });
    client.close();
    handlers!.open!();
    handlers!.text('{"pong":1}');
    await harness.settle();
    expect([client.readyState, said]).toEqual([3, []]);
    await harness.clock.advance(1_000);
  });

  test('may be closed and opened before it has begun', async () => {
    start();
    const { client, events } = harness.caller();
    client.open().close();
    client.open();
    await harness.settle();
    expect([client.readyState, harness.network.links.length]).toEqual([4, 1]);
    expect(events.map(([name]) => name).filter(name => name === 'connected')).toEqual(['connected']);
  });

  test('takes a server that answers a ping of nobody, or pings it not, for what it is', async () => {
    start();
    const { client } = await harness.connected();
    harness.network.link.client.send('{"pong":1}');
    await harness.settle();
    expect([client.readyState, harness.server.sessions.size]).toEqual([4, 1]);
  });
});
