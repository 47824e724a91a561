import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Of the kernel's clock in /proc, whatever the machine: USER_HZ. */
const MICROSECONDS_A_TICK = 10_000;

/**
 * What the process under test takes between `begin` and `end`; several such spans add up. User and system time of all its threads, to 10 ms, or to
 * microseconds where it is to be fine.
 */
export class Meter {
  seconds = 0;
  /** Microseconds of the process under test; NaN where its id is not known. */
  cpu = 0;
  /** Microseconds of this process. */
  ownCpu = 0;
  /** Octets at the end of the last span. */
  rss = Number.NaN;
  #pid;
  #probe;
  #cpuOf;
  #start;

  /** `probe`: the process has the probe of the event loop, which hears a signal. `fine`: no thread of it ends while it is measured. */
  constructor(pid, probe = false, fine = false) {
    this.#pid = pid;
    this.#probe = probe;
    this.#cpuOf = fine ? fineCpuOf : cpuOf;
  }

  begin() {
    this.#signal();
    this.#start = { cpu: this.#cpuOf(this.#pid), own: ownCpu(), at: performance.now() };
  }

  end() {
    this.seconds += (performance.now() - this.#start.at) / 1000;
    this.cpu += this.#cpuOf(this.#pid) - this.#start.cpu;
    this.ownCpu += ownCpu() - this.#start.own;
    this.rss = rssOf(this.#pid);
    this.#signal();
  }

  #signal() {
    if (this.#probe && this.#pid !== undefined) {
      process.kill(this.#pid, 'SIGUSR2');
    }
  }
}

/** Microseconds that a process has had so far. */
export function cpuOf(pid) {
  if (pid === undefined) {
    return Number.NaN;
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * MICROSECONDS_A_TICK;
}

/** The same, without what threads had that have ended; where the kernel does not count that finely, as above. */
function fineCpuOf(pid) {
  if (pid === undefined) {
    return Number.NaN;
  }
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
  } catch {
    return cpuOf(pid);
  }
}

/** Octets of memory that a process has now. */
export function rssOf(pid) {
  if (pid === undefined) {
    return Number.NaN;
  }
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

function ownCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
