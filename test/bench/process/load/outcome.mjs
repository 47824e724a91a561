/**
 * What a load has found, as it is told to the main process.
 * @param {import('./meter.mjs').Meter} meter
 * @param {import('./latencies.mjs').Latencies} latencies
 * @param {{ messages: number, lost: number, repeated?: number, twice?: number }} counts `messages`: those that the meter has seen
 */
export function outcome(meter, latencies, { messages, lost, repeated = 0, twice = 0 }) {
  return {
    ...{ messages, lost, repeated, twice },
    seconds: meter.seconds,
    cpu: meter.cpu,
    ownCpu: meter.ownCpu,
    rssWith: meter.rss,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    max: latencies.max,
  };
}
