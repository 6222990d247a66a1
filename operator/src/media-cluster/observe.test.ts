import { describe, expect, test } from '@jest/globals';
import { Store } from '@mediacluster/kube';
import type { KubeObject } from '@mediacluster/kube';

import { clusterOf, OWNER, podOf, specOf } from '../../test/samples.ts';
import type { MediaCluster } from '../api/v1alpha1.ts';
import type { Pod, Service, ServiceAccount } from '../resources/objects.ts';
import { buildAuthSecret } from '../resources/auth-secret.ts';
import { buildServiceAccount } from '../resources/service-account.ts';
import { buildService } from '../resources/service.ts';
import { observe } from './observe.ts';
import type { Stores } from './watches.ts';

const where = { clusterName: 'calls', namespace: 'default', owner: OWNER };
const KEY = 'default/calls';

function storesWith({ cluster, pods = [], service, account, secret }: { cluster?: MediaCluster; pods?: Pod[]; service?: Service; account?: ServiceAccount; secret?: KubeObject }): Stores {
  const clusters = new Store<MediaCluster>();
  const services = new Store<Service>();
  const serviceAccounts = new Store<ServiceAccount>();
  const secrets = new Store<KubeObject>();
  const podStore = new Store<Pod>({ cluster: ({ metadata }) => [`${metadata.namespace}/${metadata.labels?.['mediacluster.dev/cluster']}`] });
  if (cluster) clusters.put(cluster);
  if (service) services.put(service);
  if (account) serviceAccounts.put(account);
  if (secret) secrets.put(secret);
  for (const pod of pods) podStore.put(pod);
  return { clusters, services, serviceAccounts, secrets, pods: podStore };
}

describe('observe', () => {
  test('finds a MediaCluster with its children', () => {
    const observed = observe(KEY, storesWith({ cluster: clusterOf({ replicas: 2 }), pods: [podOf(0)], service: buildService(where), account: buildServiceAccount(where), secret: buildAuthSecret(where, 'secret') }));
    expect(observed).toMatchObject({ clusterName: 'calls', namespace: 'default', owner: OWNER, spec: specOf({ replicas: 2 }), problem: '' });
    expect(observed?.pods.map(({ metadata }) => metadata.name)).toEqual(['calls-0']);
    expect(observed?.service?.metadata.name).toBe('calls');
    expect(observed?.serviceAccount?.metadata.name).toBe('calls-node');
    expect(observed?.authSecret?.metadata.name).toBe('calls-auth');
  });

  test('takes children of an earlier MediaCluster of the same name for what they are: not ours', () => {
    const earlier = { ...where, owner: { ...OWNER, uid: 'earlier' } };
    const stranger: Pod = { ...podOf(0), metadata: { ...podOf(0).metadata, ownerReferences: [earlier.owner] } };
    const orphan: Pod = { ...podOf(1), metadata: { ...podOf(1).metadata, ownerReferences: undefined } };
    const observed = observe(KEY, storesWith({ cluster: clusterOf(), pods: [stranger, orphan, podOf(2)], service: buildService(earlier), account: buildServiceAccount(earlier), secret: buildAuthSecret(earlier, 'secret') }));
    expect(observed?.pods.map(({ metadata }) => metadata.name)).toEqual(['calls-2']);
    expect([observed?.service, observed?.serviceAccount, observed?.authSecret]).toEqual([undefined, undefined, undefined]);
  });

  test('sees nothing of one that is gone or on its way', () => {
    expect(observe(KEY, storesWith({}))).toBeUndefined();
    const leaving = clusterOf({}, { metadata: { ...clusterOf().metadata, deletionTimestamp: '2026-11-20T12:00:00Z' } });
    expect(observe(KEY, storesWith({ cluster: leaving }))).toBeUndefined();
  });

  test('says what is wrong with a spec that it can not read', () => {
    expect(observe(KEY, storesWith({ cluster: clusterOf({ replicas: 'two' }) }))).toMatchObject({ spec: undefined, problem: expect.stringContaining('spec.replicas') });
  });
});
