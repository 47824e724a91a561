/** What the process takes, under the names that all Prometheus clients use, where the library counts it otherwise: only from the first question on, or dearly. */
import { alone, type Family } from './family.ts';
import { openFiles } from './open-files.ts';

const MICROSECONDS = 1e6;

export const PROCESS_FAMILIES: readonly Family[] = [
  {
    type: 'counter',
    name: 'process_cpu_user_seconds_total',
    help: 'Total user CPU time spent in seconds.',
    labels: [],
    samples: () => alone(process.cpuUsage().user / MICROSECONDS),
  },
  {
    type: 'counter',
    name: 'process_cpu_system_seconds_total',
    help: 'Total system CPU time spent in seconds.',
    labels: [],
    samples: () => alone(process.cpuUsage().system / MICROSECONDS),
  },
  {
    type: 'counter',
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    labels: [],
    samples: () => {
      const { user, system } = process.cpuUsage();
      return alone((user + system) / MICROSECONDS);
    },
  },
  {
    type: 'gauge',
    name: 'process_open_fds',
    help: 'Number of open file descriptors.',
    labels: [],
    samples: () => {
      const open = openFiles(performance.now());
      return open === undefined ? [] : alone(open);
    },
  },
];
