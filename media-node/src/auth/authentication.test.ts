import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';
import type { Credentials, Principal } from '@mediacluster/rope/server';

import { readConfig } from '../node/config.ts';
import type { Config } from '../node/config.ts';
import { authentication } from './authentication.ts';
import type { Authentication } from './authentication.ts';

const machine = { name: 'box', address: '192.0.2.1' };
const certificate = { subject: 'app', fingerprint256: 'AB:CD', authorized: true };

let folder: string;
let lines: [string, object][];
let current: Authentication | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authentication-'));
  lines = [];
});
afterEach(async () => {
  await current?.close();
  rmSync(folder, { recursive: true });
});

const made = async (argv: string[], env: Record<string, string> = {}): Promise<Authentication> => {
  current = await authentication(readConfig(argv, env, machine) as Config, { warn: (fields, event) => lines.push([event, fields]) });
  return current;
};
const come = (credentials: Partial<Credentials> = {}): Promise<Principal> => Promise.resolve(current!.authenticate!({ scope: 'own', peer: { address: '192.0.2.7' }, ...credentials }));
const TLS = ['--tls-cert', 'c', '--tls-key', 'k', '--tls-client-ca', 'ca'];

test('nothing said: everybody may come in', async () => {
  expect(await made([])).toMatchObject({ kinds: [] });
  expect(current!.authenticate).toBeUndefined();
});

describe('a token', () => {
  test('lets in, another one does not, and neither does none', async () => {
    expect((await made([], { MEDIACLUSTER_TOKEN: 'hunter2\n' })).kinds).toEqual(['token']);
    expect(await come({ token: 'hunter2' })).toEqual({ name: 'token:default', scopes: ['own'] });
    await expect(come({ token: 'hunter3' })).rejects.toMatchObject({ code: 'ROPE_UNAUTHORIZED', message: 'this node does not know the token' });
    await expect(come({ peer: { certificate } })).rejects.toMatchObject({ code: 'ROPE_UNAUTHORIZED', message: 'this node lets nobody in without a token (option `token`)' });
    expect(lines).toEqual([['refused', { address: '192.0.2.7', code: 'ROPE_UNAUTHORIZED', why: 'this node does not know the token' }]]);
  });

  test('may do what --auth-scopes says, unless its line says otherwise', async () => {
    const file = join(folder, 'tokens');
    writeFileSync(file, 'one\ntwo app observe\n');
    await made(['--auth-token-file', file, '--auth-scopes', 'token=own+all']);
    expect([await come({ token: 'one' }), await come({ token: 'two' })]).toEqual([{ name: 'token:default', scopes: ['own', 'all'] }, { name: 'token:app', scopes: ['observe'] }]);
    writeFileSync(file, 'three a/b');
    await expect(come({ token: 'three' })).rejects.toMatchObject({ code: 'ROPE_UNAUTHORIZED' });
    expect(lines[0]).toEqual(['tokensNotRead', { file, why: 'line 1 has a name with other characters than letters, digits and _ . @ -' }]);
  });
});

describe('a client certificate', () => {
  test('lets in whom it is made for', async () => {
    expect((await made(TLS)).kinds).toEqual(['certificate']);
    expect(await come({ peer: { certificate } })).toEqual({ name: 'certificate:app', scopes: ['own'] });
    // Somebody who sends a token everywhere: this node knows none.
    expect(await come({ token: 'hunter2', peer: { certificate } })).toEqual({ name: 'certificate:app', scopes: ['own'] });
    await expect(come()).rejects.toThrow('without a client certificate (option `tls`)');
    await expect(come({ peer: { certificate: { ...certificate, authorized: false } } })).rejects.toThrow('has expired, or none of the node\'s --tls-client-ca has signed it');
    await expect(come({ peer: { certificate: { ...certificate, subject: '' } } })).rejects.toThrow('has no common name');
  });

  test('counts where no token is sent; a token decides where one is', async () => {
    expect((await made([...TLS, '--auth-scopes', 'certificate=observe'], { MEDIACLUSTER_TOKEN: 'hunter2' })).kinds).toEqual(['token', 'certificate']);
    expect((await come({ token: 'hunter2', peer: { certificate } })).name).toBe('token:default');
    expect(await come({ peer: { certificate } })).toEqual({ name: 'certificate:app', scopes: ['observe'] });
    await expect(come({ token: 'wrong', peer: { certificate } })).rejects.toThrow('does not know the token');
    await expect(come()).rejects.toThrow('without a token (option `token`) or a client certificate (option `tls`)');
  });
});

describe('Kubernetes', () => {
  let api: ScriptedServer;
  const before = process.env['KUBECONFIG'];
  beforeEach(async () => {
    api = await ScriptedServer.start();
    process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'here', clusters: [{ name: 'c', cluster: { server: api.url } }], users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'calls' } }],
    }));
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
    await current?.close();
    await api.stop();
  });

  test('is asked about tokens that the node does not know itself, and its words are logged without the token', async () => {
    expect((await made(['--auth-kubernetes', '--auth-scopes', 'serviceaccount=own+observe'], { MEDIACLUSTER_TOKEN: 'hunter2' })).kinds).toEqual(['token', 'serviceaccount']);
    expect((await come({ token: 'hunter2' })).name).toBe('token:default');
    const token = `a.${Buffer.from('{"aud":"mediacluster"}').toString('base64url')}.c`;
    const refused = come({ token }).catch(error => error);
    (await api.next()).answer(403, { kind: 'Status', code: 403, reason: 'Forbidden', message: `no reviews of ${token} here` });
    expect(await refused).toMatchObject({ code: 'NODE_AUTH_UNAVAILABLE' });
    expect(lines).toEqual([['refused', {
      address: '192.0.2.7', code: 'NODE_AUTH_UNAVAILABLE', why: expect.stringContaining('cannot be asked'), because: 'create TokenReview mediacluster: 403 Forbidden, no reviews of … here',
    }]]);
    const asking = come({ token });
    const request = await api.next();
    request.answer(201, { ...request.body as object, status: { authenticated: true, user: { username: 'system:serviceaccount:calls:app' }, audiences: ['mediacluster'] } });
    expect(await asking).toEqual({ name: 'serviceaccount:calls/app', scopes: ['own', 'observe'] });
  });

  test('must be there when it is asked for', async () => {
    rmSync(join(folder, 'kubeconfig'));
    await expect(made(['--auth-kubernetes'])).rejects.toMatchObject({ code: 'KUBE_CONFIG' });
  });
});
