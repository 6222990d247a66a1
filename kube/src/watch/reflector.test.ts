import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKube } from '../client.ts';
import type { KubeClient } from '../kube-client.ts';
import { kinds } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import { FakeClock, type ScriptedRequest, ScriptedServer } from '../testing/index.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const pod = (name: string, resourceVersion: string): KubeObject => ({ metadata: { name, namespace: 'x', uid: `uid-${name}`, resourceVersion } });
const isBackoff = (ms: number): boolean => ms < 60_000;
const isSilence = (ms: number): boolean => ms === 75_000;
const TIMEOUT_MS = 60_000;

let server: ScriptedServer;
let clock: FakeClock;
let kube: KubeClient;
let reflector: Reflector<KubeObject>;
let told: string[];
let onTold: () => void;

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new FakeClock();
  kube = connectKube({ server: server.url, clock, timeoutMs: TIMEOUT_MS });
  told = [];
  onTold = () => {};
});

afterEach(async () => {
  await reflector.stop();
  await kube.close();
  await server.stop();
});

function tell(what: string): void {
  told.push(what);
  onTold();
}

function start(options: ReflectorOptions = {}): void {
  reflector = new Reflector(kube, kinds.pods, { namespace: 'x', labelSelector: 'app=a' }, {
    replace: objects => tell(`= ${objects.map(object => object.metadata.name).join(' ')}`),
    apply: (type, object) => tell(`${type} ${object.metadata.name}`),
  }, { clock, random: () => 0, ...options });
  reflector.start();
}

/** Resolves once the sink has been told this many things. */
async function toldThings(count: number): Promise<string[]> {
  while (told.length < count) await new Promise<void>(resolve => { onTold = resolve; });
  return told;
}

/** Answers the first list, and opens the watch that follows. */
async function listed(resourceVersion = '5'): Promise<ScriptedRequest> {
  (await server.next()).list([pod('a', '3')], resourceVersion);
  const watch = await server.next();
  expect(watch.isWatch).toBe(true);
  watch.open();
  return watch;
}

describe('in good days', () => {
  test('lists, then watches from where the list was, with the same selection', async () => {
    start();
    const list = await server.next();
    expect(list.query).toEqual({ labelSelector: 'app=a', limit: '500' });
    list.list([pod('a', '3'), pod('b', '4')], '5');
    const watch = await server.next();
    expect(watch.path).toBe(list.path);
    expect(watch.query).toEqual({ labelSelector: 'app=a', watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '5', timeoutSeconds: '300' });
    watch.event('MODIFIED', pod('a', '6'));
    watch.event('DELETED', pod('b', '7'));
    expect(await toldThings(3)).toEqual(['= a b', 'MODIFIED a', 'DELETED b']);
    expect(reflector.health).toEqual({ lastEventAtMs: clock.nowMs(), relists: 0, reconnects: 0, lastError: undefined });
  });

  test('reads the pages of a long list one by one', async () => {
    start({ pageSize: 2 });
    const first = await server.next();
    expect(first.query['limit']).toBe('2');
    first.list([pod('a', '1'), pod('b', '2')], '5', 'page-2');
    const second = await server.next();
    expect(second.query['continue']).toBe('page-2');
    second.list([pod('c', '3')], '5');
    expect(await toldThings(1)).toEqual(['= a b c']);
  });

  test('goes on from the last event or bookmark, at once, when the server ends the watch', async () => {
    start();
    let watch = await listed();
    watch.event('ADDED', pod('b', '7'));
    watch.end();
    watch = await server.next();
    expect(watch.query['resourceVersion']).toBe('7');
    watch.bookmark('99');
    watch.end();
    watch = await server.next();
    expect(watch.query['resourceVersion']).toBe('99');
    expect(reflector.health).toMatchObject({ reconnects: 2, relists: 0, lastError: undefined });
    expect(told).toEqual(['= a', 'ADDED b']);
  });

  test('scatters how long its watches last, between five and ten minutes', async () => {
    start({ random: () => 0.5 });
    expect((await listed()).query['timeoutSeconds']).toBe('450');
  });

  test('a quiet watch that the server ended after its time is a good one', async () => {
    start();
    const watch = await listed();
    await clock.armed(isSilence);
    clock.advance(70_000);
    watch.end();
    expect((await server.next()).query['resourceVersion']).toBe('5');
    expect(reflector.health.lastError).toBeUndefined();
  });
});

describe('when the resourceVersion is too old', () => {
  test.each(['as a status', 'within the stream'])('told %s: lists again', async how => {
    start();
    let watch = await listed();
    if (how === 'within the stream') {
      watch.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 5 (900)' });
    } else {
      watch.bookmark('6');
      watch.end();
      watch = await server.next();
      watch.refuse(410, 'Expired');
    }
    await clock.pass(isBackoff);
    const list = await server.next();
    expect(list.isWatch).toBe(false);
    expect(reflector.health.lastError).toMatchObject({ code: 'KUBE_GONE' });
    list.list([pod('b', '900')], '901');
    expect((await server.next()).query['resourceVersion']).toBe('901');
    expect(await toldThings(2)).toEqual(['= a', '= b']);
    expect(reflector.health).toMatchObject({ relists: 1, lastError: undefined });
  });

  test('a resourceVersion from the future, after a change of servers, leads to a list too', async () => {
    start();
    const watch = await listed();
    watch.event('ERROR', { kind: 'Status', code: 504, reason: 'Timeout', message: 'Too large resource version: 5', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    await clock.pass(isBackoff);
    expect((await server.next()).isWatch).toBe(false);
  });

  test('a refusal with that cause leads to a list as well', async () => {
    start();
    (await listed()).end();
    await clock.pass(isBackoff);
    (await server.next()).answer(504, { kind: 'Status', code: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    await clock.pass(isBackoff);
    expect((await server.next()).isWatch).toBe(false);
  });

  test('in the middle of a list\'s pages: everything at once', async () => {
    start({ pageSize: 1 });
    (await server.next()).list([pod('a', '1')], '5', 'page-2');
    (await server.next()).refuse(410, 'Expired');
    const whole = await server.next();
    expect(whole.query).toEqual({ labelSelector: 'app=a' });
    whole.list([pod('b', '8'), pod('c', '9')], '10');
    expect(await toldThings(1)).toEqual(['= b c']);
    expect((await server.next()).query['resourceVersion']).toBe('10');
  });
});

describe('when the connection fails', () => {
  test.each(['reset', 'hangUp'] as const)('%s within a line: nothing is lost and nothing told twice', async cut => {
    start();
    const watch = await listed();
    watch.event('ADDED', pod('b', '6'));
    await toldThings(2);
    watch.write('{"type":"ADDED","object":{"metadata":{"na');
    watch[cut]();
    await clock.pass(isBackoff);
    const again = await server.next();
    expect(again.query['resourceVersion']).toBe('6');
    again.event('ADDED', pod('c', '7'));
    expect(await toldThings(3)).toEqual(['= a', 'ADDED b', 'ADDED c']);
  });

  test('a watch that falls silent is noticed after 75 seconds, and taken up where it was', async () => {
    start();
    const watch = await listed();
    watch.event('ADDED', pod('b', '6'));
    await toldThings(2);
    await clock.armed(isSilence);
    clock.advance(75_000);
    await watch.closed;
    await clock.pass(isBackoff);
    expect((await server.next()).query['resourceVersion']).toBe('6');
    expect(reflector.health).toMatchObject({ reconnects: 1, relists: 0, lastError: { code: 'KUBE_TIMEOUT' } });
  });

  test('a watch that is silent from the start may wait for a resourceVersion that the server has yet to reach: a list follows', async () => {
    start();
    const watch = await listed();
    await clock.armed(isSilence);
    clock.advance(75_000);
    await watch.closed;
    await clock.pass(isBackoff);
    const list = await server.next();
    expect(list.isWatch).toBe(false);
    list.list([pod('restored', '2')], '2');
    expect((await server.next()).query['resourceVersion']).toBe('2');
    expect(await toldThings(2)).toEqual(['= a', '= restored']);
  });

  test('a kind of which nothing is ever heard is disturbed less and less, and again as usual once something is', async () => {
    start();
    let watch = await listed();
    for (const silenceMs of [75_000, 150_000, 300_000, 300_000]) {
      await clock.armed(ms => ms === silenceMs);
      watch.open();
      clock.advance(silenceMs);
      await clock.pass(isBackoff);
      (await server.next()).list([], '5');
      watch = await server.next();
      watch.open();
    }
    await clock.armed(ms => ms === 300_000);
    watch.event('ADDED', pod('b', '6'));
    watch.end();
    (await server.next()).open();
    await clock.armed(isSilence);
    expect(told.at(-1)).toBe('ADDED b');
  });

  test('the API server goes away and comes back: the watch goes on where it was, without a list', async () => {
    start();
    await listed();
    await server.stop();
    for (let i = 0; i < 5; i += 1) await clock.pass(isBackoff);
    await clock.armed(isBackoff);
    await server.resume();
    await clock.pass(isBackoff);
    const watch = await server.next();
    expect([watch.isWatch, watch.query['resourceVersion']]).toEqual([true, '5']);
    expect(reflector.health).toMatchObject({ relists: 0, lastError: { code: 'KUBE_UNREACHABLE' } });
    watch.bookmark('6');
    await clock.armed(isSilence);
    expect(told).toEqual(['= a']);
  });

  test('a server that comes back having forgotten our place is listed soon, however long it was away', async () => {
    start({ random: () => 0.9 });
    const watch = await listed();
    watch.event('ADDED', pod('b', '6'));
    watch.end();
    for (let i = 0; i < 6; i += 1) {
      (await server.next()).refuse(503, 'ServiceUnavailable');
      await clock.pass(isBackoff);
    }
    (await server.next()).refuse(410, 'Expired');
    expect(await clock.pass(isBackoff)).toBeLessThan(2400);
    expect((await server.next()).isWatch).toBe(false);
  });

  test('a list that never answers is given up and asked for anew', async () => {
    start();
    const slow = await server.next();
    clock.advance(TIMEOUT_MS);
    await slow.closed;
    await clock.pass(isBackoff);
    (await server.next()).list([], '5');
    expect((await server.next()).isWatch).toBe(true);
    expect(told).toEqual(['= ']);
  });

  test('what is not an event ends the watch, not the reflector', async () => {
    start();
    const watch = await listed();
    watch.write('<html>we will be back soon</html>\n');
    await clock.pass(isBackoff);
    expect((await server.next()).query['resourceVersion']).toBe('5');
  });
});

describe('when the server is in trouble', () => {
  test('a burst of 500 is waited out, longer each time, up to half a minute', async () => {
    start({ random: () => 0.9 });
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      (await server.next()).refuse(500, 'InternalError');
      waits.push(await clock.pass(isBackoff));
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(0)).toBeLessThan(2400);
    expect(waits.at(-1)).toBe(30_000);
    (await server.next()).list([], '5');
    const watch = await server.next();
    watch.refuse(500, 'InternalError');
    expect(await clock.pass(isBackoff)).toBe(waits.at(0)); // a success has set it back
    expect((await server.next()).isWatch).toBe(true);
  });

  test('waits at least as long as it is asked to', async () => {
    start();
    (await server.next()).refuse(429, 'TooManyRequests', { 'retry-after': '17' });
    expect(await clock.pass(isBackoff)).toBeGreaterThanOrEqual(17_000);
    (await server.next()).list([], '5');
    await toldThings(1);
  });

  test('a watch that ends at once without an event is not opened in a hot loop', async () => {
    start();
    (await listed()).end();
    const waits = [];
    for (let i = 0; i < 5; i += 1) {
      waits.push(await clock.pass(isBackoff));
      (await server.next()).end();
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(800);
    await clock.pass(isBackoff);
    expect((await server.next()).query['resourceVersion']).toBe('5');
  });

  test('a missing right is asked for again and again, and told in health', async () => {
    start();
    (await server.next()).refuse(403, 'Forbidden');
    await clock.pass(isBackoff);
    (await server.next()).refuse(403, 'Forbidden');
    await clock.armed(isBackoff);
    expect(reflector.health).toMatchObject({ lastEventAtMs: undefined, lastError: { code: 'KUBE_FORBIDDEN' } });
  });
});

describe('a sink that throws', () => {
  test('sees the same event again', async () => {
    let failures = 1;
    reflector = new Reflector(kube, kinds.pods, {}, {
      replace: () => {},
      apply: (type, object) => {
        failures -= 1;
        if (failures >= 0) throw new Error('sink');
        tell(`${type} ${object.metadata.name}`);
      },
    }, { clock, random: () => 0 });
    reflector.start();
    (await listed()).event('ADDED', pod('b', '6'));
    await clock.pass(isBackoff);
    const again = await server.next();
    expect(again.query['resourceVersion']).toBe('5');
    again.event('ADDED', pod('b', '6'));
    expect(await toldThings(1)).toEqual(['ADDED b']);
  });
});

describe('stop', () => {
  test('during a list: no watch follows, and nothing is told', async () => {
    start();
    const list = await server.next();
    const stopped = reflector.stop();
    list.list([pod('a', '1')], '5');
    await stopped;
    expect([told, clock.delaysMs, server.unclaimed]).toEqual([[], [], 0]);
  });

  test('during a back-off: nothing wakes up', async () => {
    start();
    (await server.next()).refuse(500, 'InternalError');
    await clock.armed(isBackoff);
    await reflector.stop();
    expect(clock.delaysMs).toEqual([]);
    clock.advance(1_000_000);
    expect(server.unclaimed).toBe(0);
  });

  test('during a watch: the connection is closed, and events that still come are not told', async () => {
    start();
    const watch = await listed();
    await toldThings(1);
    const stopped = reflector.stop();
    watch.event('ADDED', pod('b', '6'));
    await stopped;
    await reflector.stop();
    await watch.closed;
    expect([told, clock.delaysMs]).toEqual([['= a'], []]);
  });

  test('start() twice makes one loop, and after stop() it begins with a list', async () => {
    start();
    reflector.start();
    await listed();
    expect(server.unclaimed).toBe(0);
    await reflector.stop();
    reflector.start();
    expect((await server.next()).isWatch).toBe(false);
    expect(server.unclaimed).toBe(0);
  });
});
