import { Controller, Informer, kinds } from '@mediacluster/kube';
import type { Clock, KubeClient, ReadonlyStore, ReconcileRun } from '@mediacluster/kube';

import { parseSpec } from '../api/v1alpha1.ts';
import type { MediaCluster } from '../api/v1alpha1.ts';
import { MANAGER } from '../resources/labels.ts';
import { serviceAccountName } from '../resources/names.ts';
import type { ClusterRoleBinding } from '../resources/objects.ts';
import { covers } from './covers.ts';
import { isControlledBy } from './observe.ts';
import type { Stores, Watches } from './watches.ts';

/*
 *   MediaClusters and their ServiceAccounts ─▶ subjects ─▶ the chart's one ClusterRoleBinding
 *
 * A media node asks Kubernetes whose a token is (TokenReview). That belongs to no namespace, so only a ClusterRoleBinding grants it; and
 * what belongs to no namespace can't be owned by a MediaCluster, so a binding for each would outlive it unless the operator could delete
 * ClusterRoleBindings, any of them. The chart makes one, with its role, and the operator may patch that one alone.
 */

type Subject = NonNullable<ClusterRoleBinding['subjects']>[number];

/** What keeps the binding: a watch of it, and a controller whose one key is its name. */
export interface TokenReviewers {
  bindings: Informer<ClusterRoleBinding>;
  controller: Controller;
}

/** What it works with. */
export interface TokenReviewersParts {
  kube: KubeClient;
  watches: Pick<Watches, 'clusters' | 'serviceAccounts'>;
  clock: Clock;
  resyncMs: number;
  observe: (run: ReconcileRun) => void;
}

/** Keeps the subjects of the ClusterRoleBinding of that name. It doesn't run yet: start the controller. */
export function tokenReviewers(bindingName: string, { kube, watches, clock, resyncMs, observe }: TokenReviewersParts): TokenReviewers {
  const { clusters, serviceAccounts } = watches;
  const bindings = new Informer<ClusterRoleBinding>(kube, kinds.clusterRoleBindings, { fieldSelector: `metadata.name=${bindingName}` }, { clock });
  const stores = { clusters: clusters.store, serviceAccounts: serviceAccounts.store };
  const controller = new Controller({
    name: 'token-reviewers',
    reconcile: async (_key, { signal }) => await bind(bindingName, signal, { kube, stores, bindings: bindings.store }),
    informers: [bindings, clusters, serviceAccounts],
    resyncMs,
    clock,
    observe,
  });
  const changed = (): void => controller.enqueue(bindingName);
  for (const informer of [clusters, serviceAccounts, bindings]) informer.on({ added: changed, updated: changed, deleted: changed });
  return { bindings, controller };
}

interface BindDeps {
  kube: KubeClient;
  stores: Pick<Stores, 'clusters' | 'serviceAccounts'>;
  bindings: ReadonlyStore<ClusterRoleBinding>;
}

/** Makes the subjects of the binding what they should be, where they differ. Only accounts that the operator made are among them. */
async function bind(bindingName: string, signal: AbortSignal, { kube, stores, bindings }: BindDeps): Promise<void> {
  const subjects = subjectsOf(stores);
  const bound = bindings.get(bindingName)?.subjects ?? [];
  if (bound.length === subjects.length && covers(bound, subjects)) return;
  await kube.apply<ClusterRoleBinding>(kinds.clusterRoleBindings, { metadata: { name: bindingName }, subjects } as ClusterRoleBinding, { fieldManager: MANAGER, force: true, signal });
}

function subjectsOf({ clusters, serviceAccounts }: BindDeps['stores']): Subject[] {
  return clusters.list().filter(reviewsTokens).flatMap(cluster => {
    const { name, namespace = '' } = cluster.metadata;
    const account = serviceAccounts.get(`${namespace}/${serviceAccountName(name)}`);
    return account && isControlledBy(account, cluster) ? [{ kind: 'ServiceAccount', name: account.metadata.name, namespace }] : [];
  }).sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function reviewsTokens(cluster: MediaCluster): boolean {
  const authentication = parseSpec(cluster).spec?.security.authentication;
  if (!authentication) return true; // pods of a spec that can't be read any more go on as they were
  return authentication.enabled && authentication.allowedServiceAccounts?.length !== 0;
}
