/** How commands print what a gateway says. */
import { escapedText } from '../../codec/quoted-text.ts';

/** Columns of what is no terminal. */
const WIDE = 10_000;

/** Columns that a table may have: those of the terminal; no bound for a file or another program. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? (process.stdout.columns ?? 80) : WIDE;
}

/** JSON with a newline behind it, over several lines; nothing in it can move a cursor. */
export function jsonText(value: unknown): string {
  // Line feeds of the lay-out are the only ones: JSON has escaped those of texts.
  return `${JSON.stringify(value, undefined, 2).split('\n').map(escapedText).join('\n')}\n`;
}
