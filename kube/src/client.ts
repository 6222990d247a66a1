import { systemClock, type Clock } from './clock.ts';
import { locate } from './connection/locate.ts';
import { LineParser } from './connection/line-parser.ts';
import { Transport, type Call } from './connection/transport.ts';
import { KubeError } from './errors.ts';
import type { ResourceKind } from './kinds.ts';
import type { ApplyOptions, DeleteOptions, GetOptions, KubeClient, ListOptions, ListPage, PatchOptions, Selection, WatchOptions } from './kube-client.ts';
import type { KubeObject, WatchEvent } from './object.ts';

/** Where the API server is, and how we speak with it. */
export interface ConnectOptions {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, else the pod's ServiceAccount, else `~/.kube/config`. */
  kubeconfig?: string;
  /** A context of the kubeconfig other than its current one. */
  context?: string;
  /** In place of the ServiceAccount's or the context's. */
  namespace?: string;
  /** An address that needs no credentials: `kubectl proxy`, a test server. */
  server?: string;
  /** How long a call may take, a list's page or the beginning of a watch included. Default 60 s, the API server's own limit. */
  timeoutMs?: number;
  userAgent?: string;
  clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 60_000; // --request-timeout of kube-apiserver
const DEFAULT_SILENCE_MS = 75_000; // a bookmark a minute, and some slack

/**
 * A client for the cluster that the options, the pod or the kubeconfig name. Reads those files at once and connects with the first
 * call.
 * @throws KubeError `KUBE_CONFIG` when there is no cluster to be found.
 */
export function connectKube(options: ConnectOptions = {}): KubeClient {
  const clock = options.clock ?? systemClock;
  const source = locate({ ...options, clock });
  const transport = new Transport(source, clock, options.userAgent ?? 'mediacluster-kube');
  return new HttpKubeClient(transport, source.namespace, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

class HttpKubeClient implements KubeClient {
  readonly namespace: string;
  readonly #transport: Transport;
  readonly #timeoutMs: number;

  constructor(transport: Transport, namespace: string, timeoutMs: number) {
    this.#transport = transport;
    this.namespace = namespace;
    this.#timeoutMs = timeoutMs;
  }

  async get<T extends KubeObject>(kind: ResourceKind, name: string, namespace?: string, { metadataOnly, signal }: GetOptions = {}): Promise<T> {
    const path = this.#path(kind, namespace, name);
    const object = await this.#object<T>({ method: 'GET', path, what: this.#what('get', kind, name, namespace), accept: acceptOf('', metadataOnly), signal });
    return metadataOnly ? { ...object, ...typeOf(kind) } : object;
  }

  async list<T extends KubeObject>(kind: ResourceKind, options: ListOptions = {}): Promise<ListPage<T>> {
    const { namespace, limit, continueToken, resourceVersion, metadataOnly, signal } = options;
    const query = { ...selectors(options), limit, continue: continueToken, resourceVersion };
    const what = this.#whatAll('list', kind, namespace);
    const list = await this.#call({ method: 'GET', path: pathOf(kind, { namespace, query }), what, accept: acceptOf('List', metadataOnly), signal }) as
      { items?: T[] | null; metadata?: { resourceVersion?: string; continue?: string } } | undefined;
    if (typeof list?.metadata?.resourceVersion !== 'string') throw new KubeError('KUBE_PROTOCOL', `${what}: the answer is not a list`);
    // Kubernetes says the kind once for the whole list; a watch says it with each object. Here both do.
    const items = (list.items ?? []).map(item => (metadataOnly ? { ...item, ...typeOf(kind) } : { ...typeOf(kind), ...item }));
    return { items, resourceVersion: list.metadata.resourceVersion, continueToken: list.metadata.continue || undefined };
  }

  async create<T extends KubeObject>(kind: ResourceKind, object: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
    const { name, generateName, namespace } = object.metadata;
    return await this.#object<T>({
      method: 'POST',
      path: this.#path(kind, namespace),
      body: withKind(kind, object),
      what: this.#what('create', kind, name ?? `${generateName}…`, namespace),
      repeatable: Boolean(name), // a second try answers AlreadyExists; a generated name would be a second object
      signal,
    });
  }

  async apply<T extends KubeObject>(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<T> {
    const { fieldManager, force = true, subresource, signal } = options;
    const { name, namespace } = object.metadata;
    return await this.#object<T>({
      method: 'PATCH',
      path: this.#path(kind, namespace, name, subresource, { fieldManager, force }),
      body: withKind(kind, object),
      contentType: 'application/apply-patch+yaml', // JSON is YAML; older servers know no other name for it
      what: this.#what(subresource ? `apply ${subresource} of` : 'apply', kind, name, namespace),
      signal,
    });
  }

  async mergePatch<T extends KubeObject>(kind: ResourceKind, name: string, namespace: string | undefined, patch: object, options: PatchOptions = {}): Promise<T> {
    const { subresource, signal } = options;
    return await this.#object<T>({
      method: 'PATCH',
      path: this.#path(kind, namespace, name, subresource),
      body: JSON.stringify(patch),
      contentType: 'application/merge-patch+json',
      what: this.#what(subresource ? `patch ${subresource} of` : 'patch', kind, name, namespace),
      signal,
    });
  }

  async delete(kind: ResourceKind, name: string, namespace?: string, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy, signal } = options;
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    await this.#call({
      method: 'DELETE',
      path: this.#path(kind, namespace, name),
      body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions, gracePeriodSeconds, propagationPolicy }),
      what: this.#what('delete', kind, name, namespace),
      signal,
    });
  }

  async *watch<T extends KubeObject>(kind: ResourceKind, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void, void> {
    const { namespace, resourceVersion, timeoutSeconds, silenceMs = DEFAULT_SILENCE_MS, metadataOnly, signal } = options;
    const query = { ...selectors(options), watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
    const what = this.#whatAll('watch', kind, namespace);
    const lines = new LineParser(what);
    const call: Call = { method: 'GET', path: pathOf(kind, { namespace, query }), what, accept: acceptOf('', metadataOnly), repeatable: true, timeoutMs: this.#timeoutMs, signal };
    try {
      for await (const bytes of this.#transport.stream(call, silenceMs)) {
        const events = lines.push(bytes) as WatchEvent<T>[];
        yield* metadataOnly ? events.map(event => retyped(event, kind)) : events;
      }
      lines.end();
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #object<T extends KubeObject>(call: Omit<Call, 'repeatable' | 'timeoutMs'> & { repeatable?: boolean }): Promise<T> {
    const answer = await this.#call(call);
    if (typeof answer !== 'object' || answer === null) throw new KubeError('KUBE_PROTOCOL', `${call.what}: the answer is not an object`);
    return answer as T;
  }

  async #call(call: Omit<Call, 'repeatable' | 'timeoutMs'> & { repeatable?: boolean }): Promise<unknown> {
    return await this.#transport.call({ repeatable: true, timeoutMs: this.#timeoutMs, ...call });
  }

  #path(kind: ResourceKind, namespace: string | undefined, name?: string, subresource?: string, query?: Query): string {
    return pathOf(kind, { namespace: kind.namespaced ? namespace ?? this.namespace : undefined, name, subresource, query });
  }

  #what(verb: string, kind: ResourceKind, name: string, namespace: string | undefined): string {
    return `${verb} ${kind.kind} ${kind.namespaced ? `${namespace ?? this.namespace}/` : ''}${name}`;
  }

  #whatAll(verb: string, kind: ResourceKind, namespace: string | undefined): string {
    return `${verb} ${kind.plural}${kind.namespaced ? ` in ${namespace ?? 'all namespaces'}` : ''}`;
  }
}

type Query = Record<string, string | number | boolean | undefined>;

function pathOf(kind: ResourceKind, where: { namespace?: string; name?: string; subresource?: string; query?: Query }): string {
  const root = kind.apiVersion.includes('/') ? '/apis' : '/api';
  const segments = [...(where.namespace === undefined ? [] : ['namespaces', where.namespace]), kind.plural, where.name, where.subresource];
  const path = segments.filter(segment => segment !== undefined).map(segment => encodeURIComponent(segment)).join('/');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(where.query ?? {})) if (value !== undefined) query.set(name, String(value));
  return `${root}/${kind.apiVersion}/${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
}

function selectors({ labelSelector, fieldSelector }: Selection): Query {
  return { labelSelector, fieldSelector };
}

function withKind(kind: ResourceKind, object: object): string {
  return JSON.stringify({ ...typeOf(kind), ...object });
}

function typeOf({ apiVersion, kind }: ResourceKind): { apiVersion: string; kind: string } {
  return { apiVersion, kind };
}

/** The API server leaves the rest out itself: what isn't asked for never comes over the wire. */
function acceptOf(list: 'List' | '', metadataOnly: boolean | undefined): string | undefined {
  return metadataOnly ? `application/json;as=PartialObjectMetadata${list};g=meta.k8s.io;v=v1` : undefined;
}

/** An object without its rest comes as a kind of its own; here it keeps the one that was asked for. */
function retyped<T extends KubeObject>(event: WatchEvent<T>, kind: ResourceKind): WatchEvent<T> {
  return event.type === 'BOOKMARK' || event.type === 'ERROR' ? event : { ...event, object: { ...event.object, ...typeOf(kind) } };
}
