import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/index.ts';
import { locate, type Whereabouts } from './locate.ts';

let dir: string;
let nowhere: Whereabouts;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kube-'));
  nowhere = { clock: new FakeClock(), env: {}, home: join(dir, 'home'), serviceAccountDir: join(dir, 'sa') };
  await mkdir(join(dir, 'home', '.kube'), { recursive: true });
  await mkdir(join(dir, 'sa'));
});

afterEach(() => rm(dir, { recursive: true }));

async function config(name: string, path = join(dir, name)): Promise<string> {
  await writeFile(path, `current-context: k\ncontexts: [{ name: k, context: { cluster: k, user: k, namespace: ${name} } }]\nclusters: [{ name: k, cluster: { server: "https://${name}" } }]\nusers: [{ name: k, user: {} }]\n`);
  return path;
}

async function becomePod(): Promise<Record<string, string>> {
  await writeFile(join(dir, 'sa', 'token'), 't');
  await writeFile(join(dir, 'sa', 'namespace'), 'pod');
  return { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
}

const namespace = (where: Whereabouts): string => locate(where).namespace;

describe('locate', () => {
  test('looks where the caller says, then in KUBECONFIG, then at the ServiceAccount, then in the home', async () => {
    const kubeconfig = await config('named');
    const env = { ...await becomePod(), KUBECONFIG: await config('listed') };
    await config('home', join(dir, 'home', '.kube', 'config'));
    const everywhere = { ...nowhere, env, kubeconfig, server: 'http://127.0.0.1:1/' };
    expect(locate(everywhere)).toMatchObject({ server: 'http://127.0.0.1:1', namespace: 'default' });
    expect(namespace({ ...everywhere, server: undefined })).toBe('named');
    expect(namespace({ ...nowhere, env })).toBe('listed');
    expect(namespace({ ...nowhere, env: { ...env, KUBECONFIG: '' } })).toBe('pod');
    expect(namespace({ ...nowhere, env: {} })).toBe('home');
  });

  test('a context that is named is one of a kubeconfig, in a pod too', async () => {
    const env = await becomePod();
    await config('home', join(dir, 'home', '.kube', 'config'));
    expect(locate({ ...nowhere, env, context: 'k' }).namespace).toBe('home');
  });

  test('a namespace that is named stands before all others', async () => {
    expect(locate({ ...nowhere, server: 'http://127.0.0.1:1', namespace: 'mine' }).namespace).toBe('mine');
  });

  test('passes over files of KUBECONFIG that are not there, unless none is', async () => {
    const missing = join(dir, 'missing');
    const KUBECONFIG = [missing, await config('listed')].join(delimiter);
    expect(locate({ ...nowhere, env: { KUBECONFIG } }).namespace).toBe('listed');
    expect(() => locate({ ...nowhere, env: { KUBECONFIG: missing } })).toThrow(expect.objectContaining({ code: 'KUBE_CONFIG', message: expect.stringContaining(missing) }));
  });

  test('says where it has looked when there is nothing', () => {
    expect(() => locate(nowhere)).toThrow(expect.objectContaining({ code: 'KUBE_CONFIG', message: expect.stringContaining('KUBECONFIG is not set') }));
  });

  test('an anonymous server asks for nothing', async () => {
    const source = locate({ ...nowhere, server: 'http://127.0.0.1:1' });
    source.forget();
    expect(await source.get()).toEqual({ headers: {}, tls: {} });
  });
});
