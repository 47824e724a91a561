/** What the rounds have found, as lines for people. */
import { availableParallelism, cpus } from 'node:os';
import { YARDSTICK } from './measurements.mjs';

/**
 * @typedef {{ readonly name: string, readonly unit: 'ns' | 'KiB', readonly rounds: readonly (readonly number[])[] }} Row
 *   `rounds`: for each round the figures of the builds, this one first
 */

/**
 * One build: whole figures, and how they compare with the decoding of one message.
 * @param {readonly Row[]} rows
 */
export function tableOfOne(rows) {
  const yardstick = medianOf(rows.find(({ name }) => name === YARDSTICK).rounds, 0);
  return rows.map(({ name, unit, rounds }) => {
    const figure = medianOf(rounds, 0);
    return line(
      name,
      cell(figure, unit),
      unit === 'ns' ? `${(figure / yardstick).toFixed(1).padStart(8)} × decode` : '',
    );
  });
}

/**
 * This build and the baseline. A ratio is of two figures of the same round.
 * @param {readonly Row[]} rows
 */
export function tableOfTwo(rows) {
  const compared = rows.filter(({ name }) => name !== YARDSTICK); // too short to be compared
  return [
    line('', 'baseline'.padStart(10), 'this'.padStart(10), '   ratio  (min – max)'),
    ...compared.map(({ name, unit, rounds }) => {
      const ratios = rounds.map(([here, there]) => here / there);
      const spread = `(${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)})`;
      const ratio = median(ratios).toFixed(2).padStart(8);
      return line(name, cell(medianOf(rounds, 1), unit), cell(medianOf(rounds, 0), unit), ratio, ` ${spread}`);
    }),
  ];
}

/** How the figures were made, and on what machine. */
export function circumstances({ rounds, messages }) {
  const { version, platform, arch } = process;
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${messages} messages; ${machine}, Node.js ${version}, ${platform} ${arch}`;
}

function line(name, ...cells) {
  return [name.padEnd(42), ...cells].join(' ').trimEnd();
}

function cell(figure, unit) {
  return `${figure.toFixed(unit === 'ns' ? 0 : 1)} ${unit.padEnd(3)}`.padStart(10);
}

function medianOf(rounds, build) {
  return median(rounds.map((figures) => figures[build]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
