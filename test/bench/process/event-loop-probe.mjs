/**
 * Loaded into the process under test by `--event-loop`: the delay of its event loop from one SIGUSR2 to the next, written to the file of
 * EVENT_LOOP_FILE. It wakes the process every 10 ms, so it is not there unless asked for.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
let measuring = false;

process.on('SIGUSR2', () => {
  measuring = !measuring;
  if (measuring) {
    delay.reset();
    delay.enable();
  } else {
    delay.disable();
    const milliseconds = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(milliseconds);
    writeFileSync(process.env.EVENT_LOOP_FILE, JSON.stringify({ p50, p99, max }));
  }
});
