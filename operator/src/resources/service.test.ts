import { expect, test } from '@jest/globals';
import { Service as ServiceModel } from 'kubernetes-models/v1/Service';
import { ServiceAccount as ServiceAccountModel } from 'kubernetes-models/v1/ServiceAccount';

import { faultsOf, unknownFields } from '../../test/kubernetes-checks.ts';
import { DEFAULT_IMAGE, OWNER, specOf } from '../../test/samples.ts';
import { buildPod } from './pod.ts';
import { buildServiceAccount } from './service-account.ts';
import { buildService } from './service.ts';

const where = { clusterName: 'calls', namespace: 'media', owner: OWNER };
const service = buildService(where);
const account = buildServiceAccount(where);
const pod = buildPod({ ...where, ordinal: 0, spec: specOf(), defaultImage: DEFAULT_IMAGE });

test('Service and ServiceAccount are what Kubernetes understands, and owned', () => {
  expect(faultsOf(new ServiceModel(service as ConstructorParameters<typeof ServiceModel>[0]))).toEqual([]);
  expect(unknownFields(service, 'V1Service')).toEqual([]);
  expect(faultsOf(new ServiceAccountModel(account))).toEqual([]);
  expect(unknownFields(account, 'V1ServiceAccount')).toEqual([]);
  for (const { metadata } of [service, account]) expect(metadata).toMatchObject({ namespace: 'media', ownerReferences: [OWNER] });
});

test('the Service is headless, selects the pods, and names their ROPE port', () => {
  expect(service.metadata.name).toBe('calls');
  expect(service.spec.clusterIP).toBe('None');
  expect(pod.metadata.labels).toMatchObject(service.spec.selector);
  const [port] = service.spec.ports ?? [];
  expect(port).toMatchObject({ name: 'rope', port: 4443 });
  expect(pod.spec.containers[0]?.ports?.map(({ name }) => name)).toContain(port?.targetPort);
});

const isLeftOut = (value: unknown): boolean => value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0);

test('nothing in them has a value that the API server leaves out: it would look like a difference for ever', () => {
  const leftOut = (value: unknown, path: string): string[] => (isLeftOut(value) ? [path]
    : typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, inner]) => leftOut(inner, `${path}.${name}`)) : []);
  // The one `false` that Kubernetes keeps, since it is not the default.
  expect([...leftOut(service, 'service'), ...leftOut(account, 'account')]).toEqual(['account.automountServiceAccountToken']);
});

test('the account is the one that the pods name, and mounts no token', () => {
  expect(account).toMatchObject({ metadata: { name: pod.spec.serviceAccountName }, automountServiceAccountToken: false });
});
