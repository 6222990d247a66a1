import type { ResourceKind } from './kinds.ts';
import type { KubeObject, WatchEvent } from './object.ts';

/** Which objects of a kind are meant. Without a namespace: those of all namespaces. */
export interface Selection {
  namespace?: string;
  /** As kubectl's `-l`. */
  labelSelector?: string;
  /** As kubectl's `--field-selector`. */
  fieldSelector?: string;
  /** Nothing but `metadata` (and apiVersion and kind): for Secrets whose contents are none of the program's business. Default false. */
  metadataOnly?: boolean;
}

export interface GetOptions {
  /** As in a {@link Selection}. */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

/** What a list may be asked for besides. */
export interface ListOptions extends Selection {
  /** Objects per page; the answer's `continueToken` asks for the next one. */
  limit?: number;
  continueToken?: string;
  /** Not set: the newest state. `'0'`: whatever the server has at hand. */
  resourceVersion?: string;
  signal?: AbortSignal;
}

/** One page. */
export interface ListPage<T extends KubeObject> {
  items: T[];
  resourceVersion: string;
  continueToken?: string;
}

/** How a server-side apply is made. */
export interface ApplyOptions {
  /** Whose fields these are. An apply states *all* that this manager wants: what it leaves out is removed. */
  fieldManager: string;
  /** Take fields over from other managers. Default true, as is right for a controller. */
  force?: boolean;
  subresource?: 'status';
  signal?: AbortSignal;
}

export interface PatchOptions {
  subresource?: 'status' | 'scale';
  signal?: AbortSignal;
}

export interface DeleteOptions {
  /** Delete this very object: a newer one of the same name answers 409. */
  uid?: string;
  /** Delete it only in this very state. */
  resourceVersion?: string;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  signal?: AbortSignal;
}

export interface WatchOptions extends Selection {
  /** Where to go on from: that of a list, an event or a bookmark. */
  resourceVersion: string;
  /** The server ends the watch after this long. */
  timeoutSeconds: number;
  /** The watch is given up as dead after this long without a byte. Default 75 s: the server sends bookmarks each minute. */
  silenceMs?: number;
  signal?: AbortSignal;
}

/**
 * The API of one cluster. Objects are the server's JSON as it came: timestamps stay strings.
 *
 * Every method rejects with a `KubeError`, or with the signal's reason once that is aborted, and is given up after the client's
 * `timeoutMs`. Where a namespaced kind is asked for without a namespace, `get`, `create`, `apply`, `mergePatch` and `delete` mean
 * `client.namespace`; `list` and `watch` mean all.
 */
export interface KubeClient {
  /** The ServiceAccount's; else the kubeconfig context's; else `default`. */
  readonly namespace: string;
  get<T extends KubeObject>(kind: ResourceKind, name: string, namespace?: string, options?: GetOptions): Promise<T>;
  list<T extends KubeObject>(kind: ResourceKind, options?: ListOptions): Promise<ListPage<T>>;
  create<T extends KubeObject>(kind: ResourceKind, object: T, options?: { signal?: AbortSignal }): Promise<T>;
  /** Server-side apply. `apiVersion` and `kind` are filled in. */
  apply<T extends KubeObject>(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<T>;
  /** JSON merge patch: `null` removes a field, lists are replaced. */
  mergePatch<T extends KubeObject>(kind: ResourceKind, name: string, namespace: string | undefined, patch: object, options?: PatchOptions): Promise<T>;
  delete(kind: ResourceKind, name: string, namespace?: string, options?: DeleteOptions): Promise<void>;
  /**
   * What happens from `resourceVersion` on, bookmarks included. Ends when the server ends it or the signal is aborted; throws when the
   * connection breaks, also within a line, or stays silent. An `ERROR` event is handed out like any other.
   */
  watch<T extends KubeObject>(kind: ResourceKind, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Ends all calls and connections; the process can exit. Calls made afterwards reject with `KUBE_CLOSED`. Safe twice. */
  close(): Promise<void>;
}
