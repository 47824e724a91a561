/** Hexadecimal in texts that have something else in them as well: dumps, lines of a log. Pure. */

/** A line of a dump: where it begins in its packet, and its octets. */
export interface DumpLine {
  readonly offset: number;
  readonly octets: Uint8Array;
}

/** Octets in a line at most: 16 as a rule, 32 with `xxd -c 32`. */
const MOST_IN_LINE = 32;

/**
 * A line of `xxd`, `hexdump -C` or `tshark -x`: an offset, octets, and characters that are left out; undefined where it is none. What has an offset and
 * nothing behind it (the last line of `hexdump`) is one without octets.
 */
export function dumpLine(line: string): DumpLine | undefined {
  const [, digits = '', colon, rest = ''] = /^\s*([0-9a-f]{4,8})(:?)(?:\s+(.*))?$/i.exec(line) ?? [];
  const isOffset = digits !== '' && (colon === ':' || /^\s*\S+(\s\s|$)/.test(line));
  if (!isOffset) {
    return undefined;
  }
  // Characters stand behind |, behind two spaces (xxd), or behind three (tshark): a gap of two is in the middle of a line of hexdump.
  const [hex = ''] = rest.split(colon === ':' ? /\s{2,}|\|/ : /\s{3,}|\|/);
  const words = hex
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (!words.every((word) => /^([0-9a-f]{2})+$/i.test(word))) {
    return undefined;
  }
  const octets = Buffer.from(words.join(''), 'hex');
  const offset = Number.parseInt(digits, 16);
  const isLine = octets.length <= MOST_IN_LINE && (octets.length > 0 || offset > 0);
  return isLine ? { offset, octets } : undefined;
}

/** Runs of hexadecimal octets in a line of any log, the longest first. */
export function hexRuns(line: string): Uint8Array[] {
  const runs =
    line.match(/(?<![0-9a-z])(?:0x|\\x)?[0-9a-f]{2}(?:[\s:,-]{0,2}(?:0x|\\x)?[0-9a-f]{2})+(?![0-9a-z])/gi) ?? [];
  return runs
    .map((run) => Buffer.from(run.replaceAll(/0x|\\x|[^0-9a-f]/gi, ''), 'hex'))
    .sort((one, other) => other.length - one.length);
}
