import { afterEach, describe, expect, test } from '@jest/globals';

import { ForbiddenError, UnauthorizedError } from '../src/errors.ts';
import type { Authenticate, Credentials, Principal } from '../src/server/index.ts';
import { MemoryHarness } from './harness.ts';
import { RawClient } from './raw-client.ts';

let harness: MemoryHarness;
const start = (authenticate: Authenticate) => (harness = new MemoryHarness({ authenticate }));
afterEach(() => harness.end());

const BOB: Principal = { name: 'token:bob', scopes: ['own', 'observe'] };

describe('who comes in', () => {
  test('is asked with all that it shows, before anything else of it is looked at', async () => {
    const shown: Credentials[] = [];
    start(credentials => {
      shown.push(credentials);
      return BOB;
    });
    const client = await RawClient.connected(harness, { token: 'secret', ownerId: 'app', scope: 'observe', protocol: [7, 9] });
    expect(shown).toEqual([{ token: 'secret', ownerId: 'app', scope: 'observe', peer: {} }]);
    expect([client.reject?.data?.code, client.closed?.code]).toEqual(['ROPE_VERSION', 4_406]);
    await RawClient.connected(harness);
    expect(shown[1]).toEqual({ scope: 'own', peer: {} });
    const [session] = harness.server.sessions.values();
    expect([session!.principal, session!.scope, session!.ownerId]).toEqual([BOB, 'own', undefined]);
  });

  test.each([
    ['not known', new UnauthorizedError('no such token'), 4_401, 'ROPE_UNAUTHORIZED'],
    ['not allowed', new ForbiddenError('not from here'), 4_403, 'ROPE_FORBIDDEN'],
  ])('is turned away when it is %s', async (_, error, code, reason) => {
    start(() => Promise.reject(error));
    const client = await RawClient.connected(harness, { token: 'secret' });
    expect([client.reject?.message, client.reject?.data?.code, client.closed?.code]).toEqual([error.message, reason, code]);
    expect([harness.server.sessions.size, harness.server.metrics.rejections]).toEqual([0, { [reason]: 1 }]);
  });

  test('is asked to try again when it cannot be known now, and hears no more of why', async () => {
    start(() => {
      throw new Error('the password of the database is hunter2');
    });
    const client = await RawClient.connected(harness);
    expect([client.heard, client.closed?.code, client.closed?.reason]).toEqual([[], 1_013, expect.not.stringContaining('hunter2')]);
    expect(harness.server.metrics.rejections).toEqual({ other: 1 });
  });

  test('is told so as an error of its client, which goes on trying', async () => {
    let down = true;
    start(() => {
      if (down) throw new Error('no answer');
      return BOB;
    });
    const { client, events } = harness.caller();
    const errors: unknown[] = [];
    client.on('error', error => errors.push(error));
    client.open();
    await harness.settle();
    expect(errors).toEqual([expect.objectContaining({ code: 'ROPE_NOT_CONNECTED', message: expect.stringContaining('it cannot be decided now who may come in; try again') })]);
    down = false;
    await harness.clock.advance(10_000);
    expect([client.readyState, events.at(-1)]).toEqual([4, ['connected', { resume: 'new' }]]);
  });

  test('may come in with its scopes alone', async () => {
    start(() => BOB);
    const client = await RawClient.connected(harness, { scope: 'all' });
    expect([client.closed?.code, client.reject?.message]).toEqual([4_403, 'token:bob may not come in with the scope "all", only with: own, observe']);
    const other = await RawClient.connected(harness, { scope: 'everything' as 'own' });
    expect([other.closed?.code, other.reject?.message]).toEqual([4_400, 'scope "everything" is not known here, only own, all, observe']);
  });

  test('says no more than it needs to', async () => {
    start(() => BOB);
    const client = await RawClient.connected(harness, { token: 'x'.repeat(70_000) });
    expect([client.closed?.code, client.reject?.message]).toEqual([4_400, 'a hello of more than 65536 characters']);
  });

  test('is not read any further until that is known', async () => {
    const gate = Promise.withResolvers<Principal>();
    start(() => gate.promise);
    const hasty = await RawClient.connected(harness);
    hasty.request('echo', { value: 1 });
    await harness.settle();
    expect([hasty.heard, hasty.closed]).toEqual([[], undefined]);
    gate.resolve(BOB);
    await harness.settle();
    expect(hasty.welcome?.session.resume).toBe('new');
    expect(hasty.answers().get(1)).toEqual({ id: 1, result: 1 });
  });

  test('does not wait for ever, nor come in when it has gone', async () => {
    const gate = Promise.withResolvers<Principal>();
    start(() => gate.promise);
    const [waiting, gone] = [await RawClient.connected(harness), await RawClient.connected(harness)];
    gone.vanish();
    await harness.clock.advance(5_000);
    expect([waiting.closed?.code, waiting.closed?.reason]).toEqual([4_408, 'no hello in time']);
    gate.resolve(BOB);
    await harness.clock.advance(5_000);
    expect([harness.server.sessions.size, harness.clock.timers]).toEqual([0, 0]);
  });
});

describe('a session', () => {
  const principals: Record<string, Principal> = { bob: BOB, alice: { name: 'token:alice', scopes: ['own', 'all', 'observe'] }, 'bob-2': { ...BOB, scopes: ['own'] } };
  const byToken: Authenticate = ({ token }) => principals[token!]!;

  async function bobs(): Promise<{ id: string; counter: number }> {
    start(byToken);
    const client = await RawClient.connected(harness, { token: 'bob' });
    const { result } = await client.call(harness, 'counter.create');
    const { id } = client.welcome!.session;
    client.vanish();
    await harness.settle();
    return { id, counter: (result as { object: number }).object };
  }

  test('goes on with the same principal, also by another token of its', async () => {
    const { id } = await bobs();
    const again = await RawClient.connected(harness, { token: 'bob-2', session: { id, received: 2 } });
    expect([again.welcome?.session.id, again.welcome?.session.resume, harness.server.sessions.size]).toEqual([id, 'replay', 1]);
  });

  test.each([
    ['another principal', { token: 'alice' }],
    ['another scope', { token: 'bob', scope: 'observe' as const }],
    ['another owner', { token: 'bob', ownerId: 'app' }],
  ])('is not there for %s, and unharmed by it', async (_, hello) => {
    const { id, counter } = await bobs();
    const thief = await RawClient.connected(harness, { ...hello, session: { id, received: 2 } });
    expect([thief.welcome?.session.resume, thief.welcome?.session.id === id, harness.server.sessions.size]).toEqual(['new', false, 2]);
    if (!('scope' in hello)) expect((await thief.call(harness, 'counter.read', { counter })).error?.data?.name).toBe('NotFoundError');
    const back = await RawClient.connected(harness, { token: 'bob', session: { id, received: 2 } }, 1);
    expect((await back.call(harness, 'counter.read', { counter })).result).toBe(0);
  });
});
