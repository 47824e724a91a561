/** What the columns mean, below the table. */
import { availableParallelism, loadavg } from 'node:os';

const OF_ONE = [
  'messages/s  of all three processes together: load generator, gateway, broker',
  'lost        began and did not come to their end, or were acknowledged and never arrived; again: requests that had to be repeated',
  'CPU µs      user and system time of all threads of the gateway for one message, after a warm-up: the figure to compare',
  '× relay     CPU µs (p99) by that of the relay, a few dozen lines in Node.js that pass each frame on, in the same run',
  'MiB         resident memory of the gateway: before the load, with it at its end, and after the clients have left',
  'busy %      processor time of the gateway by real time; 100 is one core',
];

const OF_TWO = [
  'ratio       this build by the baseline in the same round: median (least – greatest); below 1 is less',
  'CPU µs      user and system time of all threads of the gateway for one message, after a warm-up: the figure to compare',
  'MiB         resident memory of the gateway at the end of the load',
];

/**
 * @param {{ baseline?: string, target?: object }} options
 * @param {number} loadBefore of the machine, before the benchmark began
 */
export function legend({ baseline, target }, loadBefore) {
  const cores = availableParallelism();
  const load = Math.max(loadBefore, loadavg()[0] ?? 0);
  return [
    '',
    ...(baseline === undefined ? OF_ONE : OF_TWO),
    ...(target !== undefined && target.pid === undefined
      ? ['–           not known: without --pid nothing is read of that process']
      : []),
    'More: test/bench/README.md',
    ...(load > cores ? [busy(load, cores)] : []),
  ];
}

function busy(load, cores) {
  return `This machine had more to do than it has cores (load ${load.toFixed(1)}, ${cores} ${cores === 1 ? 'core' : 'cores'}): messages/s and times mean little; compare CPU µs.`;
}
