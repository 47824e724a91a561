/** `decode`: what the octets of a packet say, for people with a sniffer. */
import { readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Argv, CommandModule } from 'yargs';
import type { CommandFacts } from './command-line.ts';
import { isCapture } from './decode/capture-reader.ts';
import { captureTexts } from './decode/capture-text.ts';
import { lineText } from './decode/line-text.ts';
import { packetTexts } from './decode/packet-texts.ts';
import type { DecodedText } from './decoded-text.ts';

export { packetLines } from './decode/packet-texts.ts';

/** Longest file; editcap cuts longer ones. */
const MAX_FILE = 1024 * 1024 * 1024;

/** Ports of gateways: ours, those of others, and of old examples. */
const PORTS = [1884, 1883, 10_000];

/** Prints each frame; the exit code is 1 where one of them is not a message. */
export const decodeCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  missing:
    'decode which packet? Give its octets in hexadecimal, such as: decode 02 16, or - to read packets from standard input',
  command: 'decode <hex..>',
  describe: 'Show what MQTT-SN packets say: hexadecimal, dumps, lines of a log, capture files',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 decode <hex..>\n\nShows what one MQTT-SN packet says, given in hexadecimal with or without spaces, colons, commas or 0x; a line of a log that has one in it; or all of a file: a capture (pcap, pcapng), dumps (xxd, hexdump -C, tshark -x), lines.',
      )
      .positional('hex', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Octets of one packet, or a file; - reads packets from standard input',
      })
      .option('port', {
        type: 'number',
        array: true,
        nargs: 1,
        default: PORTS,
        describe: 'In a capture: UDP port of a gateway; may be repeated',
      })
      .option('verbose', {
        alias: 'v',
        type: 'boolean',
        default: false,
        describe: 'In a capture: each field on a line',
      })
      .check(({ port }) => {
        const ports = [port as number | readonly number[]].flat();
        if (ports.every((each) => Number.isInteger(each) && each >= 1 && each <= 65_535)) {
          return true;
        }
        throw new Error('--port must be a whole number from 1 to 65535');
      })
      .example('$0 decode 0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31', 'The fields of a CONNECT')
      .example('$0 decode 05fe0012340216', 'A message from a forwarder, and what it carries')
      .example('$0 decode site.pcapng', 'Each message in a capture')
      .example('$0 decode - < packets.txt', 'One packet in each line; empty lines and lines with # are skipped'),
  handler: async (values) => {
    const given = values.hex as readonly string[];
    const ports = [values.port as number | readonly number[]].flat();
    let allMessages = true;
    for await (const { text, isMessage } of decoded(given, ports, values.verbose === true)) {
      // No further packet is read before this one is out, or lost with its reader.
      await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
      allMessages &&= isMessage;
    }
    if (!allMessages) {
      process.exitCode = 1;
    }
  },
};

/** What is given says. */
async function* decoded(
  given: readonly string[],
  ports: readonly number[],
  verbose: boolean,
): AsyncGenerator<DecodedText> {
  const [first] = given;
  if (first === undefined) {
    yield* packetTexts(process.stdin); // yargs leaves a single - out of the list
  } else if (given.length === 1 && isFile(first)) {
    const file = contentOf(first);
    yield* isCapture(file) ? captureTexts(file, { ports, verbose }) : packetTexts(Readable.from([file]));
  } else {
    const text = lineText(given.join(' '));
    const missing = text.isMessage || given.length > 1 ? undefined : missingFile(first);
    yield missing === undefined ? text : { text: missing, isMessage: false };
  }
}

/** What is wrong with a word that is the name of a file rather than octets; undefined: it is no name, or nothing is. */
function missingFile(word: string): string | undefined {
  if (/\s/.test(word) || !/[\\/]|\.\w+$/.test(word)) {
    return undefined;
  }
  const found = statSync(word, { throwIfNoEntry: false });
  return `cannot read ${word}: ${found === undefined ? 'no such file' : 'it is no file'}`;
}

/** A word that can be octets is octets, though there is a file of this name. */
function isFile(word: string): boolean {
  return /[^0-9a-fx\s:,;{}\\-]/i.test(word) && statSync(word, { throwIfNoEntry: false })?.isFile() === true;
}

/** Throws an `Error` with a code where the file cannot be read. */
function contentOf(file: string): Buffer {
  if (statSync(file).size > MAX_FILE) {
    throw Object.assign(new Error(`${file} is longer than ${MAX_FILE} octets: editcap -c cuts a capture in pieces`), {
      code: 'EFBIG',
    });
  }
  return readFileSync(file);
}
