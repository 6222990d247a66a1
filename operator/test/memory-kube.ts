import { KubeError, keyOf } from '@mediacluster/kube';
import type { ApplyOptions, DeleteOptions, GetOptions, KubeClient, KubeObject, ListOptions, ListPage, ResourceKind, WatchEvent, WatchOptions } from '@mediacluster/kube';

type Changed = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject };
type Verb = 'get' | 'list' | 'create' | 'apply' | 'patch' | 'delete';

/**
 * A cluster's API in memory, as much of it as the operator uses: enough to run the whole operator and see what it makes. What the real
 * API server does besides (validation, defaults, field ownership) is tried in e2e, on the real one.
 */
export class MemoryKube implements KubeClient {
  readonly namespace = 'default';
  /** Every call, as `create pods/calls-0`. */
  readonly calls: string[] = [];
  /** Answers with the error that a call is to fail with. */
  refuse: (verb: Verb, kind: ResourceKind, name: string) => Error | undefined = () => undefined;
  /** Pods stay, marked as leaving, until `end` removes them; as with a kubelet. */
  graceful = false;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #log: { version: number; plural: string; event: Changed }[] = [];
  readonly #wake = new Set<() => void>();
  #version = 0;
  #closed = false;

  /** All objects of a kind. */
  all<T extends KubeObject>(plural: string): T[] {
    return [...this.#of(plural).values()] as T[];
  }

  /** The object, which must be there. */
  one<T extends KubeObject>(plural: string, name: string, namespace = 'default'): T {
    const found = this.#of(plural).get(`${namespace}/${name}`) ?? this.#of(plural).get(name);
    if (!found) throw new Error(`there is no ${plural}/${name}`);
    return found as T;
  }

  has(plural: string, name: string, namespace = 'default'): boolean {
    return this.#of(plural).has(`${namespace}/${name}`);
  }

  /** What somebody else does to an object: a person, a kubelet. */
  change(plural: string, name: string, patch: Record<string, unknown>, namespace = 'default'): void {
    const before = this.one<KubeObject & { spec?: unknown }>(plural, name, namespace);
    const after = merge(before, patch) as KubeObject & { spec?: unknown };
    const isNewSpec = JSON.stringify(after.spec) !== JSON.stringify(before.spec);
    this.#put(plural, isNewSpec ? merge(after, { metadata: { generation: (after.metadata.generation ?? 1) + 1 } }) as KubeObject : after);
  }

  /** Removes an object for good, and what it controls. */
  end(plural: string, name: string, namespace = 'default'): void {
    const object = this.one(plural, name, namespace);
    this.#of(plural).delete(keyOf(object));
    this.#tell(plural, { type: 'DELETED', object });
    for (const [kind, objects] of this.#objects) {
      for (const child of objects.values()) {
        if (child.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)) this.end(kind, child.metadata.name, child.metadata.namespace);
      }
    }
  }

  async get<T extends KubeObject>(kind: ResourceKind, name: string, namespace = 'default', { metadataOnly }: GetOptions = {}): Promise<T> {
    this.#begin('get', kind, name);
    const found = this.#of(kind.plural).get(keyIn(kind, namespace, name));
    if (!found) throw new KubeError('KUBE_NOT_FOUND', `get ${kind.kind} ${name}: not found`, { status: 404 });
    return seen(found, metadataOnly) as T;
  }

  async list<T extends KubeObject>(kind: ResourceKind, options: ListOptions = {}): Promise<ListPage<T>> {
    this.#begin('list', kind, '');
    const items = this.all<T>(kind.plural).filter(object => isSelected(object, options)).map(object => seen(object, options.metadataOnly) as T);
    return { items, resourceVersion: String(this.#version) };
  }

  async create<T extends KubeObject>(kind: ResourceKind, object: T): Promise<T> {
    this.#begin('create', kind, object.metadata.name);
    const namespace = object.metadata.namespace ?? 'default';
    if (this.#of(kind.plural).has(keyIn(kind, namespace, object.metadata.name))) {
      throw new KubeError('KUBE_CONFLICT', `create ${kind.kind} ${object.metadata.name}: already exists`, { status: 409, reason: 'AlreadyExists' });
    }
    const made = { apiVersion: kind.apiVersion, kind: kind.kind, ...object, metadata: { uid: `uid-${++this.#version}`, generation: 1, ...(kind.namespaced ? { namespace } : {}), ...object.metadata } };
    return this.#put(kind.plural, made) as T;
  }

  async apply<T extends KubeObject>(kind: ResourceKind, object: KubeObject, options: ApplyOptions): Promise<T> {
    const { name, namespace = 'default', uid } = object.metadata;
    this.#begin('apply', kind, `${name}${options.subresource ? `/${options.subresource}` : ''}`);
    const there = this.#of(kind.plural).get(keyIn(kind, namespace, name));
    if (!there && options.subresource) throw new KubeError('KUBE_NOT_FOUND', `apply ${kind.kind} ${name}: not found`, { status: 404 });
    if (there && uid !== undefined && uid !== there.metadata.uid) throw new KubeError('KUBE_CONFLICT', `apply ${kind.kind} ${name}: another uid`, { status: 409 });
    return this.#put(kind.plural, merge(there ?? { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { uid: `uid-${++this.#version}` } }, object) as KubeObject) as T;
  }

  async mergePatch<T extends KubeObject>(kind: ResourceKind, name: string, namespace: string | undefined, patch: object): Promise<T> {
    this.#begin('patch', kind, name);
    return this.#put(kind.plural, merge(this.one(kind.plural, name, namespace), patch) as KubeObject) as T;
  }

  async delete(kind: ResourceKind, name: string, namespace = 'default', { uid }: DeleteOptions = {}): Promise<void> {
    this.#begin('delete', kind, name);
    const there = this.#of(kind.plural).get(keyIn(kind, namespace, name));
    if (!there) throw new KubeError('KUBE_NOT_FOUND', `delete ${kind.kind} ${name}: not found`, { status: 404 });
    if (uid !== undefined && uid !== there.metadata.uid) throw new KubeError('KUBE_CONFLICT', `delete ${kind.kind} ${name}: another uid`, { status: 409 });
    if (this.graceful) this.change(kind.plural, name, { metadata: { deletionTimestamp: '2026-11-20T12:00:00Z' } }, namespace);
    else this.end(kind.plural, name, namespace);
  }

  async *watch<T extends KubeObject>(kind: ResourceKind, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void, void> {
    const { signal } = options;
    const isOver = (): boolean => this.#closed || signal?.aborted === true;
    let from = Number(options.resourceVersion);
    while (!isOver()) {
      const news = this.#log.filter(({ version, plural, event }) => version > from && plural === kind.plural && isSelected(event.object, options));
      for (const { version, event } of news) {
        from = version;
        yield { ...event, object: seen(event.object, options.metadataOnly) } as WatchEvent<T>;
      }
      if (news.length === 0) await this.#news(signal);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wake) wake();
  }

  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        this.#wake.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #begin(verb: Verb, kind: ResourceKind, name: string): void {
    this.calls.push(`${verb} ${kind.plural}${name ? `/${name}` : ''}`);
    const error = this.refuse(verb, kind, name);
    if (error) throw error;
  }

  #of(plural: string): Map<string, KubeObject> {
    const objects = this.#objects.get(plural) ?? new Map<string, KubeObject>();
    this.#objects.set(plural, objects);
    return objects;
  }

  #put(plural: string, object: KubeObject): KubeObject {
    const key = keyOf(object);
    const type = this.#of(plural).has(key) ? 'MODIFIED' : 'ADDED';
    const next = structuredClone(merge(object, { metadata: { resourceVersion: String(this.#version + 1) } }) as KubeObject);
    this.#of(plural).set(key, next);
    this.#tell(plural, { type, object: next });
    return structuredClone(next);
  }

  #tell(plural: string, event: Changed): void {
    this.#version += 1;
    // An informer freezes what it gets; each has a copy of its own, as over a wire.
    this.#log.push({ version: this.#version, plural, event: structuredClone(event) });
    for (const wake of this.#wake) wake();
  }
}

function keyIn({ namespaced }: ResourceKind, namespace: string, name: string): string {
  return namespaced ? `${namespace}/${name}` : name;
}

/** What the API server lets through where metadata alone is asked for. */
function seen(object: KubeObject, metadataOnly: boolean | undefined): KubeObject {
  const { apiVersion, kind, metadata } = object;
  return metadataOnly ? { apiVersion, kind, metadata } : object;
}

function isSelected({ metadata }: KubeObject, { namespace, labelSelector, fieldSelector }: ListOptions): boolean {
  if (fieldSelector !== undefined && fieldSelector !== `metadata.name=${metadata.name}`) return false;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  return (labelSelector?.split(',') ?? []).every(part => {
    const [name = '', value] = part.split('=');
    return value === undefined ? name in (metadata.labels ?? {}) : metadata.labels?.[name] === value;
  });
}

/** JSON merge patch: objects are merged, lists replaced, `null` removes. */
function merge(before: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = isRecord(value) ? merge(merged[name], value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
