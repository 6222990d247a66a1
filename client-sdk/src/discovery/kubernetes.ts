import { Informer, kinds } from '@mediacluster/kube';
import type { KubeClient } from '@mediacluster/kube';

import type { Discovery, Endpoint } from './discovery.ts';
import { endpointsOf } from './endpoint-slices.ts';
import type { EndpointSlice } from './endpoint-slices.ts';

/** The nodes behind a Service of Kubernetes, by its EndpointSlices: the right to get, list and watch those is all it needs. */
export class KubernetesDiscovery implements Discovery {
  readonly #client: KubeClient;
  readonly #service: string;
  readonly #namespace: string;
  readonly #informer: Informer<EndpointSlice>;
  #emit: ((endpoints: readonly Endpoint[]) => void) | undefined;
  #scheduled = false;
  #last: string | undefined;

  /** Takes the client over: `stop()` closes it. */
  constructor(client: KubeClient, { service, namespace = client.namespace }: { service: string; namespace?: string }) {
    this.#client = client;
    this.#service = service;
    this.#namespace = namespace;
    this.#informer = new Informer<EndpointSlice>(client, kinds.endpointSlices, { namespace, labelSelector: `kubernetes.io/service-name=${service}` });
  }

  start(emit: (endpoints: readonly Endpoint[]) => void): void {
    this.#emit = emit;
    const changed = (): void => this.#schedule();
    this.#informer.on({ added: changed, updated: changed, deleted: changed, synced: changed });
    this.#informer.start();
  }

  stop(): void {
    this.#emit = undefined;
    // Neither can fail, and nobody has to wait for them: they end what keeps the process alive.
    void this.#informer.stop();
    void this.#client.close();
  }

  explain(): ReturnType<Discovery['explain']> {
    const where = `Service ${this.#service} in namespace ${this.#namespace}`;
    if (!this.#informer.hasSynced) {
      const reason = this.#informer.health.lastError?.message ?? 'it has not answered yet';
      return { found: 'no-source', text: `the EndpointSlices of ${where} cannot be read: ${reason}` };
    }
    if (this.#informer.store.size === 0) {
      return { found: 'no-service', text: `there are no EndpointSlices of a ${where}: is there a MediaCluster ${this.#service} in that namespace?` };
    }
    return { found: 'no-endpoints', text: `${where} has no endpoints: its pods are not there yet, or it has no port named rope` };
  }

  /** A list replaces the whole store object by object, and a pod may move between two slices: one list for all that comes at once. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      // The first change is told when all of the first list is in the store: nothing merely has not come yet.
      const endpoints = endpointsOf(this.#informer.store.list());
      const text = JSON.stringify(endpoints);
      if (text === this.#last) return;
      this.#last = text;
      this.#emit?.(endpoints);
    });
  }
}
