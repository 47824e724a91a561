/** The packets in the lines of a text: one in each line, or dumps over several of them. */
import { createInterface } from 'node:readline';
import type { DecodedText } from '../decoded-text.ts';
import { dumpLine } from './hex-dump.ts';
import { dumpText, lineText } from './line-text.ts';

/** Octets of a dump at most; what is longer is taken for the end of it. */
const MOST_OCTETS = 262_144;

/** What each packet says. Empty lines, and those that begin with #, are skipped. */
export async function* packetTexts(input: NodeJS.ReadableStream): AsyncGenerator<DecodedText> {
  let dump: Uint8Array[] = [];
  let size = 0;
  const dumped = (): DecodedText[] => {
    const texts = size === 0 ? [] : [dumpText(Buffer.concat(dump))];
    dump = [];
    size = 0;
    return texts;
  };
  for await (const line of packetLines(input)) {
    const part = dumpLine(line);
    if (part !== undefined && (part.offset === 0 || (size > 0 && part.offset === size)) && size < MOST_OCTETS) {
      if (part.offset === 0) {
        yield* dumped();
      }
      dump.push(part.octets);
      size += part.octets.length;
      continue;
    }
    yield* dumped();
    yield lineText(line);
  }
  yield* dumped();
}

/** Lines of a text that hold a packet. */
export async function* packetLines(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of createInterface({ input })) {
    const hex = line.trim();
    if (hex !== '' && !hex.startsWith('#')) {
      yield hex;
    }
  }
}
