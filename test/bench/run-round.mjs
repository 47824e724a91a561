/**
 * One round: new processes, one for each build, that measure by turns in slices of some milliseconds. What slows the machine down for
 * longer than that slows all of them down.
 */
import { MeasuredBuild } from './measured-build.mjs';
import { measurementsOf } from './measurements.mjs';

/** Even, so that each build comes first as often as the other. */
export const SLICES = 20;
/** Slices of everything that run before any counts. */
const WARM_UP = SLICES / 2;

/**
 * Measures everything once.
 * @param {readonly string[]} directories checkouts that have been built
 * @param {{ clients: number, messages: number, round: number }} options `messages`: for each measurement, a multiple of `SLICES`;
 *   `round`: its number
 * @returns {Promise<{ nanoseconds: Map<string, number[]>, heapPerClient: number[] }>} for each directory: nanoseconds for one message, by
 *   the name of the measurement, and octets of heap
 */
export async function runRound(directories, { clients, messages, round }) {
  const builds = directories.map((directory) => new MeasuredBuild(directory, clients));
  try {
    await Promise.all(builds.map((build) => build.ready()));
    const names = measurementsOf(clients);
    const request = (name) => ({ name, messages: messages / SLICES });
    for (let slice = 0; slice < WARM_UP; slice++) {
      for (const name of names) {
        await measureByTurns(builds, request(name), round + slice);
      }
    }
    const nanoseconds = new Map();
    for (const name of names) {
      const sums = builds.map(() => 0);
      for (let slice = 0; slice < SLICES; slice++) {
        const times = await measureByTurns(builds, request(name), round + slice);
        times.forEach((time, build) => {
          sums[build] += time;
        });
      }
      nanoseconds.set(
        name,
        sums.map((sum) => sum / messages),
      );
    }
    return { nanoseconds, heapPerClient: builds.map(({ heapPerClient }) => heapPerClient) };
  } finally {
    await Promise.all(builds.map((build) => build.end()));
  }
}

/** A B, and B A the next time. */
async function measureByTurns(builds, request, time) {
  const times = [];
  const order = time % 2 === 0 ? builds : builds.toReversed();
  for (const build of order) {
    times[builds.indexOf(build)] = await build.measure(request);
  }
  return times;
}
