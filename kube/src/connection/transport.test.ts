import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, ScriptedServer } from '../testing/index.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { Transport, type Call } from './transport.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), 'utf8');
const one = { cert: fixture('one.crt'), key: fixture('one.key') };
const two = { cert: fixture('two.crt'), key: fixture('two.key') };
const call: Call = { method: 'GET', path: '/version', what: 'get version', repeatable: true, timeoutMs: 10_000 };

let credentials: Credentials;
let forgotten: number;
let server: ScriptedServer;
let transport: Transport;

function sourceOf(at: string, rest: Partial<CredentialSource> = {}): CredentialSource {
  return { server: at, namespace: 'x', get: () => Promise.resolve(credentials), forget: () => { forgotten += 1; }, ...rest };
}

async function makeCall(): Promise<unknown> {
  const answer = transport.call(call);
  answer.catch(() => {});
  const arrived = await Promise.race([server.next(), answer]);
  (arrived as Awaited<ReturnType<ScriptedServer['next']>>).answer(200, { ok: true });
  return await answer;
}

beforeEach(async () => {
  credentials = { headers: { authorization: 'Bearer t' }, tls: { ca: one.cert } };
  forgotten = 0;
  server = await ScriptedServer.start(one);
  transport = new Transport(sourceOf(server.url), new FakeClock(), 'test/1');
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

describe('Transport over TLS', () => {
  test('sends token and name, and trusts the authority it was given', async () => {
    const answer = transport.call(call);
    const request = await server.next();
    expect(request.headers).toMatchObject({ authorization: 'Bearer t', 'user-agent': 'test/1', accept: 'application/json' });
    request.answer(200, { major: '1' });
    expect(await answer).toEqual({ major: '1' });
  });

  test('refuses a server that another authority has signed, and says so', async () => {
    credentials = { headers: {}, tls: { ca: two.cert } };
    await expect(transport.call(call)).rejects.toMatchObject({ code: 'KUBE_CONFIG', retryable: true, message: expect.stringContaining(`certificate of ${server.url}`) });
  });

  test('connects anew when the authority has changed, and leaves calls on the old connection in peace', async () => {
    await makeCall();
    const old = transport.call(call);
    const slow = await server.next();
    const before = server.connections;
    credentials = { headers: {}, tls: { ca: `${one.cert}${two.cert}` } };
    await makeCall();
    expect(server.connections).toBeGreaterThan(before);
    slow.answer(200, { slow: true });
    expect(await old).toEqual({ slow: true });
  });

  test('asks for credentials with each call, and for new ones after a 401', async () => {
    const answer = transport.call(call);
    const first = await server.next();
    credentials = { headers: { authorization: 'Bearer fresh' }, tls: { ca: one.cert } };
    first.refuse(401, 'Unauthorized');
    const second = await server.next();
    expect(second.headers.authorization).toBe('Bearer fresh');
    second.answer(200, {});
    await answer;
    expect(forgotten).toBe(1);
  });

  test('a login that hangs is given up like a server that does', async () => {
    const clock = new FakeClock();
    const hanging = new Transport(sourceOf(server.url, { get: () => new Promise(() => {}) }), clock, 'test/1');
    const answer = hanging.call(call);
    clock.advance(10_000);
    await expect(answer).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
    await hanging.close();
  });

  test('a refusal to log in is the call\'s failure', async () => {
    const failing = new Transport(sourceOf(server.url, { get: () => Promise.reject(new Error('no plugin')) }), new FakeClock(), 'test/1');
    await expect(failing.call(call)).rejects.toMatchObject({ code: 'KUBE_CONNECTION_LOST', message: expect.stringContaining('no plugin') });
    await failing.close();
  });
});

describe('Transport through a proxy', () => {
  test('reaches the server through the tunnel that the kubeconfig asks for', async () => {
    const tunnels: string[] = [];
    const sockets = new Set<Socket>();
    const proxy: Server = createServer();
    proxy.on('connection', (socket: Socket) => sockets.add(socket));
    proxy.on('connect', (request, client: Socket) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream);
      upstream.on('error', () => {});
      client.on('error', () => {});
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    await transport.close();
    transport = new Transport(sourceOf(server.url, { proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }), new FakeClock(), 'test/1');
    expect(await makeCall()).toEqual({ ok: true });
    expect(tunnels).toEqual([new URL(server.url).host]);
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => proxy.close(resolve));
  });
});
