import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Metric } from 'prom-client';

import type { Answer } from './admin-server.ts';

type Labels = Readonly<Record<string, string>>;

/** A number that is read when Prometheus asks, by label values. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  /** The name of its one label; without it `read()` gives a single number. */
  readonly label?: string;
  read(): number | Readonly<Record<string, number>>;
}

/** Numbers that only grow and are counted elsewhere. */
export interface CounterSource {
  readonly type: 'counter';
  /** Ends in `_total`. */
  readonly name: string;
  readonly help: string;
  read(): readonly { readonly labels: Labels; readonly value: number }[];
}

/** How long things took, counted elsewhere. */
export interface HistogramSource {
  readonly type: 'histogram';
  /** Ends in the unit, `_seconds`. */
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, ascending, in the unit. */
  readonly bounds: readonly number[];
  /** `buckets` has for each bound how many lie at or below it and above the one before. */
  read(): readonly { readonly labels: Labels; readonly buckets: readonly number[]; readonly count: number; readonly sum: number }[];
}

export type MetricSource = GaugeSource | CounterSource | HistogramSource;

interface Value {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/** What a node exposes at `/metrics`: its process, and whatever it is handed. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(sources: readonly MetricSource[]) {
    collectDefaultMetrics({ register: this.#registry });
    for (const source of sources) {
      if (!('type' in source)) this.#gauge(source);
      else if (source.type === 'counter') this.#asCounted(source, () => source.read());
      else this.#asCounted(source, () => source.read().flatMap(one => valuesOf(source, one)));
    }
  }

  async answer(): Promise<Answer> {
    return { status: 200, type: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #gauge({ name, help, label, read }: GaugeSource): void {
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

  /** prom-client's own counters and histograms count themselves; these are told what was counted. */
  #asCounted({ name, help, type }: CounterSource | HistogramSource, values: () => readonly Value[]): void {
    const metric = { name, get: async () => ({ name, help, type, values: values(), aggregator: 'sum' }) };
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}

/** Prometheus' form of a histogram: each bucket holds those below it too. */
function valuesOf({ name, bounds }: HistogramSource, { labels, buckets, count, sum }: ReturnType<HistogramSource['read']>[number]): Value[] {
  let below = 0;
  return [
    ...bounds.map((bound, index) => ({ metricName: `${name}_bucket`, labels: { ...labels, le: String(bound) }, value: (below += buckets[index]!) })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
