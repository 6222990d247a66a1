import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fromKubeconfig } from './kubeconfig.ts';

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'kube-')); });
afterEach(() => rm(dir, { recursive: true }));

interface Parts { context?: object | null; cluster?: object; user?: object | null; current?: string }

/** A kubeconfig with one context `here`; JSON is YAML. */
async function config(parts: Parts = {}, name = 'config'): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': parts.current ?? 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...parts.context } }],
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/', ...parts.cluster } }],
    users: [{ name: 'u', user: parts.user === undefined ? { token: 'secret' } : parts.user }],
  }));
  return path;
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'KUBE_CONFIG' });
    return (error as Error).message;
  }
  throw new Error('not refused');
}

const data = (text: string): string => Buffer.from(text).toString('base64');

describe('what is read at once', () => {
  test('address, namespace and proxy of the current context', async () => {
    const source = fromKubeconfig([await config({ context: { namespace: 'media' }, cluster: { 'proxy-url': 'http://proxy:3128' } })]);
    expect(source).toMatchObject({ server: 'https://api.example:6443', namespace: 'media', proxyUrl: 'http://proxy:3128' });
    expect(fromKubeconfig([await config()]).namespace).toBe('default');
  });

  test('of several files the first to name a thing wins, and another context may be chosen', async () => {
    const first = join(dir, 'first');
    await writeFile(first, 'clusters: [{ name: d, cluster: { server: "https://d.example" } }]\ncontexts: [{ name: there, context: { cluster: d, user: u, namespace: n } }]\n');
    const second = await config();
    expect(fromKubeconfig([first, second]).server).toBe('https://api.example:6443');
    expect(fromKubeconfig([first, second], 'there')).toMatchObject({ server: 'https://d.example', namespace: 'n' });
  });

  test('a kubeconfig that leads nowhere is refused with what it has and what to do', async () => {
    const path = await config();
    expect(refusal(() => fromKubeconfig([path], 'there'))).toBe(`${path} has no context "there"; it has here`);
    expect(refusal(() => fromKubeconfig([join(dir, 'none')]))).toContain('cannot be read: ENOENT');
    const broken = join(dir, 'broken');
    await writeFile(broken, 'a: [');
    expect(refusal(() => fromKubeconfig([broken]))).toContain('cannot be read');
    await writeFile(broken, '');
    expect(refusal(() => fromKubeconfig([broken]))).toContain('it holds no object');
    await writeFile(broken, '{}');
    expect(refusal(() => fromKubeconfig([broken]))).toContain('kubectl config use-context');
    await writeFile(broken, 'current-context: here');
    expect(refusal(() => fromKubeconfig([broken]))).toContain('has no context "here"; it has none');
    const proxied = await config({ cluster: { 'proxy-url': 'socks4://proxy:1080' } }, 'proxied');
    expect(refusal(() => fromKubeconfig([proxied]))).toContain('it may be http, https or socks5');
    const serverless = await config({ cluster: { server: '' } }, 'serverless');
    expect(refusal(() => fromKubeconfig([serverless]))).toContain('cluster "c" of');
  });
});

describe('credentials', () => {
  test('a token', async () => {
    expect(await fromKubeconfig([await config()]).get()).toEqual({ headers: { authorization: 'Bearer secret' }, tls: {} });
  });

  test('nobody at all', async () => {
    expect(await fromKubeconfig([await config({ user: null })]).get()).toEqual({ headers: {}, tls: {} });
  });

  test('a name and a password, and a user to stand in for', async () => {
    const { headers } = await fromKubeconfig([await config({ user: { username: 'ada', password: 'pw', as: 'bob' } })]).get();
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('ada:pw').toString('base64')}`, 'impersonate-user': 'bob' });
  });

  test('certificates as data, and how the server is to be verified', async () => {
    const path = await config({
      cluster: { 'certificate-authority-data': data('CA'), 'insecure-skip-tls-verify': true, 'tls-server-name': 'kubernetes' },
      user: { 'client-certificate-data': data('CERT'), 'client-key-data': data('KEY') },
    });
    const { tls } = await fromKubeconfig([path]).get();
    expect(tls).toEqual({ ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY'), servername: 'kubernetes', rejectUnauthorized: false });
  });

  test('certificates as files beside the kubeconfig, read anew each time', async () => {
    await writeFile(join(dir, 'ca.crt'), 'CA');
    const source = fromKubeconfig([await config({ cluster: { 'certificate-authority': 'ca.crt' } })]);
    expect((await source.get()).tls.ca).toEqual(Buffer.from('CA'));
    await writeFile(join(dir, 'ca.crt'), 'CB');
    expect((await source.get()).tls.ca).toEqual(Buffer.from('CB'));
  });

  test('plain http is taken, as kubectl proxy offers it', async () => {
    const source = fromKubeconfig([await config({ cluster: { server: 'http://127.0.0.1:8001' } })]);
    expect((await source.get()).headers).toEqual({ authorization: 'Bearer secret' });
  });

  test('an exec plugin is run once for a hundred requests, again after a 401, and its failure is told', async () => {
    const plugin = join(dir, 'plugin');
    const log = join(dir, 'log');
    await writeFile(plugin, `#!/bin/sh\necho run >> ${log}\nn=$(wc -l < ${log})\necho "{\\"status\\":{\\"token\\":\\"t$n\\"}}"\n`);
    await chmod(plugin, 0o755);
    const source = fromKubeconfig([await config({ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin } } })]);
    const all = await Promise.all(Array.from({ length: 100 }, () => source.get()));
    expect(new Set(all.map(({ headers }) => headers['authorization'] ?? headers['Authorization']))).toEqual(new Set(['Bearer t1']));
    source.forget();
    expect((await source.get()).headers['authorization']).toBe('Bearer t2');
    expect((await readFile(log, 'utf8')).trim().split('\n')).toHaveLength(2);

    await writeFile(plugin, '#!/bin/sh\necho not logged in >&2\nexit 1\n');
    source.forget();
    await expect(source.get()).rejects.toMatchObject({ code: 'KUBE_CONFIG', retryable: true, message: expect.stringMatching(/cannot log in as user "u".*not logged in/s) });
  });
});
