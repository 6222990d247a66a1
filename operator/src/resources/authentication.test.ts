import { describe, expect, test } from '@jest/globals';

import { specOf } from '../../test/samples.ts';
import { authParts } from './authentication.ts';

const partsOf = (authentication: object) => {
  const { env, volumes, volumeMounts } = authParts('calls', 'media', specOf({ security: { authentication } }).security.authentication);
  return { env: Object.fromEntries(env.map(({ name, value }) => [name.replace('MEDIASOUP_SERVER_AUTH_', ''), value])), volumes, volumeMounts };
};

describe('what a media node needs to know who comes in', () => {
  test('is the Secret, and a token of its own with which to ask about those of others', () => {
    const { env, volumes, volumeMounts } = partsOf({});
    expect(env).toEqual({ TOKEN_FILE: '/var/run/mediacluster/auth/token', KUBERNETES: 'true', ALLOW: 'media/*' });
    expect(volumeMounts).toEqual([
      { name: 'auth', mountPath: '/var/run/mediacluster/auth', readOnly: true },
      { name: 'kube-api', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ]);
    expect(volumes[0]).toEqual({ name: 'auth', secret: { secretName: 'calls-auth' } });
    expect(volumes[1]?.projected?.sources.flatMap(({ serviceAccountToken, configMap, downwardAPI }) => [serviceAccountToken, ...configMap?.items ?? [], ...downwardAPI?.items ?? []])
      .flatMap(file => file?.path ?? [])).toEqual(['token', 'ca.crt', 'namespace']); // all that a Kubernetes client looks for
  });

  test('mounts what it has volumes for, and has volumes for what it mounts', () => {
    for (const authentication of [{}, { allowedServiceAccounts: [] }, { enabled: false }]) {
      const { volumes, volumeMounts } = partsOf(authentication);
      expect(volumes.map(({ name }) => name)).toEqual(volumeMounts.map(({ name }) => name));
    }
  });

  test('names the accounts that may come in, of this namespace where none is said', () => {
    const allowedServiceAccounts = [{ name: 'app' }, { namespace: 'apps' }, { namespace: 'other', name: 'web' }];
    expect(partsOf({ allowedServiceAccounts }).env['ALLOW']).toBe('media/app,apps/*,other/web');
  });

  test('is the Secret alone where no account may come in: the node then says nothing to the Kubernetes API', () => {
    const { env, volumes } = partsOf({ allowedServiceAccounts: [] });
    expect([env, volumes.map(({ name }) => name)]).toEqual([{ TOKEN_FILE: '/var/run/mediacluster/auth/token' }, ['auth']]);
  });

  test('is nothing where everyone is let in', () => {
    expect(partsOf({ enabled: false })).toEqual({ env: {}, volumes: [], volumeMounts: [] });
  });
});
