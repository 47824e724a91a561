/** `decode`: what the octets of a packet say, for people with a sniffer. */
import { createInterface } from 'node:readline';
import type { Argv, CommandModule } from 'yargs';
import type { CommandFacts } from './command-line.ts';
import { decodedText } from './decoded-text.ts';

/** Prints each frame; the exit code is 1 where one of them is not a message. */
export const decodeCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  missing:
    'decode which packet? Give its octets in hexadecimal, such as: decode 02 16, or - to read packets from standard input',
  command: 'decode <hex..>',
  describe: 'Show what MQTT-SN packets say',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 decode <hex..>\n\nShows what one MQTT-SN packet says, given in hexadecimal with or without spaces, colons, commas or 0x.',
      )
      .positional('hex', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Octets of one packet; - reads one packet from each line of standard input',
      })
      .example('$0 decode 0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31', 'The fields of a CONNECT')
      .example('$0 decode 05fe0012340216', 'A message from a forwarder, and what it carries')
      .example('$0 decode - < packets.txt', 'One packet in each line; empty lines and lines with # are skipped'),
  handler: async (values) => {
    const given = values.hex as readonly string[];
    let allMessages = true;
    // yargs leaves a single - out of the list
    for await (const hex of given.length === 0 ? packetLines(process.stdin) : [given.join(' ')]) {
      const { text, isMessage } = decodedText(hex);
      // No further packet is read before this one is out, or lost with its reader.
      await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
      allMessages &&= isMessage;
    }
    if (!allMessages) {
      process.exitCode = 1;
    }
  },
};

/** Lines of a text that hold a packet. */
export async function* packetLines(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of createInterface({ input })) {
    const hex = line.trim();
    if (hex !== '' && !hex.startsWith('#')) {
      yield hex;
    }
  }
}
