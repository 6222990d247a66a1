import type { Discovery, Endpoint } from './discovery.ts';

/** Nodes whose addresses are known: a fixed list, all of them ready. */
export class StaticDiscovery implements Discovery {
  readonly #endpoints: readonly Endpoint[];
  #stopped = false;

  constructor(urls: Iterable<string>) {
    this.#endpoints = [...new Set(urls)].map(url => ({ url, ready: true }));
  }

  start(emit: (endpoints: readonly Endpoint[]) => void): void {
    queueMicrotask(() => {
      if (!this.#stopped) emit(this.#endpoints);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  explain(): { found: 'no-endpoints'; text: string } {
    return { found: 'no-endpoints', text: 'the list of node URLs is empty' };
  }
}
