/** Tables for a terminal. Pure. */
import { escapedText } from '../codec/quoted-text.ts';

/** One column: its heading, and how it is set. */
export interface Column {
  readonly heading: string;
  /** Numbers. */
  readonly right?: true;
  /** Where the line is too long it may be cut, down to this many characters. */
  readonly least?: number;
}

const GAP = 2;

/** Rows of texts that may come from anybody below their headings, no line longer than `width` where the columns can be cut so far. Ends with a newline. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const lines = [columns.map(({ heading }) => heading), ...rows.map((row) => row.map((cell) => escapedText(cell)))];
  const widths = fitted(
    columns,
    columns.map((_, at) => lines.reduce((most, cells) => Math.max(most, lengthOf(cells[at] ?? '')), 0)),
    width,
  );
  return lines
    .map((cells) => {
      const set = columns.map(({ right }, at) => {
        const text = cut(cells[at] ?? '', widths[at] ?? 0);
        const space = ' '.repeat((widths[at] ?? 0) - lengthOf(text));
        return right ? `${space}${text}` : `${text}${space}`;
      });
      return `${set.join(' '.repeat(GAP)).trimEnd()}\n`;
    })
    .join('');
}

/** Names and values, one below the other. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => lengthOf(name)));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${escapedText(value)}\n`).join('');
}

/** Takes from the widest column that can give, one character after the other. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1) - width;
  while (excess > 0) {
    let widest: number | undefined;
    columns.forEach(({ least }, at) => {
      const can = least !== undefined && (widths[at] ?? 0) > least;
      if (can && (widest === undefined || (widths[at] ?? 0) > (widths[widest] ?? 0))) {
        widest = at;
      }
    });
    if (widest === undefined) {
      break;
    }
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`;
}
