import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { DEFAULT_IMAGE, NOW_MS, OWNER, podOf, specOf } from '../../test/samples.ts';
import type { PodState } from '../../test/samples.ts';
import type { Pod, Service } from '../resources/objects.ts';
import { buildAuthSecret } from '../resources/auth-secret.ts';
import { buildServiceAccount } from '../resources/service-account.ts';
import { buildService } from '../resources/service.ts';
import { MIN_POD_LIFE_MS, plan } from './plan.ts';
import type { Action, Findings } from './plan.ts';

const where = { clusterName: 'calls', namespace: 'default', owner: OWNER };
const OLD = specOf({ image: 'old' });
const old = (ordinal: number, state: PodState = 'ready') => podOf(ordinal, state, OLD);

/** Findings in which everything but the pods is as it should be. */
function found(pods: Pod[], spec: object = {}, rest: Partial<Findings> = {}): Findings {
  return { ...where, spec: specOf(spec), defaultImage: DEFAULT_IMAGE, pods, service: buildService(where), serviceAccount: buildServiceAccount(where), authSecret: buildAuthSecret(where, 'secret'), ...rest };
}

const words = ({ type, ...rest }: Action) => (type === 'issueToken' ? type : type === 'apply' ? `apply ${(rest as { child: string }).child}`
  : `${type} ${(rest as { pod: Pod }).pod.metadata.name}${type === 'delete' ? ` ${(rest as { reason: string }).reason}` : ''}`);
const planned = (findings: Findings) => plan(findings, NOW_MS).actions.map(words);

describe('plan', () => {
  test('makes account, Service, Secret and pods of a new MediaCluster, the account first and the pods last', () => {
    expect(planned(found([], { replicas: 2 }, { service: undefined, serviceAccount: undefined, authSecret: undefined })))
      .toEqual(['apply serviceAccounts', 'apply services', 'issueToken', 'create calls-0', 'create calls-1']);
  });

  test('asks for a token again when the Secret is gone, and for none where everyone is let in', () => {
    expect(planned(found([podOf(0)], {}, { authSecret: undefined }))).toEqual(['issueToken']);
    const open = { security: { authentication: { enabled: false } } };
    expect(planned(found([podOf(0, 'ready', specOf(open))], open, { authSecret: undefined }))).toEqual([]);
  });

  test('does nothing when all is as asked for', () => {
    expect(plan(found([podOf(0), podOf(1)], { replicas: 2 }), NOW_MS)).toEqual({ actions: [], outdated: 0 });
  });

  test('puts a Service right that someone has changed, and leaves alone what others added to it', () => {
    const service = buildService(where);
    expect(planned(found([podOf(0)], {}, { service: { ...service, spec: { ...service.spec, selector: {} } } }))).toEqual(['apply services']);
    expect(planned(found([podOf(0)], {}, { service: { ...service, spec: { ...service.spec, selector: { ...service.spec.selector, app: 'web' } } } }))).toEqual(['apply services']);
    const ported: Service = { ...service, spec: { ...service.spec, ports: [{ name: 'web', port: 80, targetPort: 80, protocol: 'TCP' }, ...service.spec.ports ?? []] } };
    expect(planned(found([podOf(0)], {}, { service: ported }))).toEqual([]);
    const extended = { ...service, metadata: { ...service.metadata, labels: { ...service.metadata.labels, team: 'av' } } };
    expect(planned(found([podOf(0)], {}, { service: extended }))).toEqual([]);
  });

  test('makes a lost pod again under its name', () => {
    expect(planned(found([podOf(0), podOf(2)], { replicas: 3 }))).toEqual(['create calls-1']);
  });

  test('waits for the name while the old pod is on its way out', () => {
    expect(planned(found([podOf(0, 'leaving')]))).toEqual([]);
  });

  test('deletes the highest ordinals of a cluster that shrinks, once', () => {
    expect(planned(found([podOf(0), podOf(1, 'leaving'), podOf(2), podOf(3)], { replicas: 1 }))).toEqual(['delete calls-3 ScaledDown', 'delete calls-2 ScaledDown']);
  });

  test('replaces a pod that has ended', () => {
    expect(planned(found([podOf(0, 'failed'), podOf(1)], { replicas: 2 }))).toEqual(['delete calls-0 PodReplaced']);
  });

  test('says of a pod that ended why, as far as it is known', () => {
    const evicted: Pod = { ...podOf(0, 'failed'), status: { phase: 'Failed', reason: 'Evicted' } };
    const notes = [evicted, podOf(0, 'failed')].map(pod => plan(found([pod]), NOW_MS).actions[0]);
    expect(notes).toEqual([expect.objectContaining({ note: 'it ended: Evicted' }), expect.objectContaining({ note: 'it ended: Failed' })]);
  });

  test('does not replace a pod that ends at once over and over without a pause', () => {
    const young = podOf(0, 'failed', specOf(), { createdAtMs: NOW_MS - 4_000 });
    const younger = podOf(1, 'failed', specOf(), { createdAtMs: NOW_MS - 3_000 });
    expect(plan(found([younger, young], { replicas: 2 }), NOW_MS)).toEqual({ actions: [], outdated: 0, lookAgainAfterMs: MIN_POD_LIFE_MS - 4_000 });
    expect(plan(found([young]), NOW_MS + MIN_POD_LIFE_MS).actions.map(words)).toEqual(['delete calls-0 PodReplaced']);
  });

  test('bounds that pause where the clocks disagree, and replaces at once where no time is known', () => {
    const fromTheFuture = podOf(0, 'failed', specOf(), { createdAtMs: NOW_MS + 3_600_000 });
    expect(plan(found([fromTheFuture]), NOW_MS).lookAgainAfterMs).toBe(MIN_POD_LIFE_MS);
    const timeless = { ...fromTheFuture, metadata: { ...fromTheFuture.metadata, creationTimestamp: undefined } };
    expect(planned(found([timeless]))).toEqual(['delete calls-0 PodReplaced']);
  });

  describe('when the spec has changed', () => {
    test('replaces one ready pod at a time, the highest ordinal first', () => {
      const { actions, outdated } = plan(found([old(0), old(1), old(2)], { replicas: 3 }), NOW_MS);
      expect(actions.map(words)).toEqual(['delete calls-2 PodUpdated']);
      expect(outdated).toBe(3);
    });

    test.each<[string, Pod[]]>([
      ['is missing', [old(0), old(1)]],
      ['is on its way out', [old(0), old(1), old(2, 'leaving')]],
      ['is on its way up', [old(0), old(1), podOf(2, 'pending')]],
      ['has ended', [old(0), old(1), podOf(2, 'failed')]],
    ])('takes no ready pod while another %s', (_what, pods) => {
      expect(planned(found(pods, { replicas: 3 })).filter(word => word.endsWith('PodUpdated'))).toEqual([]);
    });

    test('goes on when the new pod is ready, until none is old', () => {
      expect(planned(found([old(0), old(1), podOf(2)], { replicas: 3 }))).toEqual(['delete calls-1 PodUpdated']);
      expect(planned(found([old(0), podOf(1), podOf(2)], { replicas: 3 }))).toEqual(['delete calls-0 PodUpdated']);
      expect(planned(found([podOf(0), podOf(1), podOf(2)], { replicas: 3 }))).toEqual([]);
    });

    test('replaces old pods that do not run at once: nothing is lost, and a mended spec gets past them', () => {
      const crashing: Pod = { ...old(2), status: { phase: 'Running', containerStatuses: [{ name: 'media-node', state: { waiting: { reason: 'CrashLoopBackOff' } } }] } };
      expect(planned(found([old(0), old(1, 'pending'), crashing], { replicas: 3 }))).toEqual(['delete calls-1 PodUpdated', 'delete calls-2 PodUpdated']);
    });

    test('takes pods that run one at a time though none is ready: kube nodes may merely have lost the API server', () => {
      expect(planned(found([old(0, 'unready'), old(1, 'unready'), old(2)], { replicas: 3 }))).toEqual(['delete calls-1 PodUpdated']);
      expect(planned(found([old(0, 'unready'), podOf(1, 'pending'), old(2)], { replicas: 3 }))).toEqual([]);
    });

    test('replaces an old pod that has ended once, not twice', () => {
      expect(planned(found([old(0, 'failed')]))).toEqual(['delete calls-0 PodReplaced']);
    });

    test('stops at the first pod that the new spec does not bring up', () => {
      expect(planned(found([old(0), old(1), podOf(2, 'pending')], { replicas: 3 }))).toEqual([]);
    });
  });

  test('an operator with another default image restarts nothing', () => {
    expect(planned(found([podOf(0)], {}, { defaultImage: 'registry.test/mediacluster-node:2' }))).toEqual([]);
  });

  test('comes to rest from any state, at the pods asked for, and never takes more than one running pod for an update', () => {
    const state = fc.constantFrom<PodState>('pending', 'ready', 'unready', 'leaving', 'failed');
    const world = fc.uniqueArray(fc.record({ ordinal: fc.nat(6), state, isOld: fc.boolean() }), { selector: ({ ordinal }) => ordinal });
    fc.assert(fc.property(world, fc.nat(6), (start, replicas) => {
      let pods = start.map(({ ordinal, state: is, isOld }) => podOf(ordinal, is, isOld ? OLD : specOf()));
      for (let round = 0; round < 60; round += 1) {
        const { actions } = plan(found(pods, { replicas }), NOW_MS);
        const updated = actions.filter(action => action.type === 'delete' && action.reason === 'PodUpdated');
        const running = updated.filter(action => action.type === 'delete' && action.pod.status?.phase === 'Running');
        expect(running.length).toBeLessThanOrEqual(1);
        if (actions.length === 0 && pods.every(pod => pod.metadata.deletionTimestamp === undefined && pod.status?.conditions?.[0]?.status === 'True')) break;
        pods = afterwards(pods, actions);
      }
      expect(planned(found(pods, { replicas }))).toEqual([]);
      expect(pods.map(({ metadata }) => metadata.name).toSorted()).toEqual(Array.from({ length: replicas }, (_, ordinal) => `calls-${ordinal}`));
    }), { numRuns: 200 });
  });
});

/** What a cluster makes of the actions: leaving pods go, new ones become ready; a pod that was neither follows one round later. */
function afterwards(pods: Pod[], actions: Action[]): Pod[] {
  const deleted = new Set(actions.filter(action => action.type === 'delete').map(({ pod }) => pod.metadata.name));
  const created = actions.flatMap(action => (action.type === 'create' ? [action.pod] : []));
  const staying = pods.filter(pod => !pod.metadata.deletionTimestamp && !deleted.has(pod.metadata.name)).map(pod => (pod.status?.phase === 'Failed' ? pod : ready(pod)));
  return [...staying, ...created];
}

function ready(pod: Pod): Pod {
  return { ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
}
