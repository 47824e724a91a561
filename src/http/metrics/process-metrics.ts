/** The library (prom-client): the only file that knows it. What it tells of the process, under the names that all its users have. */
import { collectDefaultMetrics, Registry } from 'prom-client';

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
let registry: Registry | undefined;

/** All that is told of the process, in the text format of Prometheus. */
export function processMetrics(): Promise<string> {
  registry ??= registryOfTheProcess();
  return registry.metrics();
}

/** Content type of the text. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

function registryOfTheProcess(): Registry {
  const made = new Registry();
  collectDefaultMetrics({ register: made, eventLoopMonitoringPrecision: NEVER });
  for (const { name } of made.getMetricsAsArray()) {
    if (!OF_THE_PROCESS.includes(name)) {
      made.removeSingleMetric(name);
    }
  }
  return made;
}
