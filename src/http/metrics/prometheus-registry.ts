/** The library: the only file that knows it. It gets the values when somebody asks, and writes them in the format of Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DistributionSample, Family } from './family.ts';
import type { Scrape } from './scrape.ts';

/**
 * What the library knows of the process. Not all of it: it counts processor time only from when it was loaded, to count handles and open files it looks
 * at every socket, some of its names are none that Prometheus takes, and its delay of the event loop wakes the process a hundred times in a second and
 * forgets what one of two scrapers has seen.
 */
const OF_THE_PROCESS = [
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_max_fds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_version_info',
  'nodejs_gc_duration_seconds',
];

/** The longest that a timer of Node takes, in milliseconds: the library's own look at the event loop never comes. */
const NEVER = 2 ** 31 - 1;

/** One for all gateways in this process: the library begins to listen to the garbage collector, and never stops. */
let ofTheProcess: Registry | undefined;

/** Metrics that are made when they are asked for. */
export class PrometheusRegistry {
  readonly #registry = new Registry();
  #scrape: Scrape | undefined;

  /** `families`: what is told of the gateway. Throws an `Error` where two have one name, or a name is none. */
  constructor(families: readonly Family[]) {
    for (const family of families) {
      this.#add(family);
    }
    for (const name of OF_THE_PROCESS) {
      const metric = processMetrics().getSingleMetric(name);
      if (metric !== undefined) {
        this.#registry.registerMetric(metric);
      }
    }
  }

  /** Content type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(scrape: Scrape): Promise<string> {
    this.#scrape = scrape;
    return this.#registry.metrics();
  }

  #add(family: Family): void {
    const { name, help, labels: labelNames } = family;
    const described = { name, help, labelNames: [...labelNames], registers: [this.#registry] };
    const take = <T>(samples: (scrape: Scrape) => Iterable<T>) => (this.#scrape ? [...samples(this.#scrape)] : []);
    if (family.type === 'histogram') {
      new TakenHistogram(described, () => take(family.samples).flatMap((sample) => valuesOf(name, sample)));
    } else if (family.type === 'counter') {
      new TakenCounter(described, () => take(family.samples));
    } else {
      new TakenGauge(described, () => take(family.samples));
    }
  }
}

type Values = Awaited<ReturnType<Histogram['get']>>['values'];
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registers: Registry[];
}

/*
 * Metrics whose values are counted elsewhere, and taken whole when somebody asks. The library would have them told one by one, and look each up by its
 * labels, which is most of what an answer takes. `#empty` says what any metric of this name says, but for its values.
 */

class TakenCounter extends Counter {
  readonly #empty: Counter;
  readonly #values: () => Values;

  constructor(described: Described, values: () => Values) {
    super(described);
    this.#empty = new Counter({ ...described, registers: [] });
    this.#values = values;
  }

  override async get(): ReturnType<Counter['get']> {
    return { ...(await this.#empty.get()), values: this.#values() };
  }
}

class TakenGauge extends Gauge {
  readonly #empty: Gauge;
  readonly #values: () => Values;

  constructor(described: Described, values: () => Values) {
    super(described);
    this.#empty = new Gauge({ ...described, registers: [] });
    this.#values = values;
  }

  override async get(): ReturnType<Gauge['get']> {
    return { ...(await this.#empty.get()), values: this.#values() };
  }
}

class TakenHistogram extends Histogram {
  readonly #empty: Histogram;
  readonly #values: () => Values;

  constructor(described: Described, values: () => Values) {
    super(described);
    this.#empty = new Histogram({ ...described, registers: [] });
    this.#values = values;
  }

  override async get(): ReturnType<Histogram['get']> {
    return { ...(await this.#empty.get()), values: this.#values() };
  }

  /** What the library asks a histogram for where it writes text. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }
}

function valuesOf(name: string, { labels, distribution }: DistributionSample): Values {
  const { bounds, counts, sum } = distribution;
  let count = 0;
  const buckets = counts.map((more, n) => {
    count += more;
    const bound = bounds[n];
    const le = bound === undefined ? '+Inf' : seconds(bound);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: seconds(sum) },
    { metricName: `${name}_count`, labels: { ...labels }, value: count },
  ];
}

/** Of milliseconds; 2.5 ms are 0.0025 s, and not 0.0025000000000000001. */
function seconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toPrecision(12));
}

function processMetrics(): Registry {
  if (ofTheProcess === undefined) {
    ofTheProcess = new Registry();
    collectDefaultMetrics({ register: ofTheProcess, eventLoopMonitoringPrecision: NEVER });
  }
  return ofTheProcess;
}
