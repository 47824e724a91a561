/**
 * The options of a command as one table: what yargs declares, the types of the values, and what the values must be all follow from it.
 * `command.options(table)` declares them, `OptionValues<typeof table>` is what comes out, `checkOptions` checks it.
 */
import type { InferredOptionTypes, Options } from 'yargs';

/** One option: what yargs is told, and what yargs cannot check. */
export interface OptionDescription extends Options {
  /** Smallest and largest whole number; of a list, of each number in it. */
  readonly whole?: readonly [min: number, max: number];
  /** A number of seconds, fractions included: above 0, or 0 as well. */
  readonly seconds?: 'above 0' | 'from 0';
  /** A text, or each text of a list, that has to have something in it. */
  readonly notEmpty?: true;
}

/** Options by name, without the dashes. */
export type OptionTable = Readonly<Record<string, OptionDescription>>;

/** What yargs makes of the options of a table, by name. */
export type OptionValues<Table extends OptionTable> = Readonly<InferredOptionTypes<Table>>;

/** The options are wrong, or fit together badly: one line for the user, exit code 2. */
export class OptionProblem extends Error {
  override readonly name = 'OptionProblem';
}

/** Throws `OptionProblem` for the first option of the table whose value is not what the table says. Absent ones are right. */
export function checkOptions(table: OptionTable, values: Readonly<Record<string, unknown>>): void {
  for (const [name, description] of Object.entries(table)) {
    const given = values[name];
    for (const value of Array.isArray(given) ? given : [given]) {
      const expected = value === undefined ? undefined : unmet(description, value);
      if (expected !== undefined) {
        throw new OptionProblem(`--${name} must ${expected}`);
      }
    }
  }
}

/** What a value must be and is not; completes "must …". */
function unmet({ whole, seconds, notEmpty }: OptionDescription, value: unknown): string | undefined {
  if (whole !== undefined) {
    const [min, max] = whole;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    return fits ? undefined : `be a whole number from ${min} to ${max}`;
  }
  if (seconds !== undefined) {
    const fits = typeof value === 'number' && (seconds === 'above 0' ? value > 0 : value >= 0);
    return fits ? undefined : `be a number of seconds${seconds === 'above 0' ? ' above 0' : ''}`;
  }
  return notEmpty && value === '' ? 'not be empty' : undefined;
}
