/** The packets in the lines of a text: one in each line, or dumps over several of them. */
import { boundedLines } from '../bounded-lines.ts';
import type { DecodedText } from '../decoded-text.ts';
import { dumpLine } from './hex-dump.ts';
import { dumpText, lineText } from './line-text.ts';

/** Octets of a dump at most; what is longer is taken for the end of it. */
const MOST_OCTETS = 262_144;
/** Octets of a line at most: more than the longest message has, however it is written. */
const MOST_LINE = 1_048_576;

class LineTooLongError extends Error {}

/** What each packet says. Empty lines, and those that begin with #, are skipped. */
export async function* packetTexts(input: AsyncIterable<Buffer | string>): AsyncGenerator<DecodedText> {
  let isEmpty = true;
  try {
    for await (const text of textsOf(input)) {
      isEmpty = false;
      yield text;
    }
  } catch (error) {
    if (!(error instanceof LineTooLongError)) {
      throw error;
    }
    isEmpty = false;
    yield { text: error.message, isMessage: false };
  }
  if (isEmpty) {
    yield { text: 'no packet is in it', isMessage: false };
  }
}

async function* textsOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<DecodedText> {
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
export async function* packetLines(input: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const tooLong = () => new LineTooLongError(`a line has more than ${MOST_LINE} octets: that is no text with packets`);
  for await (const line of boundedLines(input, MOST_LINE, tooLong)) {
    const hex = line.toString('utf8').trim();
    if (hex !== '' && !hex.startsWith('#')) {
      yield hex;
    }
  }
}
