/** All rounds, and their findings as the rows of a table. */
import { FEW, MANY, measurementsOf, YARDSTICK } from './measurements.mjs';
import { runRound } from './run-round.mjs';

/**
 * Measures some builds against each other, or one alone.
 * @param {readonly string[]} directories checkouts that have been built
 * @param {{ rounds: number, messages: number }} options
 * @returns {Promise<import('./tables.mjs').Row[]>}
 * @throws {Error} where a build cannot be measured
 */
export async function runRounds(directories, { rounds, messages }) {
  const rows = new Map(rowNames().map((name) => [name, { name, unit: 'ns', rounds: [] }]));
  const heap = { name: 'heap for each connected client', unit: 'KiB', rounds: [] };
  for (let round = 0; round < rounds; round++) {
    if (process.stderr.isTTY) {
      process.stderr.write(`round ${round + 1} of ${rounds}\r`);
    }
    for (const clients of [FEW, MANY]) {
      const { nanoseconds, heapPerClient } = await runRound(directories, { clients, messages, round });
      for (const [name, figures] of nanoseconds) {
        rows.get(rowName(name, clients)).rounds.push(figures);
      }
      if (clients === MANY) {
        heap.rounds.push(heapPerClient.map((octets) => octets / 1024));
      }
    }
  }
  return [...rows.values(), heap];
}

/** The same measurement with few and with many clients, one below the other. */
function rowNames() {
  const names = measurementsOf(FEW).flatMap((name) => [rowName(name, FEW), rowName(name, MANY)]);
  return [...new Set(names)];
}

function rowName(name, clients) {
  return name === YARDSTICK ? name : `${name}, ${clients} clients`;
}
