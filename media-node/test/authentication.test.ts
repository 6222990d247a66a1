import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';
import { RemoteMediasoupClient } from '@mediacluster/sdk';
import type { RemoteMediasoupClientOptions } from '@mediacluster/sdk';
import createDebug from 'debug';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

import { local, readConfig, startNode } from '../src/index.ts';
import type { Config, MediaNode } from '../src/index.ts';
import { Authority } from './certificates.ts';
import type { Certificate } from './certificates.ts';

const machine = { name: 'box', address: '127.0.0.1' };
const SECRET = 'correct-horse-battery-staple';

let authority: Authority;
let folder: string;
let written: string;
let ends: (() => unknown)[];
const debugLog = createDebug.log;

beforeAll(() => { authority = new Authority(); });
afterAll(() => authority.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authentication-'));
  written = '';
  ends = [];
  createDebug.log = (...args: unknown[]) => { written += `${args.map(String).join(' ')}\n`; };
  createDebug.enable('mediacluster:*');
});
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  createDebug.disable();
  createDebug.log = debugLog;
  rmSync(folder, { recursive: true });
});

/** A node whose log, at its most talkative, is in `written`. */
async function start(flags: readonly string[], env: Record<string, string> = {}): Promise<MediaNode> {
  const log = pino({ level: 'trace' }, new Writable({ write: (chunk, _, done) => { written += String(chunk); done(); } }));
  const node = await startNode(local(), readConfig(['--port', '0', '--admin-port', '0', ...flags], env, machine) as Config, log);
  ends.push(() => node.stop('end of test'));
  return node;
}

interface Answer {
  readonly welcome?: { session: { id: string } };
  readonly reject?: { message: string; data: { code: string } };
  readonly code?: number;
  readonly reason?: string;
}

/** What a node answers to a hello: its welcome, or why there is none. */
function knock(url: string, hello: object = {}, options: ClientOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = new WebSocket(url, ['rope'], options);
  ends.push(() => socket.terminate());
  let refusal: Answer = {};
  socket.on('open', () => socket.send(JSON.stringify({ hello: { protocol: [1, 1], client: 'test', scope: 'own', ...hello } })));
  socket.on('message', data => {
    const frame = JSON.parse((data as Buffer).toString()) as Answer;
    if (frame.welcome) resolve(frame);
    refusal = { ...refusal, ...frame };
  });
  socket.on('close', (code, reason) => resolve({ ...refusal, code, reason: String(reason) }));
  socket.on('error', reject);
  return promise;
}

const welcomed = { welcome: expect.anything() };
const unauthorized = (message: string): object => ({ code: 4401, reason: expect.stringContaining(message), reject: { data: { code: 'ROPE_UNAUTHORIZED' }, message: expect.stringContaining(message) } });

function client(url: string, options: RemoteMediasoupClientOptions = {}): RemoteMediasoupClient {
  const made = new RemoteMediasoupClient(url, { backoff: { initialMs: 5, maxMs: 20 }, ...options });
  ends.push(() => made.destroy());
  return made;
}

/** Unlike with `once()`, an attempt that fails meanwhile does not matter. */
const told = (from: RemoteMediasoupClient, event: 'connected' | 'error' | 'websocketClose'): Promise<unknown[]> => new Promise(resolve => from.once(event, (...args: unknown[]) => resolve(args)));

describe('a token', () => {
  test('lets in; a wrong one does not, nor does none, and neither is repeated anywhere', async () => {
    const node = await start([], { MEDIACLUSTER_TOKEN: SECRET });
    const answers = [
      await knock(node.url, { token: SECRET }),
      await knock(node.url, { token: `${SECRET}r` }),
      await knock(node.url, { token: SECRET.slice(1) }),
      await knock(node.url),
    ];
    expect(answers).toMatchObject([welcomed, unauthorized('does not know the token'), unauthorized('does not know the token'), unauthorized('lets nobody in without a token')]);
    expect(written).toContain('"authentication":["token"]');
    expect(written).toMatch(/"why":"this node does not know the token".*"refused"/);
    expect(written).toContain('mediacluster:rope');
    for (const text of [written, JSON.stringify(answers), await (await fetch(`${node.adminUrl}/status`)).text(), await (await fetch(`${node.adminUrl}/metrics`)).text()]) {
      expect(text).not.toContain(SECRET.slice(1));
    }
  });

  test('must be shown again to go on with a session', async () => {
    const node = await start([], { MEDIACLUSTER_TOKEN: SECRET });
    const { welcome } = await knock(node.url, { token: SECRET });
    const session = { id: welcome!.session.id, received: 0 };
    expect(await knock(node.url, { token: 'wrong', session })).toMatchObject(unauthorized('does not know'));
    expect((await knock(node.url, { token: SECRET, session })).welcome!.session.id).toBe(session.id);
  });

  test('of another principal does not open its session', async () => {
    writeFileSync(join(folder, 'tokens'), 'one app\ntwo other\n');
    const node = await start(['--auth-token-file', join(folder, 'tokens')]);
    const { welcome } = await knock(node.url, { token: 'one' });
    const session = { id: welcome!.session.id, received: 0 };
    expect((await knock(node.url, { token: 'two', session })).welcome!.session.id).not.toBe(session.id);
    expect((await knock(node.url, { token: 'one', session })).welcome!.session.id).toBe(session.id);
  });

  test('is renewed by changing the file, and the app goes on with the session that it has', async () => {
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, 'old\n');
    const node = await start(['--auth-token-file', tokens]);
    let token = 'old';
    const sockets: WebSocket[] = [];
    class Recorded extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const app = client(node.url, { token: async () => token, WebSocket: Recorded });
    await told(app, 'connected');
    const worker = await app.mediasoup!.createWorker();
    writeFileSync(tokens, 'new\n');
    sockets.at(-1)!.terminate();
    const [error] = await told(app, 'error');
    expect(error).toMatchObject({ code: 'ROPE_UNAUTHORIZED' });
    token = 'new';
    await told(app, 'connected');
    expect([worker.closed, await worker.dump()]).toEqual([false, expect.objectContaining({ pid: worker.pid })]);
  });
});

describe('a scope', () => {
  test('must be one that the principal has', async () => {
    writeFileSync(join(folder, 'tokens'), 'plain\nwatch monitor observe\nroot admin own+all\n');
    const node = await start(['--auth-token-file', join(folder, 'tokens')]);
    const come = async (token: string, scope: string): Promise<string> => {
      const { welcome, code, reject } = await knock(node.url, { token, scope });
      return welcome ? 'in' : `${code} ${reject?.data.code}`;
    };
    expect([await come('plain', 'own'), await come('watch', 'observe'), await come('root', 'all'), await come('root', 'own')]).toEqual(['in', 'in', 'in', 'in']);
    expect([await come('plain', 'all'), await come('plain', 'observe'), await come('watch', 'own'), await come('root', 'observe')]).toEqual(Array(4).fill('4403 ROPE_FORBIDDEN'));
  });

  test('to observe sees what others make, and changes nothing', async () => {
    writeFileSync(join(folder, 'tokens'), 'plain\nwatch monitor observe\n');
    const node = await start(['--auth-token-file', join(folder, 'tokens')]);
    const [app, monitor] = [client(node.url, { token: 'plain' }), client(node.url, { token: 'watch', scope: 'observe' })];
    await Promise.all([told(app, 'connected'), told(monitor, 'connected')]);
    const seen = once(monitor.mediasoup!.observer, 'newworker');
    const worker = await app.mediasoup!.createWorker();
    expect((await seen)[0]).toMatchObject({ pid: worker.pid });
    await expect(monitor.mediasoup!.createWorker()).rejects.toMatchObject({ code: 'ROPE_FORBIDDEN' });
  });
});

describe('TLS', () => {
  let own: Certificate;
  const files = (): string[] => ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
  const install = ({ certFile, keyFile }: Certificate): void => {
    copyFileSync(certFile, join(folder, 'tls.crt'));
    copyFileSync(keyFile, join(folder, 'tls.key'));
  };
  beforeEach(() => install(own ??= authority.sign('/CN=node')));

  test('carries an app with its token, also past new certificates', async () => {
    const node = await start(files(), { MEDIACLUSTER_TOKEN: SECRET });
    expect(node.url).toMatch(/^wss:/);
    const app = client(node.url, { token: SECRET, tls: { ca: authority.ca.cert } });
    await told(app, 'connected');
    install(authority.sign('/CN=renewed'));
    expect(await knock(node.url, { token: SECRET }, { ca: authority.ca.cert })).toMatchObject(welcomed);
    expect((await (await app.mediasoup!.createWorker()).dump()).pid).toBeGreaterThan(0);
    writeFileSync(join(folder, 'tls.key'), 'no key');
    expect(await knock(node.url, { token: SECRET }, { ca: authority.ca.cert })).toMatchObject(welcomed);
    expect(written).toContain('certificatesNotRead');
    await expect(knock(node.url, { token: SECRET })).rejects.toThrow(/self-signed certificate|unable to verify/);
  });

  test('lets in whom a client certificate names, and nobody with a bad one or none', async () => {
    const node = await start([...files(), '--tls-client-ca', authority.ca.certFile]);
    const stranger = new Authority();
    ends.push(() => stranger.remove());
    const come = ({ cert, key }: Partial<Certificate> = {}): Promise<Answer> => knock(node.url, {}, { ca: authority.ca.cert, cert, key });
    const good = authority.sign('/O=ours/CN=app');
    expect(await come(good)).toMatchObject(welcomed);
    expect(await come()).toMatchObject(unauthorized('without a client certificate'));
    expect(await come(stranger.sign('/CN=app'))).toMatchObject(unauthorized('has expired, or none of'));
    expect(await come(authority.sign('/CN=app', { days: -1 }))).toMatchObject(unauthorized('has expired, or none of'));
    expect(await come(authority.sign('/O=ours'))).toMatchObject(unauthorized('has no common name'));
    const app = client(node.url, { tls: { ca: authority.ca.cert, cert: good.cert, key: good.key } });
    await told(app, 'connected');
    expect((await (await app.mediasoup!.createWorker()).dump()).pid).toBeGreaterThan(0);
    expect(written).not.toContain('PRIVATE KEY');
  });
});

describe('a ServiceAccount', () => {
  let api: ScriptedServer;
  const before = process.env['KUBECONFIG'];
  const tokenOf = (claims: object = {}): string => `e30.${Buffer.from(JSON.stringify({ aud: ['mediacluster'], exp: Date.now() / 1_000 + 600, ...claims })).toString('base64url')}.${SECRET}`;

  beforeEach(async () => {
    api = await ScriptedServer.start();
    process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'here', clusters: [{ name: 'c', cluster: { server: api.url } }], users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'calls' } }],
    }));
    ends.push(() => api.stop());
  });
  afterEach(() => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  });

  const review = async (status: object): Promise<void> => {
    const request = await api.next();
    request.answer(201, { ...request.body as object, status });
  };
  const accept = (name = 'calls:app'): Promise<void> => review({ authenticated: true, user: { username: `system:serviceaccount:${name}` }, audiences: ['mediacluster'] });

  test('comes in by its token, beside who has one of the node\'s own', async () => {
    const node = await start(['--auth-kubernetes'], { MEDIACLUSTER_TOKEN: SECRET });
    expect(await knock(node.url, { token: SECRET })).toMatchObject(welcomed);
    expect((await Promise.all([knock(node.url, { token: tokenOf() }), accept()]))[0]).toMatchObject(welcomed);
    expect((await Promise.all([knock(node.url, { token: tokenOf({ jti: 'other' }) }), accept('shop:app')]))[0]).toMatchObject({ code: 4403, reject: { data: { code: 'ROPE_FORBIDDEN' } } });
    expect((await Promise.all([knock(node.url, { token: tokenOf({ jti: 'forged' }) }), review({ authenticated: false, error: 'bad signature' })]))[0]).toMatchObject(unauthorized('does not know this token'));
    expect(await knock(node.url, { token: tokenOf({ exp: 1 }) })).toMatchObject(unauthorized('has expired'));
    expect(await knock(node.url, { token: tokenOf({ aud: 'vault' }) })).toMatchObject(unauthorized('not for the audience mediacluster'));
    expect(written).toContain('"authentication":["token","serviceaccount"]');
    expect(written).not.toContain(SECRET);
  });

  test('waits while Kubernetes does not answer, and comes in when it does', async () => {
    const node = await start(['--auth-kubernetes']);
    await api.stop();
    const token = tokenOf();
    const answer = await knock(node.url, { token });
    expect(answer.code).toBe(1013);
    expect(JSON.stringify(answer) + written).not.toContain(SECRET);
    expect(written).toMatch(/"code":"NODE_AUTH_UNAVAILABLE".*"because":"create TokenReview mediacluster: /);
    const app = client(node.url, { token });
    await told(app, 'websocketClose');
    await api.resume();
    await Promise.all([told(app, 'connected'), accept()]);
    expect(app.mediasoup).toBeDefined();
  });
});

test('nothing said lets everybody in, with one line that says so: a warning where others reach the port', async () => {
  const node = await start([]);
  expect(await knock(node.url, { token: SECRET, scope: 'all' })).toMatchObject(welcomed);
  expect(written.match(/.*noAuthentication.*/g)!.map(line => JSON.parse(line))).toEqual([expect.objectContaining({ level: 30, host: '127.0.0.1' })]);
  written = '';
  await start(['--host', '0.0.0.0']);
  expect(written.match(/.*noAuthentication.*/g)!.map(line => JSON.parse(line))).toEqual([expect.objectContaining({ level: 40, host: '0.0.0.0' })]);
});
