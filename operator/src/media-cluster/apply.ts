import { KubeError, kinds } from '@mediacluster/kube';
import type { KubeClient, KubeObject, ResourceKind } from '@mediacluster/kube';

import { NameTakenError } from '../errors.ts';
import { buildAuthSecret } from '../resources/auth-secret.ts';
import { MANAGER } from '../resources/labels.ts';
import type { Pod } from '../resources/objects.ts';
import type { Observed } from './observe.ts';
import { isControlledBy } from './observe.ts';
import type { Action } from './plan.ts';
import { mediaClusters } from './watches.ts';

/** Tells people what was done, as an Event of the MediaCluster. */
export type Tell = (event: { type: 'Normal' | 'Warning'; reason: string; action: string; note: string }) => void;

/** What `apply` needs. */
export interface ApplyDeps {
  kube: KubeClient;
  tell: Tell;
  /** Makes a token that nobody can guess. */
  newToken: () => string;
  signal: AbortSignal;
}

/** Takes one step. Safe to take twice. Rejects with a `KubeError`, or with a `NameTakenError` where another's object is in the way. */
export async function apply(action: Action, observed: Observed, deps: ApplyDeps): Promise<void> {
  const { cluster } = observed;
  if (action.type === 'apply') return await applyChild(action, cluster, deps);
  if (action.type === 'issueToken') return await issueToken(observed, deps);
  if (action.type === 'create') return await createPod(action.pod, cluster, deps);
  return await deletePod(action, deps);
}

/**
 * True while the API server itself says that this very MediaCluster is there to stay. Asked before anything is made: our cache may not
 * have heard yet that it was deleted, and would bring back the pods that Kubernetes has just removed with it.
 */
export async function isStillWanted({ cluster }: Observed, { kube, signal }: ApplyDeps): Promise<boolean> {
  const { name, namespace, uid } = cluster.metadata;
  const live = await find(kube, mediaClusters, name, namespace, signal);
  return live?.metadata.uid === uid && !live?.metadata.deletionTimestamp;
}

async function applyChild({ child, object, exists }: Action & { type: 'apply' }, cluster: KubeObject, { kube, tell, signal }: ApplyDeps): Promise<void> {
  const kind = kinds[child];
  const { name, namespace } = object.metadata;
  if (!exists) {
    // An apply would take over whatever has that name, an app's own Service for one.
    const there = await find(kube, kind, name, namespace, signal);
    if (there && !isControlledBy(there, cluster)) throw new NameTakenError(`${kind.kind} ${name}`, ownerOf(there));
  }
  await kube.apply(kind, object, { fieldManager: MANAGER, force: true, signal });
  const what = `${kind.kind} ${name}`;
  tell(exists
    ? { type: 'Normal', reason: `${kind.kind}Restored`, action: 'Apply', note: `${what} differed from what it should be` }
    : { type: 'Normal', reason: `${kind.kind}Created`, action: 'Apply', note: what });
}

/** Created and never applied: a token that is there stays, and the operator has no right to overwrite one. */
async function issueToken(observed: Observed, deps: ApplyDeps): Promise<void> {
  const secret = buildAuthSecret(observed, deps.newToken());
  if (!await create(kinds.secrets, secret, observed.cluster, deps)) return;
  deps.tell({ type: 'Normal', reason: 'SecretCreated', action: 'Create', note: `Secret ${secret.metadata.name}, with a new token` });
}

async function createPod(pod: Pod, cluster: KubeObject, deps: ApplyDeps): Promise<void> {
  if (!await create(kinds.pods, pod, cluster, deps)) return;
  const { name } = pod.metadata;
  deps.tell({ type: 'Normal', reason: 'PodCreated', action: 'Create', note: `pod ${name} with image ${pod.spec.containers[0]?.image}` });
}

/** False when it was there: ours, and our cache has yet to hear of it; or gone in between, and its end brings us here again. */
async function create(kind: ResourceKind, object: KubeObject, cluster: KubeObject, { kube, signal }: ApplyDeps): Promise<boolean> {
  const { name, namespace } = object.metadata;
  try {
    await kube.create(kind, object, { signal });
    return true;
  } catch (error) {
    if (!(error instanceof KubeError && error.conflict)) throw error;
    const there = await find(kube, kind, name, namespace, signal);
    if (there && !isControlledBy(there, cluster)) throw new NameTakenError(`${kind.kind} ${name}`, ownerOf(there));
    return false;
  }
}

async function deletePod({ pod, reason, note }: Action & { type: 'delete' }, { kube, tell, signal }: ApplyDeps): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  try {
    await kube.delete(kinds.pods, name, namespace, { uid, signal });
  } catch (error) {
    if (error instanceof KubeError && (error.notFound || error.conflict)) return; // gone already, or another of its name is there
    throw error;
  }
  tell({ type: 'Normal', reason, action: 'Delete', note: `pod ${name}: ${note}` });
}

async function find(kube: KubeClient, kind: ResourceKind, name: string, namespace: string | undefined, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await kube.get(kind, name, namespace, { signal, metadataOnly: true });
  } catch (error) {
    if (error instanceof KubeError && error.notFound) return undefined;
    throw error;
  }
}

function ownerOf(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find(reference => reference.controller);
  return owner ? `${owner.kind} ${owner.name}` : 'someone else';
}
