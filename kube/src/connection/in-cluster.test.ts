import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/index.ts';
import { inCluster, isInCluster } from './in-cluster.ts';

const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
let dir: string;
let clock: FakeClock;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kube-'));
  clock = new FakeClock();
  await writeFile(join(dir, 'token'), 'first\n');
  await writeFile(join(dir, 'ca.crt'), 'CA');
  await writeFile(join(dir, 'namespace'), 'media\n');
});

afterEach(() => rm(dir, { recursive: true }));

describe('inCluster', () => {
  test('finds address, namespace and credentials where the kubelet puts them', async () => {
    const source = inCluster({ env, dir, clock });
    expect([source.server, source.namespace]).toEqual(['https://10.0.0.1:6443', 'media']);
    expect(await source.get()).toEqual({ headers: { authorization: 'Bearer first' }, tls: { ca: 'CA' } });
  });

  test('writes an IPv6 address as URLs ask for it, and knows the usual port', () => {
    expect(inCluster({ env: { KUBERNETES_SERVICE_HOST: 'fd00::1' }, dir, clock }).server).toBe('https://[fd00::1]:443');
    expect(inCluster({ env: {}, dir, clock }).server).toBe('https://:443');
  });

  test('reads the token again after a minute, when it is told to, and when the clock was set back', async () => {
    const source = inCluster({ env, dir, clock });
    const token = async (): Promise<string | undefined> => (await source.get()).headers['authorization'];
    await token();
    await writeFile(join(dir, 'token'), 'second');
    clock.advance(59_000);
    expect(await token()).toBe('Bearer first');
    clock.advance(1000);
    expect(await token()).toBe('Bearer second');
    await writeFile(join(dir, 'token'), 'third');
    source.forget();
    expect(await token()).toBe('Bearer third');
    await writeFile(join(dir, 'token'), 'fourth');
    clock.jump(-3_600_000);
    expect(await token()).toBe('Bearer fourth');
  });

  test('says what is missing, and recovers when it is there', async () => {
    const source = inCluster({ env, dir, clock });
    await rm(join(dir, 'token'));
    await expect(source.get()).rejects.toMatchObject({ code: 'KUBE_CONFIG', retryable: true, message: expect.stringContaining('automountServiceAccountToken') });
    await writeFile(join(dir, 'token'), 'back');
    expect((await source.get()).headers['authorization']).toBe('Bearer back');
  });

  test('a token without its namespace stands in default', async () => {
    await rm(join(dir, 'namespace'));
    expect(inCluster({ env, dir, clock }).namespace).toBe('default');
  });
});

test('a process is in a cluster when it has both the address and a token', async () => {
  expect(isInCluster({ env, dir })).toBe(true);
  expect(isInCluster({ env: {}, dir })).toBe(false);
  await rm(join(dir, 'token'));
  expect(isInCluster({ env, dir })).toBe(false);
});
