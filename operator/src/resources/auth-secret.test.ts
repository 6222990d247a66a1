import { expect, test } from '@jest/globals';
import { Secret as SecretModel } from 'kubernetes-models/v1/Secret';

import { faultsOf, unknownFields } from '../../test/kubernetes-checks.ts';
import { OWNER } from '../../test/samples.ts';
import { buildAuthSecret } from './auth-secret.ts';

test('the Secret is what Kubernetes understands, is owned by its MediaCluster, and holds the token', () => {
  const secret = buildAuthSecret({ clusterName: 'calls', namespace: 'media', owner: OWNER }, 'a-token');
  expect(faultsOf(new SecretModel(secret as ConstructorParameters<typeof SecretModel>[0]))).toEqual([]);
  expect(unknownFields(secret, 'V1Secret')).toEqual([]);
  expect(secret).toMatchObject({ metadata: { name: 'calls-auth', namespace: 'media', ownerReferences: [OWNER] }, type: 'Opaque', data: { token: 'YS10b2tlbg==' } });
});
