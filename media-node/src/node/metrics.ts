import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

import type { Answer } from './admin-server.ts';

/** A number that is read when Prometheus asks, by label values. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  /** The name of its one label; without it `read()` gives a single number. */
  readonly label?: string;
  read(): number | Readonly<Record<string, number>>;
}

/** What a node exposes at `/metrics`: its process, and whatever it is handed. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(sources: readonly GaugeSource[]) {
    collectDefaultMetrics({ register: this.#registry });
    for (const { name, help, label, read } of sources) {
      new Gauge({
        name,
        help,
        labelNames: label === undefined ? [] : [label],
        registers: [this.#registry],
        collect() {
          const value = read();
          this.reset();
          if (typeof value === 'number') this.set(value);
          else for (const [key, number] of Object.entries(value)) this.set({ [label as string]: key }, number);
        },
      });
    }
  }

  async answer(): Promise<Answer> {
    return { status: 200, type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
