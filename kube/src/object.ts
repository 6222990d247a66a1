/** Who an object belongs to; the garbage collector deletes it after its owner. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** What every object carries. Timestamps stay the strings that the API server sent. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  finalizers?: string[];
}

/** The least that an object of Kubernetes is. Types of your own extend it with `spec` and `status`. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** The API server's word on what went wrong. */
export interface Status {
  kind?: string;
  apiVersion?: string;
  metadata?: { resourceVersion?: string };
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

/** One thing that a watch tells. `BOOKMARK` carries nothing but a newer `metadata.resourceVersion`. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: { metadata: { resourceVersion: string } } }
  | { type: 'ERROR'; object: Status };

/** The key of an object in stores and queues: `namespace/name`, or `name` alone where there is no namespace. */
export function keyOf(object: { metadata: { name: string; namespace?: string } }): string {
  const { name, namespace } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The two parts of a key that `keyOf` made. */
export function splitKey(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf('/');
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * A reference to `owner` for the `metadata.ownerReferences` of its children.
 * @throws TypeError when the owner has no uid yet, or no apiVersion and kind.
 */
export function ownerRefOf(owner: KubeObject, options: { controller?: boolean; blockOwnerDeletion?: boolean } = {}): OwnerReference {
  const { apiVersion, kind, metadata: { name, uid } } = owner;
  if (!apiVersion || !kind) throw new TypeError(`owner ${keyOf(owner)} has no apiVersion and kind`);
  if (!uid) throw new TypeError(`owner ${kind} ${keyOf(owner)} has no uid: it has not been read from the API server`);
  return { apiVersion, kind, name, uid, ...options };
}
