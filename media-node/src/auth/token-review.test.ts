import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectKube } from '@mediacluster/kube';
import type { KubeClient } from '@mediacluster/kube';
import { FakeClock, ScriptedServer } from '@mediacluster/kube/testing';
import type { ScriptedRequest } from '@mediacluster/kube/testing';
import type { Principal } from '@mediacluster/rope/server';

import { claimsOf } from './service-account-token.ts';
import { TokenReviews } from './token-review.ts';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let api: ScriptedServer;
let clock: FakeClock;
let kube: KubeClient;
let reviews: TokenReviews;

const tokenOf = (claims: object = {}): string => `${base64({ alg: 'RS256' })}.${base64({ aud: ['mediacluster'], exp: clock.nowMs() / 1_000 + 3_600, ...claims })}.c2lnbmF0dXJl`;
const settled = <Value>(promise: Promise<Value>): Promise<Value> => {
  promise.catch(() => {});
  return promise;
};

function say(request: ScriptedRequest, status: object | null): void {
  request.answer(201, { ...request.body as object, status });
}
const authenticated = (username = 'system:serviceaccount:calls:app', audiences: string[] | undefined = ['mediacluster']): object => ({ authenticated: true, user: { username }, audiences });

async function reviewed(token: string, status: object | null = authenticated()): Promise<Principal> {
  const asking = settled(reviews.principalOf(token));
  say(await api.next(), status);
  return asking;
}

beforeEach(async () => {
  api = await ScriptedServer.start();
  clock = new FakeClock();
  kube = connectKube({ server: api.url, namespace: 'calls', clock, timeoutMs: 4_000 });
  reviews = new TokenReviews({ allow: [], scopes: ['own'], kube, clock });
});
afterEach(async () => {
  await reviews.close();
  await api.stop();
});

describe('a ServiceAccount\'s token', () => {
  test('is shown to Kubernetes with our audience, and its ServiceAccount is who comes in', async () => {
    const token = tokenOf();
    const asking = reviews.principalOf(token);
    const request = await api.next();
    expect([request.method, request.path, request.body]).toEqual(['POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: { name: 'mediacluster' }, spec: { token, audiences: ['mediacluster'] },
    }]);
    say(request, authenticated());
    expect(await asking).toEqual({ name: 'serviceaccount:calls/app', scopes: ['own'] });
  });

  test.each([
    ['Kubernetes does not accept', { authenticated: false, error: 'invalid' }],
    ['was judged without our audience', { authenticated: true, user: { username: 'system:serviceaccount:calls:app' } }],
    ['is for another audience after all', { authenticated: true, user: { username: 'system:serviceaccount:calls:app' }, audiences: ['https://kubernetes.default.svc'] }],
    ['is a person\'s', { authenticated: true, user: { username: 'jane' }, audiences: ['mediacluster'] }],
    ['is nobody\'s', { authenticated: true, audiences: ['mediacluster'] }],
    ['is not spoken of', null],
  ])('that %s is refused', async (_, status) => {
    const token = tokenOf();
    const error = await reviewed(token, status).catch(thrown => thrown);
    expect(error).toMatchObject({ code: 'ROPE_UNAUTHORIZED', message: 'Kubernetes does not know this token as one of a ServiceAccount' });
    expect(error.message).not.toContain(token);
  });

  test.each([
    ['has expired', () => tokenOf({ exp: clock.nowMs() / 1_000 }), /has expired: read it from its file again/],
    ['is for another audience', () => tokenOf({ aud: 'https://kubernetes.default.svc' }), /not for the audience mediacluster/],
    ['has no audience', () => tokenOf({ aud: undefined }), /not for the audience mediacluster/],
    ['is none', () => 'hunter2', /neither known to this node nor one of a ServiceAccount/],
    ['holds no claims', () => 'a.b.c', /neither known/],
    ['is endless', () => `${tokenOf()}${'c'.repeat(20_000)}`, /neither known/],
  ])('that %s is refused, and nobody is asked', async (_, token, message) => {
    const error = await reviews.principalOf(token()).catch(thrown => thrown);
    expect(error).toMatchObject({ code: 'ROPE_UNAUTHORIZED', message: expect.stringMatching(message) });
    expect(error.message).not.toContain(token());
    expect([api.connections, api.unclaimed]).toEqual([0, 0]);
  });

  test('may have one audience as a plain text, and no end', async () => {
    expect((await reviewed(tokenOf({ aud: 'mediacluster', exp: undefined }))).name).toBe('serviceaccount:calls/app');
    expect(claimsOf(`a.${base64({ aud: ['x', 1], exp: 'soon' })}.c`)).toEqual({ audiences: ['x'], expiresAtMs: Number.POSITIVE_INFINITY });
  });
});

describe('who may come in', () => {
  test('is the node\'s own namespace unless something else is said', async () => {
    const error = await reviewed(tokenOf(), authenticated('system:serviceaccount:shop:app')).catch(thrown => thrown);
    expect(error).toMatchObject({ code: 'ROPE_FORBIDDEN', message: expect.stringContaining('ServiceAccount shop/app may not come in here') });
  });

  test('is a ServiceAccount, or all of a namespace', async () => {
    reviews = new TokenReviews({ allow: ['shop/api', 'video/*'], scopes: ['observe'], kube, clock });
    const come = (username: string, jti: string): Promise<Principal | string> => reviewed(tokenOf({ jti }), authenticated(`system:serviceaccount:${username}`)).catch(error => error.code);
    expect(await come('shop:api', '1')).toEqual({ name: 'serviceaccount:shop/api', scopes: ['observe'] });
    expect(await come('shop:other', '2')).toBe('ROPE_FORBIDDEN');
    expect(await come('video:any', '3')).toEqual({ name: 'serviceaccount:video/any', scopes: ['observe'] });
    expect(await come('calls:app', '4')).toBe('ROPE_FORBIDDEN');
  });
});

describe('the answer of Kubernetes', () => {
  test('stands for 60 s when it was a yes', async () => {
    const token = tokenOf();
    await reviewed(token);
    clock.advance(59_999);
    expect((await reviews.principalOf(token)).name).toBe('serviceaccount:calls/app');
    expect(api.unclaimed).toBe(0);
    clock.advance(1);
    await expect(reviewed(token, { authenticated: false })).rejects.toMatchObject({ code: 'ROPE_UNAUTHORIZED' });
  });

  test('never stands longer than the token', async () => {
    const token = tokenOf({ exp: clock.nowMs() / 1_000 + 10 });
    await reviewed(token);
    clock.advance(10_000);
    await expect(reviews.principalOf(token)).rejects.toThrow('has expired');
  });

  test('stands for 5 s when it was a no', async () => {
    const token = tokenOf();
    await expect(reviewed(token, { authenticated: false })).rejects.toThrow('does not know');
    clock.advance(4_999);
    await expect(reviews.principalOf(token)).rejects.toThrow('does not know');
    clock.advance(1);
    expect((await reviewed(token)).name).toBe('serviceaccount:calls/app');
  });

  test('is asked for once by all who come at the same time', async () => {
    const token = tokenOf();
    const asking = Array.from({ length: 50 }, () => reviews.principalOf(token));
    say(await api.next(), authenticated());
    expect(new Set((await Promise.all(asking)).map(({ name }) => name))).toEqual(new Set(['serviceaccount:calls/app']));
    expect(api.unclaimed).toBe(0);
  });

  test('is of one token alone', async () => {
    await reviewed(tokenOf({ jti: '1' }));
    await expect(reviewed(tokenOf({ jti: '2' }), { authenticated: false })).rejects.toThrow('does not know');
  });

  test('is forgotten when the clock is set back: nobody knows how old it is', async () => {
    const token = tokenOf();
    await reviewed(token);
    clock.jump(-1_000);
    await expect(reviewed(token, { authenticated: false })).rejects.toThrow('does not know');
  });
});

describe('while Kubernetes does not answer', () => {
  test('somebody new is told to try again, and not why', async () => {
    await api.stop();
    const error = await reviews.principalOf(tokenOf()).catch(thrown => thrown);
    expect(error).toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE', retryable: true, message: 'Kubernetes cannot be asked at this moment whose token this is: try again', cause: { code: 'KUBE_UNREACHABLE' } });
    await api.resume();
    expect((await reviewed(tokenOf())).name).toBe('serviceaccount:calls/app');
  });

  test.each([403, 429, 500])('or says %d', async status => {
    const asking = settled(reviews.principalOf(tokenOf()));
    (await api.next()).refuse(status, 'Whatever');
    await expect(asking).rejects.toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE', cause: { status } });
  });

  test('in time', async () => {
    const asking = settled(reviews.principalOf(tokenOf()));
    await api.next();
    clock.advance(4_000);
    await expect(asking).rejects.toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE', cause: { code: 'KUBE_TIMEOUT' } });
  });

  test('who came in before may come back for ten minutes', async () => {
    const token = tokenOf();
    const wrong = tokenOf({ jti: 'wrong' });
    await reviewed(token);
    await expect(reviewed(wrong, { authenticated: false })).rejects.toThrow('does not know');
    await api.stop();
    clock.advance(599_999);
    expect((await reviews.principalOf(token)).name).toBe('serviceaccount:calls/app');
    await expect(reviews.principalOf(wrong)).rejects.toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE' });
    clock.advance(1);
    await expect(reviews.principalOf(token)).rejects.toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE' });
  });
});

describe('a flood of tokens', () => {
  test('has 64 of them looked at, and the others try again', async () => {
    const asking = Array.from({ length: 65 }, (_, jti) => settled(reviews.principalOf(tokenOf({ jti }))));
    await expect(asking.at(-1)).rejects.toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE', message: expect.stringContaining('too many tokens') });
    for (let count = 0; count < 64; count += 1) say(await api.next(), authenticated());
    expect(new Set((await Promise.all(asking.slice(0, 64))).map(({ name }) => name))).toEqual(new Set(['serviceaccount:calls/app']));
  });

  test('leaves 10,000 answers', async () => {
    let asked = 0;
    const quick = { ...kube, namespace: 'calls', create: async () => ({ metadata: { name: '' }, spec: {}, status: (asked += 1, authenticated()) }), close: async () => {} } as unknown as KubeClient;
    const flooded = new TokenReviews({ allow: [], scopes: ['own'], kube: quick, clock });
    for (let jti = 0; jti <= 10_000; jti += 1) await flooded.principalOf(tokenOf({ jti }));
    await flooded.principalOf(tokenOf({ jti: 1 }));
    expect(asked).toBe(10_001);
    await flooded.principalOf(tokenOf({ jti: 0 }));
    expect(asked).toBe(10_002);
  });
});

test('looks for Kubernetes where every program does, and says so when there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const before = process.env['KUBECONFIG'];
  try {
    process.env['KUBECONFIG'] = join(folder, 'config');
    expect(() => new TokenReviews({ allow: [], scopes: ['own'] })).toThrow(/config/);
    writeFileSync(join(folder, 'config'), JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'here', clusters: [{ name: 'c', cluster: { server: api.url } }], users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'ours' } }],
    }));
    reviews = new TokenReviews({ allow: [], scopes: ['own'] });
    const token = `a.${base64({ aud: 'mediacluster' })}.c`;
    expect(await reviewed(token, authenticated('system:serviceaccount:ours:app'))).toMatchObject({ name: 'serviceaccount:ours/app' });
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
    rmSync(folder, { recursive: true });
  }
});
